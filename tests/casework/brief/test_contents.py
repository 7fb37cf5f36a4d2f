"""The brief for the governor: it says what the board says, and the same instant gives the same bytes."""

import csv
import io
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from boundaries.models import Edition
from casework import tasks
from casework.board import outcomes
from casework.board.cells import COLUMNS, cell
from casework.board.periods import period
from casework.brief import contents, forms, pdf, sentences, shaded_map
from casework.brief.contents import Brief
from casework.models import Escalation, Evidence, Turn
from fixtures import year_load
from fixtures.year import SMALL, Truth
from geoplatform.errors import BadSettings, NotFound
from ingest import feeds
from ingest.adapter import Feed
from ingest.models import Run
from ingest.runs import health
from reports.models import Report
from tests.conftest import NOON, fill, triggers_at_rest

NOW = year_load.as_of(SMALL)
FEW = 4


@pytest.fixture(scope="module")
def truth(django_db_setup, django_db_blocker, schematic_coverage) -> Iterator[Truth]:
    """Load the small year once for all that only read it."""
    with django_db_blocker.unblock(), transaction.atomic():
        if not Edition.objects.exists():
            fill(schematic_coverage)
        yield year_load.load(SMALL)
        transaction.set_rollback(True)


@pytest.fixture
def made(truth, db, settings) -> Brief:
    settings.BOARD_MINIMUM = FEW
    return contents.make(NOW)


def lines(made: Brief) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(forms.csv(made))))


def test_it_names_all_who_are_silent_and_nobody_else(made, truth):
    assert {one.row.office for one in made.silent} == truth.never_answer
    assert {line["office"] for line in lines(made) if line["section"] == "silent"} == truth.never_answer
    assert {row.office for row in made.passing_on} == truth.pass_everything_on
    assert {row.office for row in made.vacant} == {truth.vacant}
    assert [name for name, _ in made.silent_feeds] == [feeds.feed(truth.dead_feed).title]


def test_since_when_is_when_the_first_answer_was_due_that_never_came(made):
    for one in made.silent:
        turned, _ = outcomes.cell(one.row.cell("unanswered"), period("2026"), NOW, limit=1000)
        assert one.since == min(turn.due_at for turn in turned)


def figure(figure: str, printed: str) -> str:
    """Read a figure of the table from what its command prints."""
    said = {name: rest.strip() for name, _, rest in (line.partition(" ") for line in printed.splitlines())}
    if figure in COLUMNS or figure == "officials":
        return next(line for line in printed.splitlines() if line.endswith(" in all")).removesuffix(" in all")
    if figure == "since":
        return datetime.fromisoformat(said["since"]).isoformat()
    kind, _, name = figure.partition(" ")
    parts = dict(
        part.rsplit(": ", 1)
        for part in said[{"about:": "about", "rung": "rungs"}.get(kind, kind)].split(", ")
    )
    return parts[name]


def typed_feeds(words: list[str]) -> str:
    out = io.StringIO()
    call_command("feeds", *words, stdout=out)
    return out.getvalue()


def test_every_figure_of_the_table_is_what_its_command_prints(made):
    printed: dict[str, str] = {}
    kinds = set()
    for line in lines(made):
        words = shlex.split(line["command"])
        if words[:2] == ["manage.py", "feeds"]:
            assert typed_feeds(words[2:]) == f"{line['value']}  {line['item']}\n"
            continue
        if line["command"] not in printed:
            out = io.StringIO()
            call_command(*words[1:], *(("--limit", "1") if words[1] == "board" else ()), stdout=out)
            printed[line["command"]] = out.getvalue()
        assert line["value"] == figure(line["figure"], printed[line["command"]]), line
        kinds.add(line["figure"].partition(" ")[0])
    assert kinds >= {
        "problems", "kept", "unanswered", "since", "about:", "rung", "notices", "vacant", "officials",
    }  # fmt: skip


def test_how_many_others_answered_nothing_is_printed_with_who_they_are(truth, db, settings):
    settings.BOARD_MINIMUM = 60
    told = contents.make(NOW)
    assert {one.row.office for one in [*told.few, *told.silent]} >= truth.never_answer
    assert told.few and told.silent
    (line,) = [line for line in lines(told) if (line["section"], line["item"]) == ("list", "few")]
    out = io.StringIO()
    call_command(*shlex.split(line["command"])[1:], stdout=out)
    *named, last = out.getvalue().splitlines()
    assert [row.split()[0] for row in named] == [one.row.office for one in told.few]
    assert (last, line["value"]) == (f"{len(named)} in all", f"{len(named)}")
    assert all(one.row.counts["due"] < 60 and not one.row.counts["kept"] for one in told.few)
    assert f"{len(named)} pejabat lain (few) juga belum menjawab" in forms.html(told)
    with pytest.raises(CommandError, match="no list 'x': newly_silent, few"):
        call_command("brief", "--as-of", contents.written(NOW), "--list", "x")


