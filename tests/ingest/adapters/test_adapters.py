"""Each adapter against recorded payloads: parse is pure, so no server and no database."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from geoplatform.errors import BadSettings, FeedChanged, FeedUnavailable, Rejected
from ingest import feeds, pipeline
from ingest.models import Rejection
from layers.models import Poi
from layers.record import LonLat
from reports import categories
from tests.conftest import sent


@pytest.mark.parametrize(
    ("feed", "name"),
    [
        ("qlue", "qlue/marker_v3_page"),
        ("qlue", "qlue/marker_v3_edges"),
        ("petabencana", "petabencana/reports_geojson"),
        ("petabencana", "petabencana/reports_topojson"),
        ("petabencana", "petabencana/v2_confirmed"),
        ("waze", "waze/snapshot"),
        ("waze", "waze/snapshot_quiet"),
        ("overpass", "overpass/pois"),
        ("overpass", "overpass/pois_none"),
    ],
)
def test_no_field_of_a_recorded_payload_is_left_unread(adapter, recorded, feed, name):
    made = adapter(feed, at_least=0)
    unread = set()
    for payload in made.items(recorded(name)):
        try:
            unread.update(made.parse(payload).unread)
        except Rejected:
            continue
    assert unread == set()


def test_every_category_of_every_feed_is_in_the_table():
    known = {line.split(",")[0] for line in categories.TABLE.read_text(encoding="utf-8").splitlines()[1:]}
    for name in feeds.names():
        assert set(feeds.feed(name).options.get("categories", {}).values()) <= known


def with_options(settings, file, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    settings.FEEDS_FILE = str(file)


REPORTING = ["balai_warga", "csv", "email", "facebook", "lapor", "open311", "petabencana", "qlue", "x"]


@pytest.mark.parametrize("name", REPORTING)
def test_a_category_that_there_is_not_is_named_when_the_adapter_is_made(settings, tmp_path, name):
    with_options(settings, tmp_path / "a.toml", f'[{name}.options]\ncategory = "lainnya"\n')
    with pytest.raises(BadSettings, match=rf"feed {name}: options\.category is 'lainnya', expected one of"):
        feeds.adapter(name)
    with_options(settings, tmp_path / "b.toml", f'[{name}.options.categories]\nbanjir = "flut"\n')
    with pytest.raises(BadSettings, match=rf"feed {name}: options\.categories\.banjir is 'flut', expected"):
        feeds.adapter(name)


def test_a_status_of_lapor_that_there_is_not_is_named_when_the_adapter_is_made(settings, tmp_path):
    with_options(settings, tmp_path / "a.toml", '[lapor.options.statuses]\nselesai = "finished"\n')
    with pytest.raises(BadSettings, match=r"feed lapor: options\.statuses\.selesai is 'finished'"):
        feeds.adapter("lapor")


# --- Qlue


def test_a_qlue_marker_of_the_third_version_is_a_submission(adapter, recorded):
    qlue = adapter("qlue")
    (marker,) = (marker for marker in recorded("qlue/marker_v3_edges") if marker["id"] == 900008)
    read = qlue.parse(marker)
    assert (read.channel, read.external_id, read.category) == ("qlue", "900008", "tree")
    assert read.submitted_at == read.updated_at == datetime(2016, 4, 14, 9, 59, 59, tzinfo=UTC)
    assert read.point == LonLat(106.82671, -6.17638)
    assert read.author == "melati_contoh18"
    assert read.image_url == "https://photos.simulated-city.example/900008.jpg"
    assert "🌳😭👩🏽‍🌾" in read.description


def test_a_qlue_marker_of_the_first_version_bears_the_category_that_was_asked_for(adapter, recorded):
    qlue = adapter("qlue")
    post = recorded("qlue/marker_level1_edges")[2]
    read = qlue.parse({"category": "ic_2flod", "post": post})
    assert (read.category, read.external_id) == ("flood", "900009")
    assert read.description.startswith('Banjir "setinggi" <b>lutut</b>\n[SIMULASI] <script>')
    assert read.author == "o'neil_fiktif2"


@pytest.mark.parametrize(
    ("name", "wrap", "said"),
    [
        (
            "qlue/marker_level1_flood",
            lambda sent: [{"category": "ic_2flod", "post": post} for post in sent],
            r"a post does not say its icon: give each as \{\"category\": \"<icon>\", \"post\": ",
        ),
        (
            "qlue/history_complete",
            lambda sent: {"pid": "900008", "history": sent},
            r"a history does not say of which report: give it as \{\"pid\": ",
        ),
    ],
)
def test_a_file_of_qlue_that_says_too_little_is_told_how_to_be_given(adapter, recorded, name, wrap, said):
    qlue = adapter("qlue")
    with pytest.raises(FeedChanged, match=said):
        list(qlue.document(sent(recorded(name))))
    assert [qlue.parse(payload) for payload in qlue.document(sent(wrap(recorded(name))))]


def test_qlue_zeros_are_no_point(adapter, recorded):
    qlue = adapter("qlue")
    (marker,) = (marker for marker in recorded("qlue/marker_v3_edges") if marker["id"] == 900006)
    assert qlue.parse(marker).point is None


def test_an_unknown_qlue_category_is_a_rejection(adapter, recorded):
    marker = recorded("qlue/marker_v3_page")[0]
    marker["profile"]["detail"]["suggest"]["labels"] = ["Baru", "ic_2new.png"]
    with pytest.raises(Rejected, match="ic_2new"):
        adapter("qlue").parse(marker)


def test_a_qlue_marker_without_its_location_says_that_the_feed_changed(adapter, recorded):
    marker = recorded("qlue/marker_v3_page")[0]
    del marker["profile"]["location"]
    with pytest.raises(FeedChanged, match=r"profile\.'location'"):
        adapter("qlue").parse(marker)


def test_a_qlue_history_is_a_trace_without_account_names(adapter, recorded):
    history = recorded("qlue/history_edges")
    read = adapter("qlue").parse({"pid": "900008", "history": history})
    assert [update.status for update in read.updates] == [
        "waiting",
        "done",
        "in_progress",
        "in_progress",
        "in_progress",
    ]
    assert read.updates[0].at == datetime(2016, 4, 14, 10, 1, tzinfo=UTC)
    assert "qlue_admin" not in repr(read)
    assert read.unread == ()


# --- PetaBencana


def test_all_forms_of_petabencana_say_the_same(adapter, recorded):
    petabencana = adapter("petabencana")
    geojson = [petabencana.parse(item) for item in petabencana.items(recorded("petabencana/reports_geojson"))]
    topojson = [
        petabencana.parse(item) for item in petabencana.items(recorded("petabencana/reports_topojson"))
    ]
    assert geojson
    for left, right in zip(geojson, topojson, strict=True):
        assert left.external_id == right.external_id
        assert left.submitted_at == right.submitted_at
        assert left.point == pytest.approx(right.point, abs=2e-6)


def test_a_topojson_of_one_point_is_read(adapter, recorded):
    petabencana = adapter("petabencana")
    (item,) = petabencana.items(recorded("petabencana/reports_topojson_one"))
    assert petabencana.parse(item).point is not None


def test_the_local_times_of_v2_become_utc(adapter, recorded):
    petabencana = adapter("petabencana")
    item = petabencana.items(recorded("petabencana/v2_confirmed"))[0]
    local = datetime.fromisoformat(item["properties"]["created_at"])
    assert local.tzinfo is None
    assert petabencana.parse(item).submitted_at == (local - timedelta(hours=7)).replace(tzinfo=UTC)


@pytest.mark.parametrize("name", ["petabencana/reports_none", "petabencana/v2_confirmed_none"])
def test_an_empty_answer_of_petabencana_has_no_items(adapter, recorded, name):
    assert adapter("petabencana").items(recorded(name)) == []


def test_no_content_from_petabencana_has_no_items(adapter):
    assert adapter("petabencana").items(None) == []


def test_an_id_beyond_53_bits_is_kept_to_the_last_digit(adapter, recorded):
    petabencana = adapter("petabencana")
    item = petabencana.items(recorded("petabencana/reports_edges"))[0]
    assert petabencana.parse(item).external_id == "9007199254740993"


def test_an_unknown_disaster_is_a_rejection(adapter, recorded):
    petabencana = adapter("petabencana")
    item = petabencana.items(recorded("petabencana/reports_edges"))[0]
    item["properties"]["disaster_type"] = "meteorite"
    with pytest.raises(Rejected, match="meteorite"):
        petabencana.parse(item)


# --- Waze


def test_a_waze_snapshot_holds_what_is_active_at_its_start(adapter, recorded):
    document = recorded("waze/snapshot")
    (payload,) = adapter("waze").items(document)
    read = adapter("waze").parse(payload)
    assert read.taken_at == datetime.fromtimestamp(document["startTimeMillis"] / 1000, UTC)
    assert [alert.external_id for alert in read.alerts] == [
        alert["uuid"] for alert in document.get("alerts", [])
    ]
    assert len(read.jams) == len(document.get("jams", []))
    assert len(read.irregularities) == len(document.get("irregularities", []))


def test_an_unknown_waze_type_is_stored_as_it_is(adapter, recorded):
    read = adapter("waze").parse(recorded("waze/snapshot_edges"))
    assert (read.alerts[0].type, read.alerts[0].subtype) == ("METEORITE", "METEORITE_SMALL")


def test_a_blocked_jam_has_no_delay_and_an_id_beyond_31_bits(adapter, recorded):
    jam = adapter("waze").parse(recorded("waze/snapshot_edges")).jams[0]
    assert (jam.external_id, jam.delay_s, jam.level) == ("99999999999", None, 5)


def test_absent_arrays_of_waze_mean_that_nothing_is_active(adapter, recorded):
    document = recorded("waze/snapshot_quiet")
    for name in ("alerts", "jams", "irregularities"):
        document.pop(name, None)
    read = adapter("waze").parse(document)
    assert (read.alerts, read.jams, read.irregularities) == ((), (), ())


def test_one_alert_that_cannot_be_used_does_not_cost_the_others(adapter, recorded):
    document = recorded("waze/snapshot_edges")
    document["alerts"][0]["location"] = {"x": -6.2, "y": 106.8}
    read = adapter("waze").parse(document)
    assert len(read.alerts) == 1
    assert read.refused == ("alerts: position lon -6.2, lat 106.8 is not on Earth",)


# --- Overpass


def test_nodes_ways_and_relations_of_one_number_are_three_places(adapter, recorded):
    read = adapter("overpass", at_least=3).parse(recorded("overpass/pois_edges"))
    assert [poi.external_id for poi in read.pois] == ["node/7", "way/7", "relation/7"]
    assert [poi.kind for poi in read.pois] == ["cafe", "fuel", "restaurant"]
    assert len(read.refused) == 3


def test_an_answer_of_no_places_or_few_closes_nothing(adapter, recorded):
    with pytest.raises(FeedChanged, match="0 places, at_least 400 were expected"):
        adapter("overpass").parse(recorded("overpass/pois_none"))
    with pytest.raises(FeedChanged, match="3 places, at_least 4 were expected"):
        adapter("overpass", at_least=4).parse(recorded("overpass/pois_edges"))


def of_overpass(count: int, minute: int) -> bytes:
    """Return an answer of so many places, at a minute."""
    elements = [
        {"type": "node", "id": id, "lat": -6.2, "lon": 106.8 + id / 1000, "tags": {"amenity": "cafe"}}
        for id in range(count)
    ]
    base = {"timestamp_osm_base": f"2026-05-14T05:{minute:02}:00Z"}
    return json.dumps({"osm3s": base, "elements": elements}).encode()


def test_an_answer_that_lacks_half_of_the_places_of_the_one_before_closes_nothing(city, monkeypatch):
    monkeypatch.setitem(feeds._toml(feeds.FOLDER / "overpass.toml")["options"], "at_least", 1)
    pipeline.run("overpass", document=of_overpass(10, 1))
    with pytest.raises(FeedChanged, match=r"5 places, where the answer before had 10: most_lost 0\.5"):
        pipeline.run("overpass", document=of_overpass(5, 2))
    assert Poi.objects.filter(closed_at=None).count() == 10
    assert "most_lost = 1 and replay" in Rejection.objects.get().reason
    # What is compared with is the last answer that was taken: a second one that is cut short is none.
    with pytest.raises(FeedChanged, match="4 places, where the answer before had 10"):
        pipeline.run("overpass", document=of_overpass(4, 3))
    pipeline.run("overpass", document=of_overpass(6, 4))
    assert Poi.objects.filter(closed_at=None).count() == 6


def test_places_that_are_gone_indeed_are_closed_by_a_replay_once_that_is_allowed(city, monkeypatch):
    options = feeds._toml(feeds.FOLDER / "overpass.toml")["options"]
    monkeypatch.setitem(options, "at_least", 1)
    pipeline.run("overpass", document=of_overpass(10, 1))
    with pytest.raises(FeedChanged):
        pipeline.run("overpass", document=of_overpass(2, 2))
    assert pipeline.replay("overpass", only_rejected=True).changed == 0
    monkeypatch.setitem(options, "most_lost", 1)
    assert pipeline.replay("overpass", only_rejected=True).changed == 8
    assert (Poi.objects.filter(closed_at=None).count(), Rejection.objects.count()) == (2, 0)


def test_an_answer_that_overpass_cut_short_closes_nothing(adapter, recorded):
    with pytest.raises(FeedUnavailable, match="timed out"):
        adapter("overpass").items({**recorded("overpass/pois"), "remark": "runtime error: Query timed out"})
