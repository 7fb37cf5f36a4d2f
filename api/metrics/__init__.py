"""Figures for those who run the platform, as Prometheus reads them."""
