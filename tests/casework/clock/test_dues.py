"""When the open answers are due: one statement for all says what the clock says one by one."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as some

from casework import tasks
from casework.clock import deadlines, dues, norms, reckoning
from casework.models import Deadline, Holiday, Pause, Turn
from casework.routing import turns
from casework.steps import passing, workflow
from reports import intake
from reports.models import Report
from tests.casework.routing.test_turns import HOUR, of, step
from tests.casework.ruled import answer_within
from tests.conftest import NOON

DAY = timedelta(days=1)
CATEGORIES = ("road", "building", "tree")
OFFICE = "kelurahan-31.71.01.1001"
NORMS = ("governor", "light", "normative", "ordinary")
# Over the Lebaran of 2025 and 2026, and to beyond what holidays are known.
minutes = some.integers(0, 880 * 24 * 60).map(
    lambda count: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=count)
)
lengths = some.integers(1, 7 * 24 * 60).map(lambda count: timedelta(minutes=count))
stops = some.lists(some.tuples(some.integers(-5000, 9000), lengths), max_size=3)
some_cases = some.lists(some.tuples(some.sampled_from(CATEGORIES), minutes, stops), min_size=1, max_size=6)
some_deadlines = some.dictionaries(
    some.tuples(
        some.sampled_from((None, *CATEGORIES)), some.sampled_from((None, "kelurahan", "kecamatan", OFFICE))
    ),
    some.sampled_from(NORMS),
)


@settings(max_examples=40)
@given(cases=some_cases, said=some_deadlines)
def test_what_one_statement_says_of_all_is_what_the_clock_says_of_each(city, submission, cases, said):
    with transaction.atomic():
        _compare(submission, cases, said)
        transaction.set_rollback(True)


def _compare(submission, cases, said) -> None:
    for (category, tier), norm in said.items():
        office = None if tier != OFFICE else OFFICE
        answer_within(norm, category, None if office else tier, office)
    for number, (category, at, stops) in enumerate(cases):
        intake.receive([submission(external_id=str(number), category=category)], simulated=False)
        # Each report came, and its case was opened, at an instant of its own.
        Report.objects.filter(external_id=str(number)).update(received_at=at)
        workflow.collect(at)
        id = Report.objects.get(external_id=str(number)).id
        # Each for a reason of its own: those for one reason last seven days at most.
        for reason, (offset, length) in zip(("weather", "citizen", "material"), stops, strict=False):
            since = at + timedelta(minutes=offset)
            Pause.objects.create(case_id=id, since=since, until=since + length, reason=reason, by="x")
    turns.begin()
    calendar = norms.calendar()
    told = Turn.objects.select_related("case__report", "office", "deadline")
    assert len(told) == len(cases)
    for turn in told:
        norm = deadlines.norm(
            deadlines.known(turn.began_at),
            "answer",
            turn.case.report.category_id,
            turn.office.level,
            turn.office_id,
        )
        assert turn.deadline.norm_id == norm.code
        paused = [reckoning.Pause(one.since, one.until) for one in Pause.objects.filter(case=turn.case)]
        expected = reckoning.due(turn.began_at, norms.allowed(norm), calendar, paused)
        assert (turn.due_at, turn.due_is_sure) == expected
    assert dues.fill() == dues.renew(datetime(2024, 12, 31, tzinfo=UTC)) == 0


@pytest.fixture
def case(receive_one):
    """Open a case and its turn at an instant."""

    def opened(at: datetime = NOON, external_id: str = "1") -> int:
        id = receive_one(external_id=external_id).id
        # By the wall clock it came before what a test has of the future.
        Report.objects.filter(id=id).update(received_at=at)
        workflow.collect(at)
        turns.begin()
        return id

    return opened


def end_of(day: int) -> datetime:
    """The end of a day of May 2026 in the city."""
    return datetime(2026, 5, day, 17, tzinfo=UTC)


def closed(day: int) -> None:
    Holiday.objects.create(on=date(2026, 5, day), name="Cuti", kind="collective_leave", source="a test")


def test_a_turn_keeps_the_deadline_that_held_when_it_began_whatever_becomes_of_that(case):
    before = case(external_id="1")
    answer_within("light", at=NOON + HOUR)
    after = case(NOON + HOUR, external_id="2")
    answer_within("oversight", at=NOON + 2 * HOUR)
    assert dues.renew(NOON + 2 * HOUR) == 0
    assert [of(id)[0].deadline.norm_id for id in (before, after)] == ["governor", "light"]
    # Thursday and Friday are closed: the second working day is Tuesday.
    assert [of(id)[0].due_at for id in (before, after)] == [NOON + DAY, end_of(19)]


def test_a_deadline_that_ends_without_another_leaves_open_turns_theirs(case):
    answer_within("light", "road")
    id = case()
    own = Deadline.objects.get(category="road")
    deadlines.end(own.id, NOON + HOUR)
    assert dues.renew(NOON + 2 * HOUR) == 0
    assert (of(id)[0].deadline, of(id)[0].due_at) == (own, end_of(19))


@pytest.mark.parametrize("change", ["deadline_id = deadline_id + 1", "deadline_id = NULL"])
def test_the_database_refuses_another_deadline_of_a_turn(case, change):
    answer_within("light")
    case()
    words = "the deadline by which its answer is due stays"
    with pytest.raises(DatabaseError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE casework_turn SET {change}")


def test_a_holiday_that_is_loaded_late_makes_nobody_late_who_was_closed(case):
    answer_within("light")
    waiting, late, prompt = (case(external_id=str(number)) for number in range(3))
    step(prompt, "answered", 5 * DAY)
    step(late, "answered", 6 * DAY)
    closed(19)  # On Wednesday somebody loads the decree that Tuesday is a day of leave.
    assert dues.renew(NOON + 6 * DAY + HOUR, settled=True) == 2
    assert [of(id)[0].due_at for id in (waiting, late, prompt)] == [end_of(20), end_of(20), end_of(19)]


def test_a_holiday_that_is_taken_back_makes_nobody_late(case):
    answer_within("light")
    closed(18)
    passed = case(external_id="1")
    assert of(passed)[0].due_at == end_of(20)
    Holiday.objects.filter(on=date(2026, 5, 18)).delete()
    # Tuesday, which would be the last day now, is over: Wednesday stays. On Monday it can still be said.
    assert dues.renew(end_of(19), settled=True) == 0
    assert dues.renew(end_of(20) + HOUR, settled=True) == 0
    assert dues.renew(end_of(18)) == 1
    assert of(passed)[0].due_at == end_of(19)


def test_what_was_answered_before_it_had_a_turn_has_a_due_date_by_working_days(receive_one):
    answer_within("light", at=NOON - 30 * DAY)
    id = receive_one().id
    workflow.collect(NOON)
    step(id, "answered", HOUR)
    turns.begin()
    (turn,) = of(id)
    assert (turn.answered_at, turn.due_at is None) == (NOON + HOUR, False)


def test_an_offer_has_no_due_date_before_it_is_accepted(case):
    id = case()
    passing.pass_on(id, "kecamatan-31.71.01", "user:1", "Bukan kewenangan kami", NOON + HOUR)
    dues.renew(NOON + HOUR)
    assert (of(id)[1].deadline, of(id)[1].due_at) == (None, None)


def test_a_due_date_beyond_the_known_holidays_is_not_sure_until_they_are_decided(case, tmp_path):
    answer_within("light")
    id = case(datetime(2026, 12, 31, 5, tzinfo=UTC))
    assert of(id)[0].due_is_sure is False
    assert of(id)[0].due_at == datetime(2027, 1, 4, 17, tzinfo=UTC)  # as if New Year's Day were a working day
    table = tmp_path / "holidays.csv"
    table.write_text(
        "on,name,kind,source\n2027-01-01,Tahun Baru 2027,holiday,a test\n2027-12-25,Natal,holiday,a test\n",
        encoding="utf-8",
    )
    out = io.StringIO()
    call_command("load_holidays", str(table), decided=2027, source="a test", stdout=out)
    assert out.getvalue().splitlines()[1] == "1 answers are due at another time"
    assert (of(id)[0].due_at, of(id)[0].due_is_sure) == (datetime(2027, 1, 5, 17, tzinfo=UTC), True)


def test_the_worker_and_the_command_reckon_what_is_open_anew(case, monkeypatch):
    answer_within("light")
    id = case()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON + HOUR)
    closed(18)
    out = io.StringIO()
    call_command("due", stdout=out)
    assert out.getvalue() == "1 answers are due at another time, 0 not sure\n"
    closed(20)
    tasks.reckon_dues(timestamp=0)
    assert of(id)[0].due_at == end_of(21)


def test_it_takes_as_many_statements_for_a_hundred_as_for_one(
    city, submission, django_assert_max_num_queries
):
    answer_within("light")
    intake.receive([submission(external_id=str(number)) for number in range(100)], simulated=False)
    workflow.collect(NOON)
    turns.begin()
    closed(18)
    with django_assert_max_num_queries(8):
        assert dues.renew(NOON) == 100


def test_where_no_clock_runs_nothing_is_reckoned(city):
    assert dues.fill() == dues.renew(NOON) == 0
