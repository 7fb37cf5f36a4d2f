"""Feeds of an operator's own by TOML alone, from a folder and over HTTP, into the database, on the map."""

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from fixtures import faults
from fixtures.sources import csv as contractor
from fixtures.view import View
from geoplatform.errors import BadSettings, FeedChanged, FeedUnavailable
from ingest import feeds, pipeline
from ingest.models import Rejection, Run
from ingest.network.http import HttpSession
from layers import tiles
from layers.grid import Tile
from layers.layer import catalogue
from layers.models import Poi
from layers.revisions import current
from reports.models import Report, SourceUpdate
from tests.conftest import NOON

DAY = timedelta(days=1)


@pytest.fixture
def own(settings, tmp_path):
    """Write a file of feeds and a folder beside it; returns both."""
    folder = tmp_path / "masuk"
    folder.mkdir()

    def write(text: str):
        file = tmp_path / "feeds.toml"
        file.write_text(text.replace("FOLDER", str(folder)), encoding="utf-8")
        settings.FEEDS_FILE = str(file)
        feeds._toml.cache_clear()
        return folder

    return write


def drop(folder, name: str, content: str | bytes, at: datetime) -> None:
    """Put a file into a folder as a partner does at an instant."""
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(file, (at.timestamp(), at.timestamp()))


LAMPS = """
[lampu]
title = "Lampu jalan"
owner = "Kontraktor contoh"
adapter = "csv"
url = "file://FOLDER"
cadence_s = 900

[lampu.options]
path = "*.csv"
record = "report"
delimiter = ";"
encoding = "cp1252"
decimal_comma = true
time_format = "%d/%m/%Y %H:%M"
category = "streetlight"

[lampu.options.fields]
id = "nomor"
text = ["keluhan", "catatan"]
submitted_at = "masuk"
updated_at = ["selesai", "masuk"]
status = "keadaan"
hint = "alamat"
lon = "bujur"
lat = "lintang"

[lampu.options.statuses]
baru = "waiting"
selesai = "done"
"""
LAMP_HEADER = "nomor;masuk;keluhan;catatan;alamat;lintang;bujur;keadaan;selesai\n"
LAMP = "L-1;14/05/2026 08:00;Lampu mati – gelap;;Jl. Contoh;-6,1754;106,8272;baru;\n"


def test_a_table_of_ones_own_needs_no_python(city, own):
    folder = own(LAMPS)
    drop(folder, "senin.csv", (LAMP_HEADER + LAMP).encode("cp1252"), NOON)
    assert (feeds.feed("lampu").enabled, "lampu" in feeds.names()) == (True, True)
    run = pipeline.run("lampu")
    assert (run.outcome, run.fetched, run.new, run.rejected) == ("complete", 1, 1, 0)
    report = Report.objects.get(channel="lampu")
    assert (report.external_id, report.category_id, report.status) == ("L-1", "streetlight", "waiting")
    assert report.description == "Lampu mati – gelap"
    assert (report.kelurahan_code, report.hint, report.simulated) == ("31.71.01.1001", "Jl. Contoh", False)
    assert report.office_id


def test_the_next_file_brings_the_status_and_the_same_file_brings_nothing(city, own):
    folder = own(LAMPS)
    drop(folder, "senin.csv", (LAMP_HEADER + LAMP).encode("cp1252"), NOON)
    pipeline.run("lampu")
    done = LAMP.replace("baru;", "selesai;14/05/2026 11:00")
    drop(folder, "selasa.csv", (LAMP_HEADER + done).encode("cp1252"), NOON + DAY)
    pipeline.run("lampu")
    assert Report.objects.get().status == "done"
    assert SourceUpdate.objects.get().at == datetime(2026, 5, 14, 4, tzinfo=UTC)
    again = pipeline.run("lampu")
    assert (again.fetched, again.new, again.changed) == (0, 0, 0)


def test_files_in_either_order_end_with_the_same_status(city, own):
    folder = own(LAMPS)
    done = LAMP.replace("baru;", "selesai;14/05/2026 11:00")
    drop(folder, "b.csv", (LAMP_HEADER + done).encode("cp1252"), NOON)
    drop(folder, "a.csv", (LAMP_HEADER + LAMP).encode("cp1252"), NOON + DAY)
    pipeline.run("lampu")
    assert Report.objects.get().status == "done"


