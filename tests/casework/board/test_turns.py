"""One turn at a time on the board: what it is said to be, and what of it was known when."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest

from boundaries.models import Term
from casework.board import outcomes, spreadsheet
from casework.board.cells import COLUMNS, Cell, cell
from casework.board.periods import period
from casework.models import Change, Pause, Turn
from casework.steps import workflow
from geoplatform.errors import InvalidRequest
from layers.models import FeedState, Silence
from reports.models import Report
from tests.conftest import NOON, triggers_at_rest

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAY = period("2026-05")
GAMBIR = "kelurahan-31.71.01.1001"


@pytest.fixture
def turn(receive_one):
    """Begin a turn at noon of 14 May, due a day later; returns what makes changes to it."""

    def begin(**parts: object) -> Turn:
        report = receive_one(external_id=str(Report.objects.count()))
        workflow.collect(NOON)
        said = {
            "case_id": report.id, "number": 0, "office_id": GAMBIR, "official_id": holder(),
            "explanation": {}, "offered_at": NOON, "began_at": NOON, "due_at": NOON + DAY,
        }  # fmt: skip
        Turn.objects.filter(case_id=report.id).delete()
        with triggers_at_rest():
            return Turn.objects.create(**(said | parts))

    return begin


def holder() -> int:
    return Term.objects.get(office_id=GAMBIR, during__contains=NOON.date()).official_id


def outcome(at: datetime, **chosen: object) -> dict[str, int]:
    (row,) = [row for row in outcomes.board(MAY, at, **chosen).rows if row.office == GAMBIR]
    return {column: count for column, count in row.counts.items() if count and column in CHECKED}


CHECKED = set(COLUMNS) - {"turns", "problems"}


@pytest.mark.parametrize(
    ("parts", "hours", "expected"),
    [
        ({}, 23, {"running": 1}),
        ({}, 24, {"running": 1}),
        ({}, 25, {"unanswered": 1, "due": 1}),
        ({"answered_at": NOON + 3 * HOUR}, 2, {"running": 1}),
        ({"answered_at": NOON + 3 * HOUR}, 4, {"answered_in_time": 1}),
        ({"answered_at": NOON + 3 * HOUR}, 25, {"answered_in_time": 1, "due": 1, "kept": 1}),
        ({"answered_at": NOON + DAY}, 25, {"answered_in_time": 1, "due": 1, "kept": 1}),
        ({"answered_at": NOON + 26 * HOUR}, 25, {"unanswered": 1, "due": 1}),
        ({"answered_at": NOON + 26 * HOUR}, 27, {"answered_late": 1, "due": 1}),
        ({"passed_at": NOON + HOUR}, 2, {"running": 1}),
        ({"passed_at": NOON + HOUR}, 25, {"unanswered": 1, "due": 1}),
        (
            {"passed_at": NOON + HOUR, "ended_at": NOON + 2 * HOUR, "ended_by": "passed_on"}, 25,
            {"passed_on": 1},
        ),
        ({"ended_at": NOON + 2 * HOUR, "ended_by": "rerouted"}, 25, {"taken": 1}),
        # What ends a turn afterwards wipes no missed deadline.
        *(
            ({"ended_at": NOON + 30 * HOUR, "ended_by": by}, hours, {"unanswered": 1, "due": 1})
            for by in ("rerouted", "passed_on", "closed", "resolved")
            for hours in (29, 40)
        ),
        ({"official_id": None, "ended_at": NOON + 30 * HOUR, "ended_by": "passed_on"}, 40, {"vacant": 1}),
        ({"ended_at": NOON + DAY, "ended_by": "passed_on"}, 40, {"passed_on": 1}),
        ({"ended_at": NOON + 2 * HOUR, "ended_by": "closed"}, 25, {"taken": 1}),
        # The report came with an answer of before.
        ({"answered_at": NOON}, 2, {"came_answered": 1}),
        ({"answered_at": NOON - HOUR}, 25, {"came_answered": 1}),
        ({"answered_at": NOON, "official_id": None, "due_at": None}, 25, {"came_answered": 1}),
        # A deadline that is not set yet, or hangs on holidays of which nobody knows, is held against nobody.
        ({"due_at": None}, 99, {"running": 1}),
        ({"due_at": None, "answered_at": NOON + 3 * HOUR}, 99, {"answered_in_time": 1}),
        ({"due_is_sure": False}, 25, {"running": 1}),
        ({"due_is_sure": False, "answered_at": NOON + 26 * HOUR}, 27, {"answered_in_time": 1}),
        ({"official_id": None}, 25, {"vacant": 1}),
        ({"official_id": None, "answered_at": NOON + HOUR}, 25, {"answered_in_time": 1, "due": 1, "kept": 1}),
    ],
)  # fmt: skip
def test_a_turn_is_judged_by_what_was_known(turn, parts, hours, expected):
    turn(**parts)
    rows = [row for row in outcomes.board(MAY, NOON + hours * HOUR).rows if row.office == GAMBIR]
    found = {column: sum(row.counts[column] for row in rows) for column in CHECKED}
    assert {column: count for column, count in found.items() if count} == expected


def test_while_a_pause_lasts_a_turn_is_paused(turn):
    paused = turn(due_at=NOON + 9 * DAY)
    Pause.objects.create(
        case_id=paused.case_id, since=NOON + HOUR, until=NOON + 8 * DAY, ended_at=NOON + 3 * DAY,
        reason="menunggu", by="user:1",
    )  # fmt: skip
    found = [outcome(NOON + hours * HOUR) for hours in (0.5, 2, 71, 73)]
    assert found == [{"running": 1}, {"paused": 1}, {"paused": 1}, {"running": 1}]


def test_for_how_long_turns_were_paused_is_said_by_reason_and_what_overlaps_counts_once(turn):
    one = turn(due_at=NOON + 9 * DAY, answered_at=NOON + 6 * DAY)
    for reason, since, until, ended in (
        ("weather", 1, 3, None),
        ("weather", 2, 4, None),
        ("citizen", 2, 6.5, 2.5),  # it was ended sooner
        ("material", 5, 9, None),  # the answer came meanwhile
        ("third_party", 7, 8, None),
    ):
        Pause.objects.create(
            case_id=one.case_id, since=NOON + since * DAY, until=NOON + until * DAY, reason=reason, by="x",
            ended_at=None if ended is None else NOON + ended * DAY,
        )  # fmt: skip
    (row,) = outcomes.board(MAY, NOON + 20 * DAY, office=GAMBIR).rows
    expected = {"citizen": 0.5, "material": 1, "weather": 3}
    assert row.paused_days == outcomes.board(MAY, NOON + 20 * DAY).paused_days == expected
    then = outcomes.board(MAY, NOON + 2.25 * DAY)
    assert then.paused_days == {"citizen": 0.25, "weather": 1.25}
    lines = list(csv.DictReader(io.StringIO(spreadsheet.table(then))))
    assert {line["paused_days_weather"] for line in lines} == {"0.00", "1.25"}


def test_a_turn_that_began_within_a_pause_was_paused_from_then_on(turn):
    one = turn()
    Pause.objects.create(
        case_id=one.case_id, since=NOON - DAY, until=NOON + 12 * HOUR, reason="weather", by="user:1"
    )
    assert outcomes.board(MAY, NOON + DAY).paused_days == {"weather": 0.5}


def test_what_was_passed_on_after_its_deadline_in_a_silence_is_no_data(turn):
    turn(ended_at=NOON + 30 * HOUR, ended_by="passed_on")
    silence(3, 6, 40)
    assert outcome(NOON + 2 * DAY) == {"no_data": 1}


def test_what_came_answered_is_no_answer_of_ours_in_shares_and_medians(turn):
    turn(answered_at=NOON)
    (row,) = outcomes.board(MAY, NOON + 2 * DAY, office=GAMBIR, minimum=1).rows
    assert (row.kind, row.share, row.time.seconds, row.counts["turns"]) == ("few", None, None, 1)
    (found,), _ = outcomes.cell(row.cell("came_answered"), MAY, NOON + 2 * DAY)
    assert (found.began_at, found.answered_at) == (NOON, NOON)


def test_only_the_step_that_closed_a_turn_makes_it_a_duplicate(turn):
    first = turn(ended_at=NOON + HOUR, ended_by="closed")
    Turn.objects.create(
        case_id=first.case_id, number=1, office_id=GAMBIR, official_id=holder(), explanation={},
        offered_at=NOON + 2 * HOUR, began_at=NOON + 2 * HOUR, due_at=NOON + 2 * DAY,
        ended_at=NOON + 3 * HOUR, ended_by="closed",
    )  # fmt: skip
    closed = {"case_id": first.case_id, "by": "user:1", "text": "Laporan ini sama.", "permission": "triage"}
    with triggers_at_rest():
        Change.objects.create(from_state_id="collected", to_state_id="duplicate", at=NOON + HOUR, **closed)
        Change.objects.create(
            from_state_id="selected", to_state_id="no_problem", at=NOON + 3 * HOUR, **closed
        )
    assert outcome(NOON + DAY) == {"duplicate": 1, "taken": 1}


def test_a_duplicate_counts_as_a_report_and_not_as_a_problem(turn):
    both = turn(), turn(ended_at=NOON + HOUR, ended_by="closed")
    Change.objects.create(
        case_id=both[1].case_id, from_state_id="collected", to_state_id="duplicate", permission="triage",
        by="user:1", at=NOON + HOUR, text="Laporan ini sama dengan laporan lain.",
    )  # fmt: skip
    (row,) = outcomes.board(MAY, NOON + 2 * DAY, office=GAMBIR).rows
    counts = (row.counts["turns"], row.counts["problems"], row.counts["duplicate"], row.counts["due"])
    assert counts == (2, 1, 1, 1)


@pytest.mark.parametrize(
    ("silent_h", "at_h", "expected"),
    [
        (3, 30, {"no_data": 1}),  # it died before the answer was due, and is known to be dead
        (26, 50, {"unanswered": 1, "due": 1}),  # it lived when the answer was due
        (3, 5, {"running": 1}),
        (28, 30, {"unanswered": 1, "due": 1}),  # nobody knows yet that it died
    ],
)
def test_a_feed_that_is_silent_says_nothing(turn, silent_h, at_h, expected):
    turn()
    FeedState.objects.create(
        feed="qlue", title="Qlue", owner="x", enabled=True, simulated=False, cadence_s=300,
        silent_since=NOON + silent_h * HOUR, stale_at=NOON + (silent_h + 3) * HOUR,
    )  # fmt: skip
    assert outcome(NOON + at_h * HOUR) == expected


def test_a_disputed_answer_whose_feed_is_silent_says_nothing_either(turn):
    first = turn(answered_at=NOON + HOUR, ended_at=NOON + HOUR, ended_by="resolved")
    Turn.objects.create(
        case_id=first.case_id, number=1, office_id=GAMBIR, official_id=holder(), explanation={},
        offered_at=NOON + DAY, began_at=NOON + DAY, due_at=NOON + 2 * DAY,
    )  # fmt: skip
    Report.objects.update(status="done")
    FeedState.objects.create(
        feed="qlue", title="Qlue", owner="x", enabled=True, simulated=False, cadence_s=300,
        silent_since=NOON + 26 * HOUR, stale_at=NOON + 30 * HOUR,
    )  # fmt: skip
    assert outcome(NOON + 3 * DAY) == {"answered_in_time": 1, "no_data": 1, "due": 1, "kept": 1}


def silence(since_h: float, known_h: float, until_h: float, feed: str = "qlue") -> None:
    Silence.objects.create(
        feed=feed, since=NOON + since_h * HOUR, known_at=NOON + known_h * HOUR, until=NOON + until_h * HOUR
    )


@pytest.mark.parametrize(
    ("silent_h", "answered_h", "at_h", "expected"),
    [
        ((3, 6, 40), None, 30, {"no_data": 1}),  # while it lasted, as it was said then
        ((3, 26, 40), None, 25, {"unanswered": 1, "due": 1}),  # nobody knew yet
        ((3, 6, 40), None, 99, {"no_data": 1}),  # what was due in it nobody will ever know
        ((3, 6, 20), None, 30, {"unanswered": 1, "due": 1}),  # it was heard again when the answer was due
        ((26, 30, 40), None, 50, {"unanswered": 1, "due": 1}),
        ((3, 6, 40), 41, 39, {"no_data": 1}),
        ((3, 6, 40), 41, 99, {"no_data": 1}),  # told behind the silence: perhaps it was given in time
        ((3, 6, 40), 30, 99, {"answered_late": 1, "due": 1}),  # heard otherwise, and late
        ((3, 6, 40), 20, 99, {"answered_in_time": 1, "due": 1, "kept": 1}),
    ],
)
def test_what_was_due_in_a_silence_that_is_over_says_nothing(turn, silent_h, answered_h, at_h, expected):
    turn(answered_at=None if answered_h is None else NOON + answered_h * HOUR)
    silence(*silent_h)
    silence(0, 1, 99, feed="jaki")
    assert outcome(NOON + at_h * HOUR) == expected


@pytest.mark.parametrize("status", ["waiting", "done", "withdrawn"])
def test_what_became_of_a_report_after_a_silence_changes_nothing_that_was_known_in_it(turn, status):
    one = turn()
    FeedState.objects.create(
        feed="qlue", title="Qlue", owner="x", enabled=True, simulated=False, cadence_s=300,
        silent_since=NOON + 3 * HOUR, stale_at=NOON + 6 * HOUR,
    )  # fmt: skip
    then = outcome(NOON + 30 * HOUR)
    FeedState.objects.update(silent_since=NOON + 40 * HOUR, stale_at=NOON + 99 * HOUR)
    silence(3, 6, 40)
    Report.objects.update(status=status)
    if status == "done":
        with triggers_at_rest():
            Turn.objects.filter(id=one.id).update(answered_at=NOON + 40 * HOUR)
    if status == "withdrawn":
        Turn.objects.filter(id=one.id).update(ended_at=NOON + 40 * HOUR, ended_by="closed")
    assert outcome(NOON + 30 * HOUR) == then == {"no_data": 1}


def test_a_turn_belongs_to_the_day_in_the_city_on_which_it_began(turn):
    turn(began_at=datetime(2026, 4, 30, 17, 0, tzinfo=UTC))  # midnight of 1 May in Jakarta
    assert outcomes.board(MAY, NOON).totals["turns"] == 1
    assert outcomes.board(period("2026-04"), NOON).totals["turns"] == 0


def test_an_office_with_few_reports_is_said_to_be_few_and_has_no_group(turn):
    turn(answered_at=NOON + HOUR)
    (row,) = outcomes.board(MAY, NOON + 2 * DAY, office=GAMBIR).rows
    assert (row.kind, row.group) == ("few", None)
    (row,) = outcomes.board(MAY, NOON + 2 * DAY, office=GAMBIR, minimum=1).rows
    assert (row.kind, row.group) == ("judged", 0)


def test_of_two_pages_the_second_begins_behind_the_first(turn):
    ids = [turn().id for _ in range(3)]
    first, after = outcomes.cell(Cell(GAMBIR, None, "turns"), MAY, NOON + DAY, limit=2)
    second, end = outcomes.cell(Cell(GAMBIR, None, "turns"), MAY, NOON + DAY, after or 0, limit=2)
    assert [one.turn_id for one in [*first, *second]] == ids
    assert (after, end) == (ids[1], None)
    with pytest.raises(InvalidRequest, match="limit 1001: from 1 to 1000"):
        outcomes.cell(Cell(GAMBIR, None, "turns"), MAY, NOON, limit=1001)


@pytest.mark.parametrize(
    "text",
    [
        "", "all", "all:all", "all:all:points", "all:0:turns", "all:-1:turns", "all:1.5:turns", "a:b:c:d",
        ":all:turns", "all:all:turns@",
    ],
)  # fmt: skip
def test_a_cell_of_another_form_is_refused(text):
    with pytest.raises(InvalidRequest, match="cell "):
        cell(text)


@pytest.mark.parametrize(
    "text", ["all:all:turns", "kelurahan:all:due", f"{GAMBIR}:vacant:vacant", f"{GAMBIR}:7:answered_late"]
)
def test_a_cell_is_read_as_it_is_written(text):
    assert str(cell(text)) == text


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-05-14/2026-05-14", date(2026, 5, 14), date(2026, 5, 14)),
    ],
)
def test_a_period_is_a_year_a_month_a_week_or_days(text, first, last):
    assert (period(text).first, period(text).last) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-W54", "2026-05-14", "2026-05-14/2026-05-13", "0001", "x/y", "٢٠٢٦"]
)
def test_another_period_is_refused(text):
    with pytest.raises(InvalidRequest, match="period "):
        period(text)
