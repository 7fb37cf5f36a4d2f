"""CQL2, text and JSON: what each operator selects, and what is refused and why."""

import json

import pytest
from django.db import connection
from psycopg import sql as compose

from api import collections, selection
from api.filtering.read import DEEPEST_TEXT, LONGEST_TEXT
from geoplatform.errors import InvalidRequest
from layers import intake
from layers.record import Jam, LonLat, Snapshot
from tests.conftest import MONAS, NOON

LINE = (LonLat(106.82, -6.17), LonLat(106.83, -6.18))
AREA = "POLYGON((106.82 -6.18,106.83 -6.18,106.83 -6.17,106.82 -6.17,106.82 -6.18))"


def chosen(collection: str, text: str, **more: str) -> list[int]:
    found = collections.find(collection)
    asked = {"filter": text, **{name.replace("_", "-"): value for name, value in more.items()}}
    where, values = selection.parse(found, asked).where()
    with connection.cursor() as cursor:
        cursor.execute(
            compose.SQL("SELECT id FROM {} WHERE {} ORDER BY id").format(found.table, where), values
        )
        return [id for (id,) in cursor.fetchall()]


@pytest.fixture
def reports(receive_one):
    """Two reports: a road at Monas that says ``Jalan 50% Rusak``, a flood 0.01 degrees east of it, done."""
    one = receive_one(description="Jalan 50% Rusak_di sini")
    two = receive_one(external_id="2", category="flood", point=LonLat(MONAS.lon + 0.01, MONAS.lat))
    return [one.id, two.id]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("category = 'flood'", [1]),
        ("'flood' = category", [1]),
        ("category <> 'flood'", [0]),
        ("category IN ('road', 'tree')", [0]),
        ("category NOT IN ('road', 'tree')", [1]),
        ("category = 'flood' OR category = 'road'", [0, 1]),
        ("category = 'flood' AND category = 'road'", []),
        ("category = 'road' AND NOT (status = 'done')", [0]),
        ("text LIKE 'Jalan 50\\% %'", [0]),
        ("text LIKE '%rusak%'", [1]),
        ("CASEI(text) LIKE CASEI('%RUSAK\\_DI%')", [0]),
        ("CASEI(category) = CASEI('FLOOD')", [1]),
        ("CASEI(category) IN (CASEI('FLOOD'), CASEI('x'))", [1]),
        ("text NOT LIKE '%50%'", [1]),
        ("office IS NULL", []),
        ("office IS NOT NULL", [0, 1]),
        ("simulated", []),
        ("NOT simulated", [0, 1]),
        ("simulated = false AND true", [0, 1]),
        ("category > 'g'", [0]),
        ("id BETWEEN 0 AND 1e18", [0, 1]),
        ("id * 2 / 2 = id + 1 - 1 AND id % 2 + id div 2 * 2 = id AND id ^ 1 = id", [0, 1]),
        ("-id < 0", [0, 1]),
        ("S_INTERSECTS(geom, BBOX(106.82,-6.18,106.83,-6.17))", [0]),
        (f"S_INTERSECTS(geom, {AREA})", [0]),
        (f"S_INTERSECTS({AREA}, geom)", [0]),
        ("S_INTERSECTS(geom, GEOMETRYCOLLECTION(POINT(106.8272 -6.1754), POINT(0 0)))", [0]),
        (f"S_DISJOINT(geom, {AREA})", [1]),
        (f"S_WITHIN(geom, {AREA})", [0]),
        (f"S_CONTAINS({AREA}, geom)", [0]),
        ("S_EQUALS(geom, POINT(106.8272 -6.1754))", [0]),
        ("S_TOUCHES(geom, LINESTRING(106.8272 -6.1754, 107 -6))", [0]),
        ("S_OVERLAPS(geom, MULTIPOINT((106.8272 -6.1754), (107 -6)))", []),
        ("S_CROSSES(geom, LINESTRING(106 -6, 107 -6))", []),
        ("submitted_at = TIMESTAMP('2026-05-14T05:00:00Z')", [0, 1]),
        ("submitted_at >= DATE('2026-05-15')", []),
        ("submitted_at BETWEEN DATE('2026-05-14') AND DATE('2026-05-15')", [0, 1]),
        ("T_AFTER(submitted_at, TIMESTAMP('2026-05-14T04:59:59Z'))", [0, 1]),
        ("T_AFTER(submitted_at, DATE('2026-05-14'))", []),
        ("T_BEFORE(submitted_at, TIMESTAMP('2026-05-14T05:00:00Z'))", []),
        ("T_DURING(submitted_at, INTERVAL('2026-05-14','2026-05-14'))", [0, 1]),
        ("T_DURING(submitted_at, INTERVAL('..','2026-05-14T05:00:00Z'))", []),
        ("T_INTERSECTS(submitted_at, INTERVAL('2026-05-14T05:00:00Z','..'))", [0, 1]),
        ("T_DISJOINT(submitted_at, DATE('2026-05-14'))", []),
        ("T_EQUALS(submitted_at, TIMESTAMP('2026-05-14T12:00:00+07:00'))", [0, 1]),
        ("T_STARTS(submitted_at, INTERVAL('2026-05-14T05:00:00Z','2026-05-15'))", [0, 1]),
        ("T_FINISHES(submitted_at, INTERVAL('2026-05-14','2026-05-14T05:00:00Z'))", [0, 1]),
        ("T_STARTEDBY(INTERVAL(submitted_at,'2026-05-15'), submitted_at)", [0, 1]),
        ("T_FINISHEDBY(INTERVAL('2026-05-14',submitted_at), submitted_at)", [0, 1]),
        ("T_MEETS(submitted_at, INTERVAL('2026-05-14T05:00:00Z','..'))", [0, 1]),
        ("T_METBY(submitted_at, INTERVAL('..','2026-05-14T05:00:00Z'))", [0, 1]),
        ("T_OVERLAPS(INTERVAL('2026-05-13',submitted_at), INTERVAL('2026-05-14','2026-05-15'))", [0, 1]),
        ("T_OVERLAPPEDBY(INTERVAL(submitted_at,'2026-05-16'), INTERVAL('2026-05-14','2026-05-15'))", [0, 1]),
        ("T_CONTAINS(INTERVAL('2026-05-14','2026-05-15'), submitted_at)", [0, 1]),
    ],
)  # fmt: skip
def test_a_filter_selects(reports, text, places):
    assert chosen("reports", text) == [reports[place] for place in places]


