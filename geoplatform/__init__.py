"""The project: its top (settings, urls) and its floor (errors, sql, database); no domain."""