def test_what_was_tried_is_what_the_turns_behind_it_say(made):
    for one in made.silent:
        turned, _ = outcomes.cell(one.cell, one.period, NOW, limit=1000)
        rungs = [turn.rungs for turn in turned]
        first = 1 if one.row.tier == "kelurahan" else 2
        reached = {number: sum(count > number - first for count in rungs) for number, _ in one.rungs}
        assert reached == {number: turns for (number, _), turns in one.rungs.items()}
        escalations = Escalation.objects.filter(turn__in=[turn.turn_id for turn in turned], at__lte=NOW)
        assert sum(one.rungs.values()) == escalations.count()
        for kind, notices in one.told.items():
            known = Evidence.objects.filter(escalation__in=escalations, kind=kind, at__lte=NOW)
            assert known.count() == notices
        assert sum(turns for _, turns in one.about) == one.row.counts["unanswered"]


def test_hot_spots_are_where_most_reports_have_no_answer(made):
    assert [spot.turns for spot in made.spots] == sorted(made.by_kelurahan.values(), reverse=True)[:5]
    for spot in made.spots:
        turned, _ = outcomes.cell(spot.cell, made.period, NOW, limit=1000)
        assert len(turned) == spot.turns


def test_the_week_before_is_as_it_was_known_then(made):
    then = outcomes.board(made.before, NOW - contents.WEEK)
    assert {figure.cell.column: figure.before for figure in made.figures} == {
        figure.cell.column: then.totals[figure.cell.column] for figure in made.figures
    }
    assert (made.period.last - made.before.last, made.period.first - made.before.first) == (
        contents.WEEK,
    ) * 2


def test_a_feed_that_is_heard_again_changes_no_byte_of_a_brief_that_was_made_before(truth, db, settings):
    settings.BOARD_MINIMUM = FEW
    before = {form: forms.made(contents.make(NOW), form) for form in forms.FORMS}
    assert f"Kanal {feeds.feed(truth.dead_feed).title} diam sejak".encode() in before["html"]
    feed = Feed(
        name=truth.dead_feed, title=feeds.feed(truth.dead_feed).title, owner="", url="https://x.example",
        cadence_s=300, adapter="qlue",
    )  # fmt: skip
    heard_at = NOW + timedelta(hours=2)
    Run.objects.create(feed=feed.name, started_at=heard_at, finished_at=heard_at, used=5)
    health.note(feed, 5, heard_at, "", heard_at)
    late = Turn.objects.filter(case__report__channel=feed.name, answered_at=None, ended_at=None)
    with triggers_at_rest():
        assert late.filter(due_at__lt=NOW).update(answered_at=heard_at) > 0
    Report.objects.filter(channel=feed.name).update(status="done")
    assert {form: forms.made(contents.make(NOW), form) for form in forms.FORMS} == before
    now = contents.make(heard_at)
    assert now.silent_feeds == []
    assert now.figures[0].before  # it is no empty one


@pytest.mark.parametrize("form", forms.FORMS)
def test_the_same_instant_gives_the_same_bytes(made, form):
    assert forms.made(made, form) == forms.made(contents.make(NOW), form)


def test_the_page_is_one_page_a4_and_names_who_is_silent(made):
    raw = forms.made(made, "pdf")
    assert raw.startswith(b"%PDF-")
    assert re.findall(rb"/Type /Pages[^>]*|/Count (\d+)", raw).count(b"1") == 1
    (box,) = re.findall(rb"/MediaBox \[ ?([\d. ]+?) ?\]", raw)
    assert [round(float(edge)) for edge in box.split()] == [0, 0, 595, 842]


def test_a_long_table_leaves_room_for_what_stands_below_it(made, monkeypatch):
    heights = []
    monkeypatch.setattr(pdf, "_below", lambda canvas, brief, y: heights.append(y))
    long = [
        contents.Silent(one.row, one.period, one.since, [("Jalan rusak " * 9, 3)] * 4, one.rungs, one.told)
        for one in made.silent
    ]
    pdf.pdf(Brief(**{**vars(made), "silent": long * 2}))
    assert heights[0] > pdf.MAP_HEIGHT + 60


def test_letters_that_a_pdf_may_not_have_are_written_otherwise():
    assert pdf._plain("Żółw – naïve → 漢") == "Zó?w – naïve ke ?"


