"""Google Maps Engine v1: tables, features, layers and maps as its clients knew them until 2016.

docs/how-to/move-off-google-maps-engine.md shows old calls beside new ones, docs/reference/mapsengine.md
tells all.
"""
