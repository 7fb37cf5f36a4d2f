"""One module and one TOML per feed; no Django, and no adapter knows another."""
