"""What OGC API - Features and - Tiles say of the collections: landing page, conformance, tiles."""
