from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from layers.record import LonLat
from reports import intake
from reports.models import Report
from reports.record import Update, Updates
from tests.api.casework.conftest import inside
from tests.conftest import NOON

BOX = "106.8,-6.2,106.9,-6.1"


@pytest.fixture
def listed(client):
    """Return the answer for a box."""

    def read(bbox=BOX, **more):
        response = client.get("/api/reports", {"bbox": bbox, **more})
        assert (response.status_code, response["Content-Type"]) == (200, "application/geo+json")
        return response.json()

    return read


def ids(answer):
    return [feature["id"] for feature in answer["features"]]


def test_a_listed_report_says_what_the_single_one_says_of_itself_and_no_more(receive_one, client, listed):
    report = receive_one(author="Budi Contoh", image_url="https://photos.example/1.jpg")
    answer = listed()
    assert set(answer) == {"type", "features", "next"}
    assert (answer["type"], answer["next"]) == ("FeatureCollection", None)
    (feature,) = answer["features"]
    whole = client.get(f"/api/reports/{report.id}").json()
    for name in ("place", "office", "official", "updates"):
        del whole["properties"][name]
    assert feature == whole


def test_the_pages_lead_through_every_report_once_newest_first(city, submission, client, listed):
    intake.receive([submission(str(n)) for n in range(25)], simulated=False)
    answer = listed(limit=10)
    pages = [answer]
    while answer["next"]:
        assert answer["next"].startswith(f"http://testserver/api/reports?bbox={BOX}&limit=10&after=")
        parts = urlsplit(answer["next"])
        answer = client.get(f"{parts.path}?{parts.query}").json()
        pages.append(answer)
    assert [len(page["features"]) for page in pages] == [10, 10, 5]
    expected = Report.objects.order_by("-id").values_list("id", flat=True)
    assert [id for page in pages for id in ids(page)] == list(expected)


def test_a_last_page_that_is_full_has_no_next(city, submission, listed):
    intake.receive([submission(str(n)) for n in range(10)], simulated=False)
    assert listed(limit=10)["next"] is None
    assert listed(limit=9)["next"]


def test_a_report_that_comes_between_two_pages_moves_none_of_them(city, submission, listed):
    intake.receive([submission(str(n)) for n in range(4)], simulated=False)
    first = ids(listed(limit=2))
    intake.receive([submission("late")], simulated=False)
    assert len({*first, *ids(listed(limit=2, after=first[-1]))}) == 4


@pytest.mark.parametrize(
    ("lon", "lat", "is_inside"),
    [
        (106.8, -6.2, True),
        (106.9, -6.1, True),
        (106.85, -6.1, True),
        (106.8999999, -6.15, True),
        (106.9000001, -6.15, False),
        (106.85, -6.2000001, False),
    ],
)
def test_the_edge_belongs_to_the_box_to_the_seventh_decimal(receive_one, listed, lon, lat, is_inside):
    receive_one(point=LonLat(lon, lat))
    assert len(listed()["features"]) == is_inside