def test_rows_that_cannot_be_used_are_set_aside_and_mended_by_another_table(city, own):
    folder = own(LAMPS)
    rows = [LAMP, LAMP.replace("L-1", "L-2").replace("baru", "rusak"), "L-3;14/05/2026 08:00;Mati\n"]
    swapped = "L-4;14/05/2026 08:00;Mati;;;106,8272;-6,1754;baru;\n"
    nowhere = "L-5;14/05/2026 08:00;Mati;;;0;0;baru;\n"
    drop(folder, "a.csv", (LAMP_HEADER + "".join([*rows, swapped, nowhere])).encode("cp1252"), NOON)
    run = pipeline.run("lampu")
    assert (run.outcome, run.new, run.rejected) == ("complete", 2, 3)
    assert Report.objects.get(external_id="L-5").point is None
    own(LAMPS + 'rusak = "waiting"\n')
    assert pipeline.replay("lampu").new == 1
    assert sorted(Rejection.objects.values_list("reason", flat=True)) == [
        "a row has 3 cells, the first line 9",
        "position lon -6.1754, lat 106.8272 is not on Earth",
    ]


def test_a_file_that_cannot_be_read_is_named_and_keeps_nothing_else_from_being_kept(city, own):
    folder = own(LAMPS)
    drop(folder, "a.csv", (LAMP_HEADER + LAMP).encode("cp1252"), NOON)
    drop(folder, "b.csv", b"", NOON + DAY)
    with pytest.raises(FeedChanged, match=r"lampu: b\.csv: there is no line with the names"):
        pipeline.run("lampu")
    assert Report.objects.count() == 1
    (folder / "b.csv").unlink()
    assert pipeline.run("lampu").outcome == "complete"


def test_a_wrong_table_fails_before_anything_is_read_and_says_feed_and_key(city, own):
    own(LAMPS.replace('id = "nomor"', ""))
    with pytest.raises(BadSettings, match=r"feed lampu: options\.fields\.id is missing"):
        pipeline.run("lampu")
    with pytest.raises(CommandError, match=r"feed lampu: options\.fields\.id is missing"):
        call_command("ingest", "lampu")
    assert not Run.objects.exists()


STATIONS = """
[pompa]
title = "SPBU"
owner = "Dinas contoh"
adapter = "ADAPTER"
url = "file://FOLDER"
cadence_s = 86400

[pompa.options]
record = "poi"
kind = "fuel"

[pompa.options.fields]
id = "no"
name = "nama"
brand = "merek"
opening_hours = "jam"
"""
STATION_COLUMNS = 'lon = "bujur"\nlat = "lintang"\n'
STATION_HEADER = "no,nama,merek,jam,bujur,lintang\n"
FIRST, SECOND = "1,SPBU Satu,Contoh,24/7,106.8272,-6.1754\n", "2,SPBU Dua,Contoh,,106.83,-6.18\n"


def shown(layer: str) -> dict[str, dict]:
    """The features that the tile over the middle of the city shows, by name."""
    tile = tiles.tile(catalogue()[layer], Tile(10, 815, 529), "geojson", NOON)
    return {one["properties"]["name"]: one["properties"] for one in json.loads(tile)["features"]}


def test_places_of_ones_own_are_on_the_map_and_those_that_go_are_closed_not_deleted(city, own):
    folder = own(STATIONS.replace("ADAPTER", "csv") + STATION_COLUMNS)
    drop(folder, "mei.csv", STATION_HEADER + FIRST + SECOND, NOON)
    before = current("petrol_stations")
    pipeline.run("pompa")
    assert current("petrol_stations") > before
    assert shown("petrol_stations")["SPBU Satu"] == {
        "name": "SPBU Satu", "brand": "Contoh", "kind": "fuel", "opening_hours": "24/7", "simulated": False,
    }  # fmt: skip
    assert "opening_hours" not in shown("petrol_stations")["SPBU Dua"]
    drop(folder, "juni.csv", STATION_HEADER + SECOND, NOON + DAY)
    pipeline.run("pompa")
    assert list(shown("petrol_stations")) == ["SPBU Dua"]
    closed = Poi.objects.get(external_id="1")
    assert (closed.first_at, closed.closed_at) == (NOON, NOON + DAY)


