"""Drills: the platform meets what breaks, bounded, with figures. script/drill runs them."""