@pytest.mark.parametrize(
    ("tree", "places"),
    [
        ({"op": "=", "args": [{"property": "category"}, "flood"]}, [1]),
        ({"op": "and", "args": [{"op": "=", "args": [{"property": "simulated"}, False]}, True]}, [0, 1]),
        ({"op": "in", "args": [{"property": "category"}, ["road"]]}, [0]),
        ({"op": "s_intersects", "args": [{"property": "geom"}, {"bbox": [106, -7, 107, -6]}]}, [0, 1]),
        ({"op": "isNull", "args": [{"property": "office"}]}, []),
    ],
)  # fmt: skip
def test_json_says_the_same_as_text(reports, tree, places):
    assert chosen("reports", json.dumps(tree), filter_lang="cql2-json") == [reports[one] for one in places]


def test_numbers_are_compared_and_computed_with_where_a_column_is_null(city):
    jams = (
        Jam("1", 3, 8.5, 120, 900, "Jalan Sudirman", NOON, LINE, {}),
        Jam("2", 5, None, None, 90, "", NOON, LINE, {}),
    )
    intake.receive([Snapshot("waze", NOON, (), jams, (), ())], simulated=False)
    first, second = chosen("jams", "level > 0")
    assert chosen("jams", "speed_kmh IS NULL") == [second]
    assert chosen("jams", "length_m / speed_kmh > 100") == [first]
    assert chosen("jams", "length_m BETWEEN 90 AND 91 OR level = 3") == [first, second]
    assert chosen("jams", "S_CROSSES(geom, LINESTRING(106.82 -6.18, 106.83 -6.17))") == [first, second]


def test_a_filter_may_have_its_positions_in_other_systems(reports):
    epsg = "http://www.opengis.net/def/crs/EPSG/0/"
    assert (
        chosen("reports", "S_INTERSECTS(geom, BBOX(-6.18,106.82,-6.17,106.83))", filter_crs=f"{epsg}4326")
        == reports[:1]
    )
    utm = "S_INTERSECTS(geom, POLYGON((701900 9317000,702300 9317000,702300 9317300,701900 9317300,701900 9317000)))"  # noqa: E501
    assert chosen("reports", utm, filter_crs=f"{epsg}32748") == reports[:1]


