"""The schema ``analyst``: what the public may see of each layer, as views; a changed one is a new migration.

Each view has the name of its layer, a key ``id``, a geometry ``geom`` in EPSG:4326, and columns that stand
here one by one: what is not named is not public. A view leaves out what the layer's tiles leave out; of
reports it has also those without a point, whose geometry is null. The comments are the data dictionary.
"""

TIERS = {
    "kelurahan": ("Kelurahan in the edition in force", "code of the kecamatan above it"),
    "kecamatan": ("Kecamatan in the edition in force", "code of the kota above it"),
    "kota": ("Kota and kabupaten in the edition in force", "empty: the province is above it"),
}
SIMULATED = "true where the row comes from the simulated city"
STREET = "name of the street"

REPORTS = """
CREATE VIEW analyst.reports AS
SELECT report.id, report.point AS geom, report.category_id AS category, report.status, report.channel,
    report.public_text AS text, report.submitted_at, report.updated_at,
    report.kelurahan_code AS kelurahan, left(report.kelurahan_code, 8) AS kecamatan,
    left(report.kelurahan_code, 5) AS kota, report.placed_by, report.office_id AS office, report.simulated
FROM reports_report AS report
WHERE report.status <> 'withdrawn';
"""
BOUNDARIES = """
CREATE VIEW analyst.{level} AS
SELECT boundary.id, boundary.geom, boundary.code, boundary.name, boundary.parent_code AS parent,
    boundary.area_km2, ST_X(boundary.label) AS label_lon, ST_Y(boundary.label) AS label_lat,
    edition.name AS edition, edition.schematic
FROM boundaries_boundary AS boundary
JOIN boundaries_edition AS edition ON edition.id = boundary.edition_id
WHERE boundary.level = '{level}' AND edition.validity @> (now() AT TIME ZONE 'Asia/Jakarta')::date;
"""
ALERTS = """
CREATE VIEW analyst.alerts AS
SELECT alert.id, alert.point AS geom, alert.type, alert.subtype, alert.street, alert.reported_at,
    alert.reliability, alert.simulated
FROM layers_alert AS alert
WHERE alert.closed_at IS NULL;
"""
JAMS = """
CREATE VIEW analyst.jams AS
SELECT jam.id, jam.line AS geom, jam.level, jam.speed_kmh, coalesce(jam.delay_s, -1) AS delay_s,
    jam.length_m, jam.street, jam.reported_at, jam.simulated
FROM layers_jam AS jam
WHERE jam.closed_at IS NULL;
"""
IRREGULARITIES = """
CREATE VIEW analyst.irregularities AS
SELECT irregularity.id, irregularity.line AS geom, irregularity.type, irregularity.speed_kmh,
    irregularity.regular_speed_kmh, irregularity.delay_s, irregularity.length_m, irregularity.street,
    irregularity.reported_at, irregularity.simulated
FROM layers_irregularity AS irregularity
WHERE irregularity.closed_at IS NULL;
"""
POIS = """
CREATE VIEW analyst.{name} AS
SELECT poi.id, poi.point AS geom, poi.name, poi.brand, poi.kind,
    poi.attributes ->> 'opening_hours' AS opening_hours, poi.simulated
FROM layers_poi AS poi
WHERE poi.closed_at IS NULL AND poi.kind IN ({kinds});
"""
POIS_OF = {
    "petrol_stations": ("Petrol stations", "'fuel'"),
    "restaurants": ("Restaurants, fast food and cafes", "'restaurant', 'fast_food', 'cafe'"),
}
BOUNDARY_COLUMNS = {
    "id": "key of the boundary in this edition; its code is the same in the next one",
    "geom": "polygons, EPSG:4326",
    "code": "Kemendagri code, dotted",
    "name": "name of the kelurahan, kecamatan or kota",
    "area_km2": "area on the spheroid in square kilometres",
    "label_lon": "where a label may stand: longitude in degrees",
    "label_lat": "where a label may stand: latitude in degrees",
    "edition": "name of the edition that it belongs to",
    "schematic": "true where the outline is computed and not surveyed",
}
POI_COLUMNS = {
    "id": "key of this version of the place",
    "geom": "point, EPSG:4326",
    "name": "name on the sign, empty where unknown",
    "brand": "brand or chain, empty where unknown",
    "kind": "OpenStreetMap's value of amenity",
    "opening_hours": "as the source writes them; null where unknown",
    "simulated": SIMULATED,
}
TRAFFIC_COLUMNS = {
    "id": "key of this version",
    "street": STREET,
    "reported_at": "UTC instant of this version",
    "simulated": SIMULATED,
}
COMMENTS: dict[str, tuple[str, dict[str, str]]] = {
    "reports": (
        "Citizens' reports, withdrawn ones left out",
        {
            "id": "key of the report",
            "geom": "point, EPSG:4326; null where the citizen gave none",
            "category": "code of the kind of problem",
            "status": "waiting, in_progress or done",
            "channel": "where the citizen spoke",
            "text": "what the citizen wrote, without names, phones and addresses",
            "submitted_at": "UTC instant of the report",
            "updated_at": "UTC instant of its newest version",
            "kelurahan": "Kemendagri code of the kelurahan; null where the place is not known",
            "kecamatan": "code of the kecamatan",
            "kota": "code of the kota or kabupaten",
            "placed_by": "inside, nearest or declared; null where the place is not known",
            "office": "code of the office that answers; null where none is found",
            "simulated": SIMULATED,
        },
    ),
    "alerts": (
        "Drivers' alerts of the newest snapshot",
        TRAFFIC_COLUMNS
        | {
            "geom": "point, EPSG:4326",
            "type": "kind of alert, such as ACCIDENT or HAZARD, as Waze sends it",
            "subtype": "finer kind, empty where none was chosen",
            "reliability": "0 to 10, by Waze's own count",
        },
    ),
    "jams": (
        "Traffic jams of the newest snapshot",
        TRAFFIC_COLUMNS
        | {
            "geom": "line, EPSG:4326",
            "level": "0 free flow to 5 blocked",
            "speed_kmh": "present speed in km/h",
            "delay_s": "seconds lost against free flow; -1 where the road is blocked",
            "length_m": "length in metres",
        },
    ),
    "irregularities": (
        "Unusual traffic of the newest snapshot",
        TRAFFIC_COLUMNS
        | {
            "geom": "line, EPSG:4326",
            "type": "SMALL, MEDIUM, LARGE or HUGE",
            "speed_kmh": "present speed in km/h",
            "regular_speed_kmh": "usual speed at this hour in km/h",
            "delay_s": "seconds lost against the usual time",
            "length_m": "length in metres",
        },
    ),
    **{name: (title, POI_COLUMNS) for name, (title, _) in POIS_OF.items()},
    **{name: (title, BOUNDARY_COLUMNS | {"parent": parent}) for name, (title, parent) in TIERS.items()},
}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _comments() -> str:
    lines = []
    for view, (title, columns) in COMMENTS.items():
        lines.append(f"COMMENT ON VIEW analyst.{view} IS {_quoted(title)};")
        lines += [
            f"COMMENT ON COLUMN analyst.{view}.{name} IS {_quoted(said)};" for name, said in columns.items()
        ]
    return "\n".join(lines)


CREATE = "\n".join(
    (
        "CREATE SCHEMA analyst;",
        "COMMENT ON SCHEMA analyst IS 'What the public may see of each layer: read this, and nothing else';",
        REPORTS,
        *(BOUNDARIES.format(level=level) for level in TIERS),
        ALERTS,
        JAMS,
        IRREGULARITIES,
        *(POIS.format(name=name, kinds=kinds) for name, (_, kinds) in POIS_OF.items()),
        _comments(),
    )
)
DROP = "DROP SCHEMA analyst CASCADE;"