def test_two_files_of_places_dropped_between_two_runs_are_two_snapshots(city, own):
    folder = own(STATIONS.replace("ADAPTER", "csv") + STATION_COLUMNS)
    drop(folder, "z.csv", STATION_HEADER + FIRST + SECOND, NOON)
    drop(folder, "a.csv", STATION_HEADER + SECOND, NOON + DAY)
    pipeline.run("pompa")
    assert Poi.objects.get(external_id="1").closed_at == NOON + DAY
    assert Poi.objects.get(external_id="2").closed_at is None


def test_what_was_gone_and_is_there_again_is_open_again(city, own):
    folder = own(STATIONS.replace("ADAPTER", "csv") + STATION_COLUMNS)
    for day, rows in enumerate([FIRST + SECOND, SECOND, FIRST + SECOND]):
        drop(folder, "tempat.csv", STATION_HEADER + rows, NOON + day * DAY)
        pipeline.run("pompa")
    assert Poi.objects.get(external_id="1").closed_at is None


def test_a_place_that_cannot_be_used_is_told_and_costs_no_other(city, own):
    folder = own(STATIONS.replace("ADAPTER", "csv") + STATION_COLUMNS)
    drop(folder, "a.csv", STATION_HEADER + FIRST + "3,SPBU Nol,,,0,0\n", NOON)
    run = pipeline.run("pompa")
    assert (run.new, run.rejected) == (1, 1)
    assert Rejection.objects.get().reason == "3 has no position"


def test_features_of_ones_own_are_places_too(city, own):
    folder = own(STATIONS.replace("ADAPTER", "geojson"))
    point = {"type": "Point", "coordinates": [106.8272, -6.1754]}
    station = {
        "type": "Feature",
        "geometry": point,
        "properties": {"no": 1, "nama": "⛽ محطة", "jam": "24/7"},
    }
    drop(folder, "a.geojson", json.dumps({"type": "FeatureCollection", "features": [station]}), NOON)
    assert pipeline.run("pompa").new == 1
    assert shown("petrol_stations")["⛽ محطة"]["opening_hours"] == "24/7"


def test_a_kind_that_no_layer_shows_is_stored_all_the_same(city, own):
    folder = own(STATIONS.replace("ADAPTER", "csv").replace('"fuel"', '"toilet"') + STATION_COLUMNS)
    drop(folder, "a.csv", STATION_HEADER + FIRST, NOON)
    pipeline.run("pompa")
    assert Poi.objects.get().kind == "toilet"
    assert shown("petrol_stations") == shown("restaurants") == {}


def test_a_file_of_places_by_hand_says_that_it_needs_a_time(city, own, tmp_path):
    own(STATIONS.replace("ADAPTER", "csv") + STATION_COLUMNS)
    file = tmp_path / "tempat.csv"
    file.write_text(STATION_HEADER + FIRST)
    with pytest.raises(CommandError, match=r"name a field of it by options\.taken_at"):
        call_command("ingest", "pompa", file=file)


# --- The feeds of the simulated city, over HTTP


def read(name: str, **more: object) -> Run:
    with HttpSession(feeds.feed(name), lambda seconds: None) as session:
        return pipeline.run(name, **({"since": NOON - DAY, "now": NOON, "session": session} | more))


def stored() -> list:
    """All that a run led to, but for the keys that the database gives and our own clock."""
    return [
        sorted(Report.objects.values_list("channel", "external_id", "status", "updated_at")),
        sorted(SourceUpdate.objects.values_list("external_id", "at", "status")),
        sorted(Poi.objects.values_list("feed", "external_id", "kind", "last_at"), key=repr),
    ]


NAMES = ["csv", "geojson", "open311", "placemarks"]


@pytest.mark.parametrize("name", NAMES)
def test_a_run_and_a_replay_of_it_end_with_the_same_rows(city, sources, name):
    run = read(name)
    assert (run.outcome, run.unread) == ("complete", [])
    before = stored()
    assert any(before)
    assert (read(name).new, pipeline.replay(name).changed) == (0, 0)
    assert stored() == before


