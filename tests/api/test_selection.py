"""What a caller selects from a collection, asked of PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from psycopg import sql as compose

from api import collections, selection
from geoplatform.errors import InvalidRequest
from layers.record import LonLat
from tests.conftest import MONAS, NOON

UTM = "http://www.opengis.net/def/crs/EPSG/0/32748"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
LATITUDE_FIRST = "http://www.opengis.net/def/crs/EPSG/0/4326"


def chosen(collection: str = "reports", **asked: str) -> list[int]:
    found = collections.find(collection)
    where, values = selection.parse(found, {k.replace("_crs", "-crs"): v for k, v in asked.items()}).where()
    query = compose.SQL("SELECT id FROM {} WHERE {} ORDER BY id").format(found.table, where)
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [id for (id,) in cursor.fetchall()]


@pytest.fixture
def three(receive_one):
    """A report at Monas, one a kilometre east of it a day later, one without a point."""
    return [
        receive_one().id,
        receive_one(
            external_id="2", category="flood", point=LonLat(MONAS.lon + 0.01, MONAS.lat),
            submitted_at=NOON + timedelta(days=1), updated_at=NOON + timedelta(days=1),
        ).id,
        receive_one(external_id="3", point=None).id,
    ]  # fmt: skip


def test_nothing_asked_for_selects_all(three):
    assert chosen() == three


@pytest.mark.parametrize(
    ("box", "places"),
    [
        ("106.8,-6.2,106.83,-6.1", [0]),
        ("106.8,-6.2,0,106.9,-6.1,100", [0, 1]),
        ("106.8272,-6.1754,106.8272,-6.1754", [0]),
        ("106.8273,-6.2,106.9,-6.1", [1]),
        ("170,-10,106.83,10", [0]),
        ("-180,-90,180,90", [0, 1]),
        ("0,0,1,1", []),
    ],
)
def test_a_box_selects_the_points_in_it_and_on_its_edge(three, box, places):
    assert chosen(bbox=box) == [three[place] for place in places]


@pytest.mark.parametrize(
    ("crs", "box"),
    [
        (LATITUDE_FIRST, "-6.2,106.8,-6.1,106.83"),
        (MERCATOR, "11889000,-690000,11892000,-680000"),
        (UTM, "701900,9317000,702300,9317300"),
    ],
)
def test_a_box_may_be_given_in_other_systems(three, crs, box):
    assert chosen(bbox=box, bbox_crs=crs) == three[:1]


@pytest.mark.parametrize("box", ["0,0,0,0", "701900,9317000,701900,9317300", "701900,9317000,702300,9317000"])
@pytest.mark.parametrize("crs", [UTM, MERCATOR])
def test_a_box_in_metres_may_have_no_width_or_height(three, crs, box):
    assert chosen(bbox=box, bbox_crs=crs) == []


@pytest.mark.parametrize(
    ("time", "places"),
    [
        ("2026-05-14", [0, 2]),
        ("2026-05-14/2026-05-15", [0, 1, 2]),
        ("2026-05-15/..", [1]),
        ("../2026-05-14", [0, 2]),
        ("2026-05-14T05:00:00Z", [0, 2]),
        ("2026-05-14T12:00:00+07:00", [0, 2]),
        ("2026-05-14T05:00:00.0000001Z/2026-05-15T05:00:00Z", [0, 1, 2]),
        ("2026-05-14T05:00:01Z/", [1]),
        ("/2026-05-14T04:59:59Z", []),
    ],
)
def test_a_time_selects_what_was_reported_then(three, time, places):
    assert chosen(datetime=time) == [three[place] for place in places]


def test_a_collection_without_a_time_is_not_narrowed_by_one(city):
    assert len(chosen("kota", datetime="1990-01-01")) == 6


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ({"category": "flood"}, [1]),
        ({"category": "flood,road"}, [0, 1, 2]),
        ({"status": "waiting", "channel": "qlue", "simulated": "false"}, [0, 1, 2]),
        ({"category": "' OR 1=1 --"}, []),
        ({"text": "Jalan rusak di depan pasar"}, [0, 1, 2]),
        ({"submitted_at": "2026-05-14T05:00:00Z"}, [0, 2]),
    ],
)
def test_the_value_of_a_column_selects_what_has_it(three, asked, places):
    assert chosen(**asked) == [three[place] for place in places]


@pytest.mark.parametrize(
    ("collection", "asked", "said"),
    [
        ("reports", {"bbox": "1,2,3"}, "bbox '1,2,3' is not four numbers"),
        ("reports", {"bbox": "1,2,3,x"}, "bbox 'x' is no number"),
        ("reports", {"bbox": "1,2,3,1e999"}, "bbox '1e999' is no number"),
        ("reports", {"bbox": "1,2,3,1"}, "the lower corner comes first"),
        ("reports", {"bbox": "1,2,181,3"}, "longitudes reach from -180 to 180"),
        ("reports", {"bbox": "0,0,1e300,1e300", "bbox_crs": UTM}, "positions that do not exist"),
        ("reports", {"bbox": "1,2,3,4", "bbox_crs": "x"}, "bbox-crs 'x' is not one of"),
        ("reports", {"datetime": "yesterday"}, "datetime 'yesterday' is no instant"),
        ("reports", {"datetime": "../.."}, "neither beginning nor end"),
        ("reports", {"datetime": "2026-05-15/2026-05-14"}, "ends before it begins"),
        ("reports", {"datetime": "9999-12-31"}, "the years from 1900 to 2200"),
        ("reports", {"datetime": "0001-01-01"}, "the years from 1900 to 2200"),
        ("reports", {"datetime": "0001-01-01T00:00:00+14:00"}, "is no instant"),
        ("reports", {"author_hash": "x"}, "unknown parameter 'author_hash'"),
        ("reports", {"simulated": "yes"}, "simulated 'yes' is neither true nor false"),
        ("reports", {"text": "a\0b"}, "has a character that no text has"),
        ("jams", {"level": "1.5"}, "level '1.5' is no whole number"),
        ("jams", {"level": "9" * 30}, "larger than any"),
        ("jams", {"speed_kmh": "nan"}, "speed_kmh 'nan' is no number"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_value(city, collection, asked, said):
    with pytest.raises(InvalidRequest, match=said):
        chosen(collection, **asked)


def test_the_beginning_of_a_day_is_that_of_the_city(db):
    _, values = selection.parse(collections.find("reports"), {"datetime": "2026-05-14"}).where()
    assert list(values.values()) == [
        datetime(2026, 5, 13, 17, tzinfo=UTC),
        datetime(2026, 5, 14, 17, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"status": "done,waiting", "category": "road"}, {"category": "road", "status": "waiting,done,done"}),
        ({"filter": "status IN ('done','waiting')"}, {"filter": "status IN ('waiting','done')"}),
        ({"bbox": "106,-7,107,-6", "sortby": "id"}, {"bbox": "106.0,-7.0,107,-6", "properties": "text"}),
    ],
)
def test_the_same_question_said_otherwise_has_the_same_key(city, one, other):
    collection = collections.find("reports")
    assert selection.parse(collection, one).key() == selection.parse(collection, other).key()


def test_areas_that_begin_alike_have_keys_of_their_own(city):
    """A geometry says only its first corners of itself."""
    corners = ",".join(f"{106.8 + n / 1000:.3f} -6.2" for n in range(20))
    asked = [
        f"S_INTERSECTS(geom, POLYGON(({corners.replace(',', ', ')}, 106.9 {lat}, 106.8 -6.2)))"
        for lat in ("-6.3", "-6.31")
    ]
    first, second = (selection.parse(collections.find("reports"), {"filter": text}).key() for text in asked)
    assert first != second
