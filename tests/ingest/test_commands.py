"""The commands as a person types them."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from boundaries.models import Edition, Level, Office
from casework.models import Escalation, Turn
from fixtures import demo, faults
from geoplatform import tables
from ingest import feeds
from ingest.management.commands import prepare
from ingest.models import Payload, Run, Waiting
from layers.models import Alert, Jam, Poi
from reports.models import Outgoing, Report
from staff import roles
from staff.models import User
from tests.conftest import NOON, ROOT


def typed(*words: object, **options: object) -> list[str]:
    """Run a command and return the lines that it prints."""
    out = io.StringIO()
    call_command(*map(str, words), stdout=out, **options)
    return out.getvalue().splitlines()


def test_ingest_ends_with_a_line_of_totals(city, sources):
    last = typed("ingest", "waze")[-1]
    run = Run.objects.get()
    assert last.startswith(f"waze: fetched 1, new {run.new}, changed 0, rejected 0, ")


def test_ingest_reads_a_file_as_the_feed_sends_it(city):
    path = ROOT / "fixtures" / "feeds" / "qlue" / "marker_v3_page.json"
    last = typed("ingest", "qlue", "--file", path)[-1]
    count = len(json.loads(path.read_text()))
    assert last.startswith(f"qlue: fetched {count}, new {count}, ")


@pytest.fixture
def half_wrong(tmp_path):
    """A file of Qlue's in which one marker has a category that nobody knows, and one has no number."""
    markers = json.loads((ROOT / "fixtures" / "feeds" / "qlue" / "marker_v3_page.json").read_text())
    markers[0]["profile"]["detail"]["suggest"]["labels"] = ["Baru", "ic_2new.png"]
    markers[1]["id"] = None
    path = tmp_path / "markers.json"
    path.write_text(json.dumps(markers))
    with pytest.raises(CommandError, match="no field 'id'"):
        typed("ingest", "qlue", "--file", path)
    return path


def test_a_file_that_is_given_again_says_what_of_it_was_set_aside(city, half_wrong):
    count = Report.objects.count() + 2
    last = typed("ingest", "qlue", "--file", half_wrong)[-1]
    assert last.startswith(
        f"qlue: fetched {count}, new 0, changed 0, rejected 0, {count} known, of which 2 set aside earlier, "
    )


def test_a_wrong_file_that_is_given_again_is_no_silent_success(city, tmp_path):
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps([{"something": number} for number in range(4)]))
    with pytest.raises(CommandError, match="no field 'id'"):
        typed("ingest", "qlue", "--file", path)
    assert "4 known, of which 4 set aside earlier" in typed("ingest", "qlue", "--file", path)[-1]


def test_what_was_set_aside_is_listed_with_its_reason_and_printed_as_it_was_sent(city, half_wrong):
    Waiting.objects.create(payload=Payload.objects.latest("id"))
    first, second, last = typed("rejections", "qlue")
    assert first.endswith("unknown category ['Baru', 'ic_2new.png']")
    assert second.endswith("no field 'id'")
    assert last.startswith("qlue: rejected 2, kept and not used yet 1, the oldest since 20")
    (body,) = typed("rejections", "qlue", "--payload", first.split()[0])
    assert json.loads(body)["profile"]["detail"]["suggest"]["labels"] == ["Baru", "ic_2new.png"]
    assert typed("rejections", "qlue", "--reasons")[:2] == [
        "       1  no field 'id'", "       1  unknown category ['Baru', 'ic_2new.png']"
    ]  # fmt: skip
    with pytest.raises(CommandError, match="feed waze has no payload"):
        typed("rejections", "waze", "--payload", first.split()[0])


def test_only_what_was_set_aside_is_read_again_after_a_mend(city, half_wrong, monkeypatch):
    mended = feeds.adapter("qlue")
    mended.feed.options["categories"]["ic_2new"] = "other"
    monkeypatch.setattr(feeds, "adapter", lambda name: mended)
    assert typed("replay", "qlue", "--rejected") == ["qlue: replayed 2, new 1, changed 0, rejected 1"]
    assert typed("rejections", "qlue")[-1] == "qlue: rejected 1, kept and not used yet 0"