def test_what_parameters_could_ask_is_asked_as_they_ask_it(city):
    found = collections.find("reports")
    text = "category IN ('road','tree') AND simulated = true AND S_INTERSECTS(geom, BBOX(1,2,3,4))"
    asked = selection.parse(found, {"filter": text, "category": "road,flood"})
    assert (asked.filter, dict(asked.words)) == (None, {"category": ("road",), "simulated": (True,)})
    assert asked.boxes == ((1, 2, 3, 4),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no CQL2 text"),
        ("category =", "is no CQL2 text at character"),
        ("category", "is no condition"),
        ("1 + 1", "is no condition"),
        ("author_hash = 'x'", "no property 'author_hash'"),
        ("category = 1", "compares values of one kind, and not string, number"),
        ("submitted_at > 'yesterday'", "compares values of one kind"),
        ("geom = geom", "compares values of one kind"),
        ("category + 1 = 2", "of what is no number"),
        ("CASEI(id) = 'x'", "which is no text"),
        ("category LIKE category", "compares a text with a pattern"),
        ("pg_sleep(10) = 1", "no function 'pg_sleep'"),
        ("ACCENTI(text) = 'x'", "no function 'accenti'"),
        ("A_CONTAINS(text, ('x'))", "no function 'a_contains'"),
        ("S_INTERSECTS(geom, POINT(200 0))", "positions that do not exist"),
        ("S_INTERSECTS(geom, BBOX(1,2,3,1))", "the lower corner comes first"),
        ("S_INTERSECTS(geom, POLYGON((0 0,1 1,1 0,0 1,0 0)))", "Self-intersection"),
        ("S_WITHIN(geom, GEOMETRYCOLLECTION(POINT(1 2)))", "of a collection it takes none"),
        ("S_INTERSECTS(geom, category)", "compares two geometries"),
        ("T_AFTER(submitted_at, category)", "compares two times"),
        ("submitted_at > TIMESTAMP('yesterday')", "timestamp 'yesterday' is no instant"),
        ("submitted_at > DATE('2026-02-30')", "date '2026-02-30' is no date"),
        ("id = 1e999", "cannot stand here"),
        ("(" * (DEEPEST_TEXT + 1) + "true" + ")" * (DEEPEST_TEXT + 1), "brackets more than"),
        ("((true)", "has a bracket without its other half"),
        ("category = 'a' OR " * 300 + "true", f"more than {LONGEST_TEXT}"),
        ("category = 'x\0y'", "has a character that no text has"),
        ("category = 'x'; DROP TABLE reports_report", "is no CQL2 text"),
        ("NOT " * 40 + "true", "more than 32 deep"),
        ("S_INTERSECTS(geom, POLYGON((106 -7,107 107 106 -7)))", "is no CQL2 text"),
    ],
)
def test_a_filter_that_cannot_be_used_says_why(db, text, said):
    with pytest.raises(InvalidRequest, match=said):
        chosen("reports", text)


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "cannot stand here"),
        ("{}", "cannot stand here"),
        ('{"op": "and", "args": [true]}', "joins two conditions"),
        ('{"op": "=", "args": [1]}', "takes 2 arguments, and has 1"),
        ('{"op": "="}', "has no list of arguments"),
        ('{"op": ["="], "args": []}', "no function"),
        ('{"op": "in", "args": [{"property": "category"}, []]}', "wants a list of values"),
        ('{"property": ["category"]}', "no property"),
        ('{"op": "s_intersects", "args": [{"property": "geom"}, {"bbox": ["x"]}]}', "is not four numbers"),
        ('{"op": "s_intersects", "args": [{"property": "geom"}, {"type": "Point"}]}', "is no geometry"),
        ('{"op": "s_intersects", "args": [{"property": "geom"}, {"type": "X", "coordinates": []}]}', "is no"),
        ('{"op": "t_after", "args": [{"property": "submitted_at"}, {"interval": [1]}]}', "has not two ends"),
        ('{"op": "t_after", "args": [{"property": "submitted_at"}, {"interval": [1, 2]}]}', "is no time"),
        ('{"op": "=", "args": [{"property": "submitted_at"}, {"timestamp": 1}]}', "1 is no time"),
        ('{"op":"not","args":[' * 40 + "true" + "]}" * 40, "more than 32 deep"),
    ],
)
def test_json_that_cannot_be_used_says_why(db, tree, said):
    with pytest.raises(InvalidRequest, match=said):
        chosen("reports", tree, filter_lang="cql2-json")


def test_another_language_is_refused(db):
    with pytest.raises(InvalidRequest, match="filter-lang 'sql' is neither"):
        chosen("reports", "true", filter_lang="sql")
