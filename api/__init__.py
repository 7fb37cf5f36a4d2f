"""The public face: tiles, GeoJSON, one file per resource."""