def test_an_answer_is_put_down_for_the_channel_of_a_report(receive_one):
    receive_one(channel="lapor", external_id="4711")
    said = ["reply", "lapor", "4711", "--by", "Kelurahan Menteng", "--at", "2026-05-14 13:00"]
    (line,) = typed(*said, "--text", "Sudah diperbaiki.")
    message = Outgoing.objects.get()
    assert line == f"answer {message.id} to lapor 4711: waits to be sent"
    assert (message.kind, message.body["by"], message.body["text"]) == (
        "answer", "Kelurahan Menteng", "Sudah diperbaiki."
    )  # fmt: skip
    assert message.body["at"] == "2026-05-14T13:00:00+07:00"
    typed(*said, "--text", "Sudah diperbaiki.")
    assert Outgoing.objects.count() == 1
    assert typed(*said, "--status", "done")[0].startswith("status ")
    assert Outgoing.objects.latest("id").body["status"] == "done"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["lapor", "1", "--text", "ya"], "lapor has no report '1'"),
        (["qlue", "4711", "--text", "ya"], "qlue: this channel takes no answers"),
        (["lapor", "4711"], "an answer has words"),
        (["lapor", "4711", "--status", "selesai"], "status 'selesai' is none"),
        (["lapor", "4711", "--text", "ya", "--at", "kemarin"], "'kemarin' is no time"),
    ],
)
def test_an_answer_that_cannot_be_sent_is_refused_at_once(receive_one, words, reason):
    receive_one(channel="lapor", external_id="4711")
    receive_one(channel="qlue", external_id="4711")
    with pytest.raises(CommandError, match=reason):
        typed("reply", *words, "--by", "Kelurahan Menteng")
    assert not Outgoing.objects.exists()


def test_a_dry_run_of_ingest_says_so_and_stores_nothing(city, sources):
    assert typed("ingest", "overpass", "--dry-run")[-1].endswith("(dry run: nothing was stored)")
    assert not Poi.objects.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--since", "yesterday"], "--since 'yesterday' is no time"),
        (["--file", "/no/such/file.json"], "--file /no/such/file.json"),
    ],
)
def test_ingest_names_the_option_that_cannot_be_used(db, words, message):
    with pytest.raises(CommandError, match=message):
        typed("ingest", "qlue", *words)


def test_a_failed_run_fails_the_command_with_its_reason(city, sources):
    sources.fail("/waze/", faults.status(401), times=None)
    with pytest.raises(CommandError, match=r"waze: .*status 401: the token is missing, wrong or expired"):
        typed("ingest", "waze")


def test_since_without_an_offset_is_jakarta_time(city, sources):
    typed("ingest", "qlue", "--since", "2026-05-14 09:00:00")
    earliest = min(Report.objects.values_list("submitted_at", flat=True))
    assert earliest < datetime(2026, 5, 14, 2, tzinfo=UTC) or Report.objects.count() < 100


def test_replay_counts_what_it_read(city, sources):
    typed("ingest", "waze")
    assert typed("replay", "waze") == ["waze: replayed 1, new 0, changed 0, rejected 0"]


def test_load_boundaries_prints_its_checks_and_the_edition(db):
    lines = typed("load_boundaries", "schematic")
    assert "  ok  kelurahan: 267 (expected 267)" in lines
    assert lines[-1].endswith(": Batas skematis")
    assert Edition.objects.count() == 2


def test_a_dry_run_of_load_boundaries_stores_nothing(city):
    lines = typed("load_boundaries", "schematic", "--dry-run")
    assert lines[-2:] == ["edition would be: Batas skematis", "dry run: nothing was stored"]
    assert Edition.objects.count() == 1


def test_load_boundaries_activates_and_editions_goes_back(city):
    typed("load_boundaries", "schematic", "--activate")
    new = Edition.objects.latest("id")
    assert new.validity is not None
    lines = typed("editions", "--activate", city.id)
    assert any(line.split()[0] == str(city.id) and "in force always .. on" in line for line in lines)
    assert any(line.split()[0] == str(new.id) and "not in force" in line for line in lines)


def test_a_bad_file_of_boundaries_changes_nothing(city, tmp_path):
    bad = tmp_path / "bad.geojson"
    bad.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(CommandError, match=r"bad\.geojson"):
        typed("load_boundaries", bad, "--activate")
    assert Edition.objects.get() == city


def test_editions_names_one_that_there_is_not(city):
    with pytest.raises(CommandError, match="no edition 999999"):
        typed("editions", "--activate", 999999)


def test_load_officials_routes_open_reports_anew(receive_one, tmp_path):
    report = receive_one()
    table = tmp_path / "officials.csv"
    table.write_text(
        "level,boundary_code,title,official,from,to,acting\n"
        "kelurahan,31.71.01.1001,Lurah Gambir,Contoh Pengganti,2026-01-01,,true\n"
    )
    assert (
        typed("load_officials", table)[-1] == "1 offices, 1 officials, 1 terms; 1 open reports in other hands"
    )
    report.refresh_from_db()
    assert report.official.name == "Contoh Pengganti"