def test_the_contractors_faults_are_reports_with_their_statuses(city, sources):
    read("csv")
    known = contractor.faults_of(View(sources._seen_now(), sources.seed))
    statuses = {"wait": "waiting", "process": "in_progress", "complete": "done"}
    expected = {
        f"PJU-{one.number}": statuses[one.follow_ups[-1].status if one.follow_ups else "wait"]
        for one in known
    }
    assert dict(Report.objects.values_list("external_id", "status")) == expected != {}
    assert set(Report.objects.values_list("category_id", "simulated")) == {("streetlight", True)}


@pytest.mark.parametrize("name", NAMES)
def test_faults_in_passing_lose_nothing(city, sources, name):
    for fault in (faults.status(500), faults.dropped(), faults.too_many_requests(1)):
        sources.fail(f"/{name}/", fault)
    assert read(name).outcome == "complete"
    before = stored()
    assert any(before)
    assert read(name).new == 0
    assert stored() == before


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [401, 403, 404, 500, 429])
def test_a_source_that_refuses_fails_the_run_and_the_next_one_goes_on(city, sources, name, status):
    sources.fail(f"/{name}/", faults.status(status), times=None)
    with pytest.raises(FeedUnavailable, match=f"status {status}"):
        read(name)
    assert Run.objects.get().outcome == "failed"
    sources.clear()
    assert read(name).outcome == "complete"


@pytest.mark.parametrize("name", ["csv", "geojson", "placemarks"])
def test_half_a_document_fails_the_run_and_closes_nothing(city, sources, name):
    read(name)
    before = stored()
    Run.objects.update(cursor=None)
    sources.fail(f"/{name}/", faults.truncated(0.49))
    with pytest.raises((FeedChanged, FeedUnavailable)):
        read(name, now=NOON + DAY)
    assert stored() == before


@pytest.mark.parametrize("name", NAMES)
def test_a_page_for_people_in_place_of_a_document_fails_the_run(city, sources, name):
    sources.fail(f"/{name}/", faults.wrong_content(), times=None)
    with pytest.raises((FeedChanged, FeedUnavailable)):
        read(name)


@pytest.mark.parametrize("name", ["csv", "geojson", "placemarks"])
def test_no_content_is_an_empty_run_and_closes_nothing(city, sources, name):
    read(name)
    before = stored()
    Run.objects.update(cursor=None)
    sources.fail(f"/{name}/", faults.empty(), times=None)
    run = read(name, now=NOON + DAY)
    assert (run.outcome, run.fetched) == ("complete", 0)
    assert stored() == before


@pytest.mark.parametrize(
    ("name", "field", "to"),
    [("geojson", "features", "fitur"), ("placemarks", "placemark_id", "id"), ("placemarks", "lng", "lon")],
)
def test_a_renamed_field_stops_the_run(city, sources, name, field, to):
    sources.fail(f"/{name}/", faults.renamed(field, to), times=None)
    with pytest.raises(FeedChanged, match=field):
        read(name)


def test_a_slow_source_is_given_up(city, sources, monkeypatch):
    with HttpSession(feeds.feed("csv"), lambda seconds: None) as session:
        monkeypatch.setattr(session, "feed", feeds.replace(session.feed, timeout_s=0.05))
        sources.fail("/csv/", faults.slow(), times=None)
        with pytest.raises(FeedUnavailable, match="no whole answer"):
            pipeline.run("csv", session=session, now=NOON)


def test_an_area_that_openstreetmap_does_not_resolve_closes_no_place(city, sources):
    read("overpass")
    before = stored()

    def no_area(request, route):
        return faults.instead({**json.loads(route(request).body), "elements": []})(request, route)

    sources.fail("/overpass/", no_area, times=None)
    with pytest.raises(FeedChanged, match="0 places, at_least 400"):
        read("overpass", now=NOON + DAY)
    assert stored() == before


def test_a_table_that_did_not_change_is_not_sent_again(city, sources):
    first = read("csv")
    again = read("csv")
    assert (first.fetched > 0, again.fetched) == (True, 0)
    assert sources.requests[-1].headers["if-none-match"] == first.cursor["etag"]


def test_a_table_is_not_given_without_the_token(city, sources, monkeypatch):
    monkeypatch.setattr(feeds, "SIMULATED", "wrong")
    with pytest.raises(FeedUnavailable, match="the token is missing, wrong or expired"):
        read("csv")


def test_the_order_of_a_document_does_not_matter(city, sources):
    read("placemarks")
    before = stored()
    sources.fail("/placemarks/", faults.reversed_order(), times=None)
    assert read("placemarks").new == 0
    assert stored() == before


