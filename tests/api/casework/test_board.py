"""The board and the brief by the API: open to who may see the board, and recorded."""

import json
from datetime import timedelta

import pytest

from access.models import Entry
from api import standby
from boundaries.models import Office
from casework.board import alone, outcomes, periods
from casework.board.figures import CITY
from casework.models import Turn
from casework.steps import passing
from casework.steps.workflow import Step, change_one
from tests.api.casework.conftest import HERE, THERE
from tests.conftest import NOON

AT = "2026-05-20T05:00:00Z"
READS = (
    "/api/staff/board", "/api/staff/board/cells/{office}:all:due", "/api/staff/board/places",
    "/api/staff/board/waiting", "/api/staff/calendar", "/api/staff/questions/counts?by=kota",
    "/staff/board", "/staff/board/map", "/staff/board/chart", "/staff/board/calendar",
    "/staff/board/due/2026-05-20", "/staff/board/cells/{office}:all:due", "/staff/officials/{office}",
    "/api/staff/brief.csv",
)  # fmt: skip
PERIOD = "period=2026-05&at=2026-05-20T05:00:00Z"


@pytest.fixture
def silent(case, office):
    """Let an office answer none of six reports; returns its code."""
    for _ in range(6):
        case()
    return office(HERE)


def row(said: dict, office: str) -> dict:
    return next(one for one in said["rows"] if one["office"]["code"] == office)


@pytest.mark.filterwarnings("ignore:No directory at")
def test_a_standby_may_answer_every_read_of_the_board_but_not_to_who_sees_their_own_office(
    office, login, monkeypatch
):
    asked = []
    monkeypatch.setattr(
        standby, "answered", lambda environ, ask: (asked.append(environ["PATH_INFO"]), ask())[1]
    )
    governor, official = login("governor"), login("official", HERE)
    for address in READS:
        address = address.format(office=office(HERE))  # noqa: PLW2901
        answer = governor.get(address)
        assert (address, answer.status_code) == (address, 200)
        assert asked.pop() == address.partition("?")[0]
    assert official.get(f"/staff/officials/{office(HERE)}").status_code == 200
    assert asked == []


def test_every_post_is_on_the_board_and_who_answered_nothing_comes_first(silent, login):
    said = login("governor").get(f"/api/staff/board?{PERIOD}").json()
    territorial = Office.objects.filter(level__in=["kelurahan", "kecamatan", "kota"])
    assert {one["office"]["code"] for one in said["rows"]} >= set(territorial.values_list("code", flat=True))
    assert said["rows"][0]["office"]["code"] == silent
    found = row(said, silent)
    assert (found["kind"], found["counts"]["unanswered"], found["counts"]["due"]) == ("silent", 6, 6)


def test_each_figure_opens_its_reports_page_by_page(silent, login):
    client = login("auditor")
    name = row(client.get(f"/api/staff/board?{PERIOD}").json(), silent)["cells"]["unanswered"]
    address, read, after = f"/api/staff/board/cells/{name}?{PERIOD}&limit=4", [], ""
    while True:
        page = client.get(f"{address}{after}").json()
        read += page["turns"]
        if page["next_after"] is None:
            break
        after = f"&after={page['next_after']}"
    assert [one["case"] for one in read] == list(
        Turn.objects.order_by("id").values_list("case_id", flat=True)
    )
    assert {one["office"] for one in read} == {silent}


def test_one_office_and_a_table_are_given_too(silent, login):
    client = login("governor")
    said = client.get(f"/api/staff/board?{PERIOD}&office={silent}").json()
    assert {one["office"]["code"] for one in said["rows"]} == {silent}
    table = client.get(f"/api/staff/board?{PERIOD}&f=csv")
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    assert table.content.decode().startswith("office,title,tier")
    assert Entry.objects.get(action="board.export").by == client.user.mark


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("board?period=May", 400),
        ("board?office=lurah:atlantis", 404),
        ("board?at=2199-01-01T00:00:00Z", 400),
        ("board?f=xml", 400),
        ("board/cells/all:all:cats", 400),
        ("board/cells/all", 400),
        ("board/cells/a%00b:all:due", 400),
        ("briefs/../../etc", 404),
        ("briefs/2026-05-18-weekly.pdf", 404),
    ],
)
def test_what_cannot_be_asked_is_refused(login, address, status):
    assert login("governor").get(f"/api/staff/{address}").status_code == status


