"""Open311 GeoReport v2: reports as service requests, categories as services; docs/reference/open311.md.

This is the side that reads; what is posted comes in by ``ingest/doors/submit.py``.
"""
