"""The features of a collection, page by page and one by one (OGC API - Features)."""