@pytest.mark.parametrize(("form", "begins"), [("html", b"<!"), ("pdf", b"%PDF-"), ("csv", b"")])
def test_the_brief_is_the_same_for_the_same_instant_and_who_read_it_is_recorded(silent, login, form, begins):
    client = login("governor")
    one, two = (client.get(f"/api/staff/brief.{form}?at={AT}") for _ in range(2))
    assert one.status_code == 200 and one.content == two.content
    assert one.content.lower().startswith(begins.lower())
    assert "default-src 'none'" in one["Content-Security-Policy"]
    assert list(Entry.objects.values_list("action", "details")) == [("brief.read", {"form": form})] * 2


def test_briefs_that_are_kept_are_listed_and_read(silent, login, settings, tmp_path):
    from casework.brief import contents, forms

    settings.BRIEFS = tmp_path
    forms.keep(contents.make(NOON + timedelta(days=2)), "daily")
    client = login("governor")
    names = client.get("/api/staff/briefs").json()["briefs"]
    assert len(names) == 3
    for name in names:
        assert client.get(f"/api/staff/briefs/{name}").content == (tmp_path / name).read_bytes()


def test_an_official_sees_neither_board_nor_brief(silent, login):
    client = login("official", HERE)
    for address in ("board", "board/cells/all:all:due", "brief.html", "brief.pdf", "brief.csv", "briefs"):
        assert client.get(f"/api/staff/{address}").status_code == 403
    assert json.loads(client.get("/api/staff/board").content)["status"] == 403


def test_the_share_answered_by_the_deadline_is_told_by_kelurahan_with_its_cell(silent, login, settings):
    settings.BOARD_MINIMUM = 6
    client = login("governor")
    said = client.get(f"/api/staff/board/places?{PERIOD}").json()
    (place,) = said["places"]
    assert (place["kelurahan"], place["kind"], place["due"], place["kept"]) == (HERE, "answered", 6, 0)
    behind = client.get(f"/api/staff/board/cells/{place['cell']}?{PERIOD}").json()
    assert len(behind["turns"]) == 6
    settings.BOARD_MINIMUM = 7
    assert client.get(f"/api/staff/board/places?{PERIOD}").json()["places"][0]["kind"] == "few"


def test_what_share_still_waits_is_told_by_tier_and_of_an_office(silent, login):
    first = Turn.objects.order_by("id").first()
    change_one(Step(first.case_id, "answered", "Sudah"), "user:1", {"answer"}, NOON + timedelta(hours=3))
    said = login("governor").get(f"/api/staff/board/waiting?{PERIOD}&office={silent}").json()
    (step,) = said["waiting"][silent]
    assert (step["seconds"], round(step["share"], 4)) == (10800, round(5 / 6, 4))
    assert said["waiting"]["kelurahan"] == [step]
    assert said["waiting"]["kota"] == []


def test_rows_are_chosen_by_tier_and_area_and_totals_stay_those_of_all(silent, login):
    client = login("governor")
    there = client.get(f"/api/staff/board?{PERIOD}&area=31.74&tier=kecamatan").json()
    assert {one["tier"] for one in there["rows"]} == {"kecamatan"}
    assert {one["office"]["code"][:15] for one in there["rows"]} == {"kecamatan-31.74"}
    assert there["totals"] == client.get(f"/api/staff/board?{PERIOD}").json()["totals"]


def test_the_calendar_counts_what_falls_due_on_the_day_whose_cases_a_list_has(silent, login):
    client, turn = login("governor"), Turn.objects.first()
    # A working day's deadline is its end, which is the first instant of the next day.
    due = (turn.due_at - timedelta(microseconds=1)).astimezone(CITY).date()
    days = client.get(f"/api/staff/calendar?month={due:%Y-%m}").json()["days"]
    assert {one["on"]: one["waiting"] for one in days if one["waiting"]} == {due.isoformat(): 6}
    assert len(client.get(f"/api/staff/cases?due_on={due}").json()["cases"]) == 6
    assert client.get(f"/api/staff/cases?due_on={due + timedelta(days=1)}").json()["cases"] == []
    assert client.get("/api/staff/calendar?month=2026-5").status_code == 400


