"""The conformance classes that are declared: those that tests/api/test_ogc.py and test_filtering.py show."""

OGC = "http://www.opengis.net/spec/"
CLASSES = [
    *(f"{OGC}ogcapi-common-1/1.0/conf/{name}" for name in ("core", "json", "html", "oas30")),
    f"{OGC}ogcapi-common-2/1.0/conf/collections",
    *(f"{OGC}ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "html", "geojson")),
    f"{OGC}ogcapi-features-2/1.0/conf/crs",
    *(
        f"{OGC}ogcapi-features-3/1.0/conf/{name}"
        for name in ("filter", "features-filter", "queryables", "queryables-query-parameters")
    ),
    *(
        f"{OGC}cql2/1.0/conf/{name}"
        for name in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators",
            "case-insensitive-comparison", "basic-spatial-functions", "basic-spatial-functions-plus",
            "spatial-functions", "temporal-functions", "arithmetic", "property-property",
        )
    ),
    *(
        f"{OGC}ogcapi-tiles-1/1.0/conf/{name}"
        for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "geojson")
    ),
    *(f"{OGC}tms/2.0/conf/{name}" for name in ("tilematrixset", "json-tilematrixset")),
]  # fmt: skip