def test_a_report_without_a_point_is_in_no_box(receive_one, listed):
    receive_one(point=None)
    assert listed("-180,-90,180,90")["features"] == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("bbox=", ["bbox", "''", "west,south,east,north"]),
        ("bbox=1,2,3", ["bbox", "'1,2,3'"]),
        ("bbox=1,2,3,4,5,6", ["bbox", "'1,2,3,4,5,6'"]),
        ("bbox=a,-6.2,106.9,-6.1", ["bbox west", "'a'"]),
        ("bbox=106.8,-6.2,106.9,nan", ["bbox north", "'nan'"]),
        ("bbox=106.8,-96.2,106.9,-6.1", ["bbox south", "'-96.2'", "-90 to 90"]),
        ("bbox=106.9,-6.2,106.8,-6.1", ["bbox", "106.9,-6.2,106.8,-6.1", "west"]),
        ("bbox=106.8,-6.1,106.9,-6.1", ["bbox", "106.8,-6.1,106.9,-6.1", "south"]),
        (f"bbox={BOX}&limit=0", ["limit 0", "1 and 500"]),
        (f"bbox={BOX}&limit=501", ["limit 501", "1 and 500"]),
        (f"bbox={BOX}&limit=ten", ["limit 'ten'"]),
        (f"bbox={BOX}&after=-1", ["after -1"]),
        (f"bbox={BOX}&after={1 << 63}", [f"after {1 << 63}"]),
        (f"bbox={BOX}&after=1.5", ["after '1.5'"]),
        ("place=31.99", ["place", "'31.99'", "no kelurahan"]),
        ("place=Gambir", ["place", "'Gambir'"]),
        ("status=withdrawn", ["status", "'withdrawn'", "waiting, in_progress, done"]),
        ("category=", ["'category'", "empty word"]),
        ("category=road%00", ["category 'road\\x00'"]),
        ("from=2026-13-01", ["from", "'2026-13-01'"]),
        ("from=2026-05-02&to=2026-05-01", ["from 2026-05-02", "2026-05-01"]),
        (f"bbox={BOX}&bbox={BOX}", ["'bbox'", "2 times"]),
        (f"bbox={BOX}&page=2", ["'page'", "after, bbox, category, from, limit, place, status, to"]),
    ],
)
def test_a_parameter_that_cannot_be_used_is_400_by_name_and_value(city, client, query, words):
    response = client.get(f"/api/reports?{query}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert [word for word in words if word not in response.json()["detail"]] == []


def test_a_page_takes_as_many_queries_as_one_report(
    city, submission, client, listed, django_assert_num_queries
):
    intake.receive([submission(str(n)) for n in range(30)], simulated=False)
    with django_assert_num_queries(4):  # a savepoint, its limits, the page, its end
        listed()


@pytest.fixture
def varied(city, submission):
    """Reports of two kinds, days and kelurahan, one of them without a point; returns their ids by name."""
    parts = {
        "gambir": {"point": inside("31.71.01.1001")},
        "tree": {"point": inside("31.71.01.1001"), "category": "tree"},
        "later": {"point": inside("31.71.01.1001"), "submitted_at": NOON + timedelta(days=1, hours=12)},
        "cilandak": {"point": inside("31.74.06.1001")},
        "pointless": {"point": None},
    }
    intake.receive([submission(name, **said) for name, said in parts.items()], simulated=False)
    done = Update(at=NOON + timedelta(hours=1), status="done", by="Kelurahan", note="Selesai")
    intake.receive([Updates("qlue", "tree", (done,))], simulated=False)
    return dict(Report.objects.values_list("external_id", "id"))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["pointless", "cilandak", "later", "tree", "gambir"]),
        ("place=31.71.01.1001", ["later", "tree", "gambir"]),
        ("place=31.71", ["later", "tree", "gambir"]),
        ("place=31.74.06", ["cilandak"]),
        ("place=31.72", []),
        ("category=tree", ["tree"]),
        ("category=tree,flood", ["tree"]),
        ("status=done", ["tree"]),
        ("status=waiting,in_progress", ["pointless", "cilandak", "later", "gambir"]),
        # 12 hours behind noon is midnight: another day.
        ("from=2026-05-16", ["later"]),
        ("to=2026-05-15", ["pointless", "cilandak", "tree", "gambir"]),
        ("place=31.71&category=road&status=waiting&from=2026-05-14&to=2026-05-14", ["gambir"]),
        ("bbox=106.7,-6.4,106.9,-6.25&category=road", ["cilandak"]),
    ],
)
def test_the_filters_choose_together(varied, client, query, names):
    answer = client.get(f"/api/reports?{query}").json()
    assert ids(answer) == sorted((varied[name] for name in names), reverse=True)


def test_the_next_page_has_the_filters_of_the_first(varied, client):
    first = client.get("/api/reports?place=31.71&category=road,tree&status=done,waiting&limit=1").json()
    parts = urlsplit(first["next"])
    assert "place=31.71&category=road,tree&status=done,waiting&limit=1&after=" in parts.query
    second = client.get(f"{parts.path}?{parts.query}").json()
    assert ids(second) == sorted(varied[name] for name in ("gambir", "tree", "later"))[1:2]