class Tags(HTMLParser):
    """Which attributes of a page lead elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [str(value) for name, value in attrs if name in ("src", "href", "action", "srcset")]


def test_the_html_fetches_nothing_and_escapes_names(made):
    row = made.silent[0].row
    named = contents.Silent(
        type(row)(**{**vars(row), "name": "<script>alert(1)</script>"}), made.period, None, [], {}, {}
    )
    page = forms.html(Brief(**{**vars(made), "silent": [named]}))
    tags = Tags()
    tags.feed(page)
    assert tags.links == []
    assert "<script" not in page
    assert "url(" not in page


def test_the_map_has_each_kelurahan_of_the_mainland_and_marks_where_most_are(made):
    marks = {spot.code: str(number) for number, spot in enumerate(made.spots, start=1)}
    drawn = ElementTree.fromstring(shaded_map.svg(made.shapes, made.by_kelurahan, marks, 300))  # noqa: S314
    names = [part.tag.split("}")[1] for part in drawn]
    assert names.count("path") == 261
    written = [part.text for part in drawn if part.tag.endswith("text")]
    assert sorted(map(str, written)) == sorted(marks.values())


@pytest.mark.parametrize(
    ("turns", "ranges"),
    [
        ({}, []),
        ({"a": 1}, [(1, 1)]),
        ({"a": 3, "b": 1}, [(1, 1), (2, 2), (3, 3)]),
        ({"a": 100}, [(1, 25), (26, 50), (51, 75), (76, 100)]),
    ],
)
def test_the_shades_of_the_map_cover_every_number_once(turns, ranges):
    found = shaded_map.steps(turns)
    assert found == ranges
    assert shaded_map.shade(0, found) == shaded_map.SHADES[0]
    if turns:
        assert shaded_map.shade(max(turns.values()), found) == shaded_map.SHADES[-1]


def test_words_are_bahasa_indonesia():
    assert sentences.day(date(2026, 5, 14)) == "14 Mei 2026"
    assert sentences.moment(NOON) == "14 Mei 2026 pukul 12.00 WIB"
    assert sentences.number(185_852) == "185.852"


MONDAY = datetime(2026, 5, 10, 23, 5, tzinfo=UTC)  # five past six in Jakarta, on Monday 11 May


@pytest.fixture
def folder(settings, tmp_path):
    settings.BRIEFS = tmp_path / "briefs"
    return settings.BRIEFS


@pytest.mark.parametrize(
    ("setting", "days", "expected"),
    [
        (("weekly",), 0, ["2026-05-11-weekly"]),
        (("weekly",), 1, []),
        (("daily", "weekly"), 0, ["2026-05-11-daily", "2026-05-11-weekly"]),
        (("daily",), 1, ["2026-05-12-daily"]),
        ((), 0, []),
    ],
)
def test_the_weekly_brief_is_mondays_and_the_daily_one_every_mornings(
    city, folder, settings, setting, days, expected
):
    settings.BRIEF = setting
    paths = forms.scheduled(MONDAY + timedelta(days=days))
    assert sorted({path.stem for path in paths}) == expected
    assert len(paths) == 3 * len(expected)
    assert sorted(forms.kept()) == sorted(path.name for path in paths)


def test_a_brief_that_broke_off_is_written_by_the_next_hour_and_a_whole_one_stays(city, folder, settings):
    settings.BRIEF = ("daily",)
    html, pdf, csv = forms.scheduled(MONDAY)
    assert forms.scheduled(MONDAY + timedelta(hours=1)) == []
    csv.rename(csv.with_suffix(".csv.part"))
    assert forms.scheduled(MONDAY + timedelta(hours=2)) == [html, pdf, csv]


def test_what_is_scheduled_is_what_is_made_on_demand_for_six_o_clock(city, folder, settings):
    settings.BRIEF = ("daily",)
    forms.scheduled(MONDAY)
    six = datetime(2026, 5, 10, 23, tzinfo=UTC)
    assert forms.read("2026-05-11-daily.csv") == forms.made(contents.make(six), "csv")
    with pytest.raises(NotFound, match=r"no brief '\.\./settings\.py'"):
        forms.read("../settings.py")


def test_old_briefs_are_forgotten_and_other_files_stay(folder, settings):
    settings.BRIEF_DAYS = 7
    folder.mkdir()
    for name in ("2026-05-04-weekly.pdf", "2026-05-05-daily.pdf", "notes.txt"):
        (folder / name).write_text("x")
    forms.forget(date(2026, 5, 11))
    assert sorted(path.name for path in folder.iterdir()) == ["2026-05-05-daily.pdf", "notes.txt"]


def test_another_kind_of_brief_in_the_settings_is_named(settings):
    settings.BRIEF = ("monthly",)
    with pytest.raises(BadSettings, match="GEOPLATFORM_BRIEF: 'monthly' is neither daily nor weekly"):
        forms.kinds(date(2026, 5, 11))


def test_the_worker_writes_it(city, folder, settings):
    settings.BRIEF = ("daily",)
    tasks.write_brief(timestamp=0)
    assert len(forms.kept()) == 3


def test_the_command_writes_all_forms_and_says_where(city, tmp_path):
    out = io.StringIO()
    call_command("brief", "--as-of", "2026-05-14T12:00", "--out", str(tmp_path / "x"), stdout=out)
    names = [f"brief-2026-05-14.{form}" for form in forms.FORMS]
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == sorted(names)
    assert out.getvalue().splitlines() == [str(tmp_path / "x" / name) for name in names]
    with pytest.raises(CommandError, match="at 'noon': no instant"):
        call_command("brief", "--as-of", "noon")


def test_a_cell_of_a_kelurahan_is_read_as_it_is_written():
    assert str(cell("all:all:unanswered@31.71.01.1001")) == "all:all:unanswered@31.71.01.1001"
