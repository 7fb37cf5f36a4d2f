"""When the open answers are due: one statement for all says what the clock says one by one."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from casework import clock, deadlines, dues, norms, passing, tasks, turns, workflow
from casework.models import Holiday, Pause, Turn
from reports import intake
from reports.models import Report
from tests.casework.ruled import answer_within
from tests.casework.test_turns import HOUR, of, step
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


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
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
        workflow.collect(at)  # each case has been opened at its own instant
        id = Report.objects.get(external_id=str(number)).id
        # Each for a reason of its own: those for one reason last seven days at most.
        for reason, (offset, length) in zip(("weather", "citizen", "material"), stops, strict=False):
            since = at + timedelta(minutes=offset)
            Pause.objects.create(case_id=id, since=since, until=since + length, reason=reason, by="x")
    turns.begin()
    known, calendar = deadlines.known(), norms.calendar()
    told = Turn.objects.select_related("case__report", "office")
    assert len(told) == len(cases)
    for turn in told:
        norm = deadlines.norm(
            known, "answer", turn.case.report.category_id, turn.office.level, turn.office_id
        )
        paused = [clock.Pause(one.since, one.until) for one in Pause.objects.filter(case=turn.case)]
        expected = clock.due(turn.began_at, norms.allowed(norm), calendar, paused)
        assert (turn.due_at, turn.due_is_sure) == expected
    assert dues.fill(unset=False) == 0


@pytest.fixture
def case(receive_one):
    """Open a case and its turn at an instant."""

    def opened(at: datetime = NOON, external_id: str = "1") -> int:
        id = receive_one(external_id=external_id).id
        workflow.collect(at)
        turns.begin()
        return id

    return opened


def test_a_changed_deadline_holds_for_what_is_open_and_not_for_what_was_answered(case):
    answered, waiting = case(external_id="1"), case(external_id="2")
    step(answered, "answered", HOUR)
    answer_within("light")
    assert dues.fill(unset=False) == 1
    assert of(answered)[0].due_at == NOON + DAY
    assert of(waiting)[0].due_at == datetime(
        2026, 5, 19, 17, tzinfo=UTC
    )  # the end of Tuesday: 14 and 15 May are closed


def test_an_offer_has_no_due_date_before_it_is_accepted(case):
    id = case()
    passing.pass_on(id, "kecamatan-31.71.01", "user:1", "Bukan kewenangan kami", NOON + HOUR)
    dues.fill(unset=False)
    assert of(id)[1].due_at is None


def test_a_due_date_beyond_the_known_holidays_is_not_sure_until_they_are_loaded(case, tmp_path):
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
    call_command("load_holidays", str(table), stdout=out)
    assert out.getvalue().splitlines()[1] == "1 answers are due at another time"
    assert (of(id)[0].due_at, of(id)[0].due_is_sure) == (datetime(2027, 1, 5, 17, tzinfo=UTC), True)


def test_the_worker_and_the_command_reckon_what_is_open_anew(case):
    id = case()
    answer_within("light")
    out = io.StringIO()
    call_command("due", stdout=out)
    assert out.getvalue() == "1 answers are due at another time, 0 not sure\n"
    Holiday.objects.create(on=date(2026, 5, 18), name="x", kind="holiday", source="a test")
    tasks.reckon_dues(timestamp=0)
    assert of(id)[0].due_at == datetime(2026, 5, 20, 17, tzinfo=UTC)


def test_it_takes_as_many_statements_for_a_hundred_as_for_one(
    city, submission, django_assert_max_num_queries
):
    answer_within("light")
    intake.receive([submission(external_id=str(number)) for number in range(100)], simulated=False)
    workflow.collect(NOON)
    turns.begin()
    answer_within("normative")
    with django_assert_max_num_queries(8):
        assert dues.fill(unset=False) == 100


def test_where_no_clock_runs_nothing_is_reckoned(city):
    assert dues.fill(unset=False) == 0