def test_load_officials_warns_of_codes_that_the_edition_in_force_has_not(city, tmp_path):
    table = tmp_path / "officials.csv"
    codes = [f"31.79.01.{number}" for number in range(1001, 1008)]
    rows = "".join(f"kelurahan,{code},Lurah Contoh,,,,\n" for code in codes)
    table.write_text(f"level,boundary_code,title,official,from,to,acting\n{rows}")
    warned = io.StringIO()
    assert typed("load_officials", table, stderr=warned)[-1].startswith("7 offices, ")
    assert warned.getvalue() == (
        "warning: 7 codes are not in the edition in force: 31.79.01.1001, 31.79.01.1002, 31.79.01.1003, "
        "31.79.01.1004, 31.79.01.1005, ...\n"
    )


def test_prepare_falls_back_to_schematic_boundaries_without_a_network(db, sources, monkeypatch):
    monkeypatch.setattr(prepare, "REAL", str(ROOT / "tests" / "ingest" / "unreachable.toml"))
    monkeypatch.setattr(demo, "REPORTS", 600)
    Edition.objects.all().delete()
    Office.objects.all().delete()
    lines = typed("prepare")
    assert any("not to be had" in line for line in lines)
    assert Edition.objects.get(validity__contains=NOON.date()).schematic
    assert Office.objects.filter(level__in=Level.values).count() == 317
    assert set(Run.objects.values_list("feed", "outcome")) == {
        (name, "complete") for name in settings.ADAPTERS
    }
    assert Turn.objects.filter(answered_at__isnull=False).exists() and Escalation.objects.exists()
    assert sorted(User.objects.values_list("username", flat=True)) == sorted(roles.table())
    assert typed("prepare") == []


def test_prepare_without_a_superuser_says_that_there_is_no_history(db, sources, monkeypatch):
    monkeypatch.setattr(tables, "may_rest_triggers", lambda: False)
    monkeypatch.setattr(feeds, "names", lambda: ["qlue"])
    lines = typed("prepare")
    assert "no weeks of simulated casework: only a superuser of the database can store them" in lines
    assert not Turn.objects.exists() and Report.objects.exists()


def test_prepare_mixes_no_demo_into_real_feeds_and_says_where_one_is(db, sources, settings):
    Office.objects.all().delete()
    Run.objects.create(feed="overpass", started_at=NOON, finished_at=NOON, outcome="complete", fetched=1)
    with pytest.raises(CommandError, match="holds real feeds: start with --no-demo"):
        typed("prepare")
    assert not Office.objects.exists()
    Run.objects.update(simulated=True)
    settings.SIMULATED_CITY_URL = ""
    assert "no real feed is read into it" in typed("prepare", "--no-demo")[-1]


def test_prepare_without_the_demo_brings_no_officials_and_no_reports(db, sources, monkeypatch):
    Office.objects.all().delete()
    assert typed("prepare", "--no-demo") == []
    assert not Office.objects.exists()
    assert not Run.objects.exists()


def test_simulate_fills_every_layer_and_marks_it(city):
    # At noon: at night no road is jammed.
    lines = typed("simulate", "--days", 1, "--until", NOON.isoformat())
    read = [line.split(":")[0] for line in lines if "so far" not in line]
    assert read == settings.ADAPTERS
    for model in (Report, Alert, Jam, Poi):
        assert model.objects.exists()
        assert not model.objects.filter(simulated=False).exists()


def test_simulate_names_a_clock_that_lies_ahead(db):
    with pytest.raises(CommandError, match=r"--until 2999-01-01T00:00:00.*: lies ahead"):
        typed("simulate", "--until", "2999-01-01")


def test_simulate_names_a_number_of_days_that_cannot_be(db):
    with pytest.raises(CommandError, match="--days 0: from 1 to 3660"):
        typed("simulate", "--days", 0)


@pytest.mark.parametrize("command", [["editions", "--activate", "1"], ["load_boundaries", "schematic"]])
def test_a_day_that_is_none_is_named(db, command):
    with pytest.raises(CommandError, match="'tomorrow' is no date"):
        typed(*command, "--from", "tomorrow")


def test_a_day_without_activation_is_refused(db):
    with pytest.raises(CommandError, match=r"--from 2026-01-01 .* needs --activate"):
        typed("load_boundaries", "schematic", "--from", "2026-01-01")


def test_a_dry_run_of_activation_says_which_reports_would_change_hands(receive_one, city):
    receive_one()
    lines = typed("load_boundaries", "schematic", "--activate", "--dry-run")
    assert any(
        line == "would be in force from all days: 1 reports placed anew, 0 in another place, "
        "0 open ones in other hands"
        for line in lines
    )
    assert Edition.objects.get() == city