def test_an_official_sees_the_figures_of_the_own_office_and_those_behind_them_alone(
    silent, case, office, login
):
    case(THERE)
    client = login("official", HERE)
    said = client.get(f"/api/staff/board?{PERIOD}&office={silent}").json()
    assert {one["office"]["code"] for one in said["rows"]} == {silent}
    assert (said["totals"]["turns"], said["rows"][0]["surely_higher"]) == (6, None)
    name = row(said, silent)["cells"]["unanswered"]
    assert len(client.get(f"/api/staff/board/cells/{name}?{PERIOD}").json()["turns"]) == 6
    assert set(client.get(f"/api/staff/board/waiting?{PERIOD}&office={silent}").json()["waiting"]) == {silent}
    for other in (
        "board",
        f"board?office={office(THERE)}",
        f"board/cells/{office(THERE)}:all:due",
        "board/cells/kelurahan:all:due",
        "board/cells/all:all:due",
        f"board/waiting?office={office(THERE)}",
        "board/waiting",
    ):
        assert client.get(f"/api/staff/{other}").status_code == 403, other


def test_an_official_opens_each_turn_that_counts_against_them_and_no_words_of_a_case_given_away(
    case, office, login
):
    id, kept, mine = case(), case(), login("official", HERE)
    passing.pass_on(id, office(THERE), "user:1", "Bukan", NOON + timedelta(hours=1))
    passing.accept(id, "user:2", NOON + timedelta(hours=30))
    said = mine.get(f"/api/staff/board?{PERIOD}&office={office(HERE)}").json()
    (counted,) = [one for one in said["rows"] if one["counts"]["turns"]]
    name = counted["cells"]["unanswered"]
    told = mine.get(f"/api/staff/board/cells/{name}?{PERIOD}").json()["turns"]
    assert [(one["case"], one["is_seen"]) for one in told] == [(id, False), (kept, True)]
    assert len(told) == counted["counts"]["unanswered"]
    page = mine.get(f"/staff/board/cells/{name}?{PERIOD}").content.decode()
    assert page.count('<td class="number">#') == 1 and f"#{id}" in page and f"/staff/cases/{id}" not in page
    assert mine.get(f"/api/staff/cases/{id}").status_code == 404


def test_an_account_without_an_office_sees_no_figures_by_its_view_of_cases(silent, login):
    assert login("administrator").get(f"/api/staff/board?office={silent}").status_code == 403


def test_figures_of_one_category_count_and_open_its_reports_alone(silent, case, login):
    flooded = [case(category="flood") for _ in range(2)]
    client = login("governor")
    for query, turns in ((PERIOD, 8), (f"{PERIOD}&category=flood", 2)):
        said = client.get(f"/api/staff/board?{query}").json()
        assert (said["totals"]["turns"], row(said, silent)["counts"]["unanswered"]) == (turns, turns)
        name = row(said, silent)["cells"]["unanswered"]
        opened = client.get(f"/api/staff/board/cells/{name}?{query}").json()["turns"]
        assert len(opened) == turns and {one["case"] for one in opened} >= set(flooded)
        (place,) = client.get(f"/api/staff/board/places?{query}").json()["places"]
        assert place["turns"] == turns
    assert client.get(f"/api/staff/board?{PERIOD}&category=cats").status_code == 404


def test_the_board_of_an_office_alone_is_its_part_of_the_whole(silent, case, login, office):
    case(THERE), case(category="flood")
    turn = Turn.objects.order_by("id").first()
    change_one(Step(turn.case_id, "answered", "Sudah"), "user:1", {"answer"}, NOON + timedelta(hours=1))
    at = NOON + timedelta(days=5)
    for category in (None, "flood"):
        whole = outcomes.board(periods.period("2026-05"), at, silent, category=category)
        own = alone.of(silent, periods.period("2026-05"), at, category)
        assert [(one.official, one.counts, one.share, one.time) for one in own.rows] == [
            (one.official, one.counts, one.share, one.time) for one in whole.rows
        ]
