"""Feeds of reports: valid Atom, read by a reader that is not ours."""

from datetime import timedelta

import feedparser
import pytest
from defusedxml import ElementTree

from layers.record import LonLat
from reports import intake
from reports.models import Category, Report
from reports.record import Update, Updates
from subscriptions.models import Former
from tests.conftest import MONAS, NOON

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "/feeds/reports.atom"
FAR = LonLat(106.75, -6.25)
INJECTIONS = (
    "' OR 1=1 --",
    "%s",
    "{}",
    "31.71%",
    "1;DROP TABLE reports_report",
    "<script>",
    "\0",
    "🙂",
    "NaN",
    "",
)


@pytest.fixture
def three(receive_one):
    return [
        receive_one(external_id="1", description="satu & <dua>"),
        receive_one(external_id="2", point=FAR, submitted_at=NOON, updated_at=NOON + timedelta(hours=2)),
        receive_one(external_id="3", category="flood", point=None, description="teks\x0b kotor"),
    ]


def entries(client, query: str = "") -> list:
    response = client.get(f"{FEED}?{query}")
    assert response.status_code == 200, response.content
    read = feedparser.parse(response.content)
    assert not read.bozo
    return read.entries


def test_it_has_all_that_rfc_4287_wants(client, three):
    response = client.get(FEED)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert len(root.findall(ATOM + name)) == 1
    assert root.find(f"{ATOM}author/{ATOM}name").text == "Jakarta Smart City"
    assert [link.get("href") for link in root.findall(f"{ATOM}link[@rel='self']")] == [
        f"http://testserver{FEED}"
    ]
    ids = [entry.find(f"{ATOM}id").text for entry in root.findall(f"{ATOM}entry")]
    assert ids == [f"http://testserver/api/reports/{one.id}" for one in reversed(three)]
    for entry in root.findall(f"{ATOM}entry"):
        for name in ("id", "title", "updated", "published", "summary"):
            assert len(entry.findall(ATOM + name)) == 1, name
    assert root.find(f"{ATOM}updated").text == "2026-05-14T07:00:00+00:00"


def test_a_reader_finds_title_text_time_and_point(client, three):
    flood, far, first = entries(client)
    assert first.title == "Jalan rusak: Gambir" and first.summary == "satu &amp; &lt;dua&gt;"
    assert first.published == "2026-05-14T05:00:00+00:00"
    assert {tag.term for tag in first.tags} == {"road", "waiting"}
    assert first.where["coordinates"] == (MONAS.lon, MONAS.lat)
    assert "where" not in flood and flood.title == "Banjir atau genangan"
    assert far.updated == "2026-05-14T07:00:00+00:00"
    assert entries(client, "lang=en")[2].title == "Damaged road: Gambir"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("category=flood", [2]),
        ("category=flood,road", [2, 1, 0]),
        ("kelurahan=31.71.01.1001", [0]),
        ("kelurahan=31.71", [0]),
        ("bbox=106.7,-6.3,106.8,-6.2", [1]),
        ("polygon=106.82,-6.18,106.84,-6.18,106.83,-6.16", [0]),
        ("category=flood&bbox=106.7,-6.3,106.9,-6.1", []),
    ],
)
def test_it_is_of_a_place_a_kind_or_a_drawn_polygon(client, three, query, wanted):
    ids = [int(entry.id.rsplit("/", 1)[1]) for entry in entries(client, query)]
    assert ids == [three[n].id for n in wanted]


def test_pages_follow_each_other_by_key(client, three):
    first = feedparser.parse(client.get(f"{FEED}?limit=2").content)
    (following,) = [link.href for link in first.feed.links if link.rel == "next"]
    rest = feedparser.parse(client.get(following.removeprefix("http://testserver")).content)
    assert len(first.entries) == 2 and len(rest.entries) == 1
    assert not [link for link in rest.feed.links if link.rel == "next"]


def test_what_the_reader_has_is_304_until_a_report_comes(client, three, receive_one):
    tag = client.get(FEED)["ETag"]
    assert client.get(FEED, HTTP_IF_NONE_MATCH=tag).status_code == 304
    receive_one(external_id="4")
    assert client.get(FEED, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_an_empty_feed_is_valid_and_always_the_same(client, city):
    assert entries(client) == []
    assert client.get(FEED)["ETag"] == client.get(FEED)["ETag"]


def test_a_withdrawn_report_is_not_in_it(client, three):
    Report.objects.filter(id=three[0].id).update(status="withdrawn")
    assert len(entries(client)) == 2


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "category=nothing",
        "kelurahan=Gambir",
        "bbox=1,2,3",
        "polygon=1,2,3,4",
        "polygon=0,0,1,1,0,1,1,0",
        "polygon=0,0,1,1,0",
        "polygon=0,0,500,1,1,1",
        "bbox=106,-7,107,-6&polygon=0,0,1,1,0,1",
        "lang=de",
        "limit=0",
        "limit=1000",
        "after=-1",
        "category=road&category=flood",
    ],
)
def test_what_cannot_be_used_is_a_400(client, city, query):
    assert client.get(f"{FEED}?{query}").status_code == 400


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("name", ["kelurahan", "category", "bbox", "polygon", "lang", "limit", "after"])
def test_an_injected_statement_is_a_value_that_cannot_be_used(client, three, name, text):
    answer = client.get(FEED, {name: text})
    assert answer.status_code == (200 if text == "" and name in ("kelurahan", "category") else 400)
    assert Report.objects.count() == 3


def tombstones(client, query: str = "") -> list[str]:
    root = ElementTree.fromstring(client.get(f"{FEED}?{query}").content)
    found = root.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert all(one.get("when") <= root.find(f"{ATOM}updated").text for one in found)
    return [one.get("ref") for one in found]


def test_it_says_what_left_the_choice_lately(client, receive_one):
    id = receive_one(external_id="1").id
    address = f"http://testserver/api/reports/{id}"
    assert tombstones(client, "category=road") == []
    receive_one(external_id="1", category="flood", updated_at=NOON + timedelta(hours=1))
    assert tombstones(client, "category=road") == [address]
    assert tombstones(client, "category=road&after=9999999") == []
    assert (
        tombstones(client, "category=flood")
        == tombstones(client)
        == tombstones(client, "category=tree")
        == []
    )
    assert entries(client, "category=road") == []
    gone = Update(at=NOON + timedelta(hours=2), status="withdrawn", by="", note="")
    intake.receive([Updates("qlue", "1", (gone,))], simulated=False)
    assert tombstones(client) == tombstones(client, "category=flood") == [address]
    receive_one(external_id="2")
    receive_one(external_id="2", point=FAR, updated_at=NOON + timedelta(hours=1))
    assert len(tombstones(client, "bbox=106.82,-6.18,106.83,-6.17")) == 2
    Former.objects.update(left_at=NOON)
    assert tombstones(client) == []


def test_no_box_feels_its_way_to_where_a_report_was_before_it_became_sensitive(client, receive_one):
    exact = "bbox=106.8276,-6.1758,106.8277,-6.1757"
    receive_one(external_id="1", point=LonLat(106.8276431, -6.1757912))
    receive_one(external_id="1", point=FAR, updated_at=NOON + timedelta(hours=1))
    assert len(tombstones(client, exact)) == 1
    Category.objects.filter(code="road").update(public_digits=3)
    assert tombstones(client, exact) == []
    assert len(tombstones(client, "bbox=106.8279,-6.1761,106.8281,-6.1759")) == 1