def test_placemarks_with_their_numbers_as_texts_are_places(city, recorded):
    made = feeds.adapter("placemarks")
    (payload,) = made.document(json.dumps(recorded("placemarks/placemarks_edges")).encode())
    found = made.parse({**payload, "taken_at": NOON.isoformat()})
    assert [(poi.external_id, poi.kind, tuple(poi.point)) for poi in found.pois] == [
        ("9083901", "terminal", (106.799767, -6.24341))
    ]
    assert [re.sub(r":.*", "", reason) for reason in found.refused] == [
        "9083902 has no position",
        "9083903",
        "9083904",
        "9083901 comes twice",
        "a placemark is NoneType, expected an object",
    ]


@pytest.mark.parametrize("document", ["{}", "", "[1"])
def test_placemarks_of_another_form_stop_the_run(document):
    with pytest.raises(FeedChanged):
        list(feeds.adapter("placemarks").document(document.encode()))


def test_petrol_stations_and_restaurants_of_openstreetmap_show_their_hours(city, sources):
    read("overpass")
    kinds = set(Poi.objects.values_list("kind", flat=True))
    assert kinds == {"fuel", "hospital", "restaurant", "fast_food", "cafe"}
    for layer in ("petrol_stations", "restaurants"):
        hours = {one.get("opening_hours") for one in shown(layer).values()}
        assert None in hours
        assert len(hours) == 3
    brands = {one["brand"] for one in shown("petrol_stations").values()}
    assert {"Pertamina", "Shell"} < brands


# --- What the documentation shows


def blocks(page: str) -> list[tuple[str, str]]:
    """The blocks of code of a how-to, each with its language."""
    text = (Path(settings.ROOT) / "docs" / "how-to" / page).read_text(encoding="utf-8")
    found = re.findall(r"^( *)```(\w*)\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [(language, dedent(body)) for _, language, body in found]


@pytest.mark.parametrize(
    ("page", "name", "said"),
    [
        ("add-a-feed.md", "lampu", "lampu: fetched 3, new 2, changed 0, rejected 1"),
        ("load-places.md", "pompa", "pompa: fetched 1, new 2, changed 0, rejected 1"),
    ],
)
def test_the_table_that_a_how_to_shows_does_what_the_how_to_says(city, own, capsys, page, name, said):
    shown_blocks = blocks(page)
    toml = next(body for language, body in shown_blocks if language == "toml")
    folder = own(re.sub(r"file:///srv/\w+", "file://FOLDER", toml))
    drop(folder, "spbu-mei.csv", next(body for language, body in shown_blocks if not language), NOON)
    call_command("ingest", name)
    assert said in capsys.readouterr().out
    assert any(said in body for _, body in shown_blocks)


@pytest.mark.parametrize("page", ["add-a-feed.md", "load-places.md", "connect-open311.md"])
def test_every_table_of_ones_own_that_a_how_to_shows_can_be_used(own, page):
    tables = [body for language, body in blocks(page) if language == "toml" and "adapter = " in body]
    own("\n".join(tables))
    names = [name for table in tables for name in re.findall(r"^\[(\w+)\]$", table, re.MULTILINE)]
    assert names
    for name in names:
        assert feeds.adapter(name).feed.enabled


@pytest.mark.parametrize(("adapter", "missing"), [("x", "streams"), ("email", "own_addresses")])
def test_an_option_that_the_adapter_needs_and_nobody_gave_is_named(own, adapter, missing):
    facts = 'title = "A"\nowner = "B"\nurl = "https://a.example"\ncadence_s = 60\n'
    own(f'[kedua]\nadapter = "{adapter}"\n{facts}')
    with pytest.raises(BadSettings, match=f"feed kedua: no option '{missing}', which its adapter needs"):
        feeds.feed("kedua").options[missing]


def test_a_run_that_needs_an_option_that_nobody_gave_says_which(city, own):
    own(
        '[kedua]\ntitle = "A"\nowner = "B"\nadapter = "facebook"\nurl = "https://a.example"\ncadence_s = 60\n'
    )
    with pytest.raises(BadSettings, match="feed kedua: no option"):
        pipeline.run("kedua", document=b'{"data": []}')
