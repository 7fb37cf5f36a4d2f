"""How records arrive: feeds fetched as payloads, each parsed to a record."""
