"""Pauses: for a reason, for so long at most, over by themselves; and when the answer is due then."""

import io
import threading
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from casework.clock import norms
from casework.models import Case, Pause, PauseReason, Turn
from casework.routing import turns
from casework.steps import passing, pauses, workflow
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from reports import intake
from tests.casework.routing.test_turns import HOUR, of, step
from tests.casework.ruled import answer_within
from tests.conftest import NOON

DAY = timedelta(days=1)


@pytest.fixture
def case(receive_one) -> int:
    """A case whose answer is due a day after NOON."""
    return opened(receive_one)


def opened(receive_one) -> int:
    id: int = receive_one().id
    workflow.collect(NOON)
    turns.begin()
    return id


def pause(id: int, since: timedelta, until: timedelta, reason: str = "weather") -> Pause:
    return pauses.pause(id, reason, NOON + until, "user:1", NOON + since)


def due(id: int):
    return of(id)[-1].due_at - NOON


def test_while_a_pause_lasts_the_clock_stands_still_and_then_runs_by_itself(case):
    pause(case, HOUR, 5 * HOUR)
    assert due(case) == 28 * HOUR


def test_what_pauses_have_in_common_counts_once(case):
    pause(case, HOUR, 5 * HOUR)
    pause(case, 3 * HOUR, 9 * HOUR, "citizen")
    assert due(case) == 32 * HOUR


def test_a_pause_that_ends_sooner_counts_as_long_as_it_lasted(case):
    pause(case, HOUR, 5 * HOUR)
    assert pauses.resume(case, "user:2", NOON + 2 * HOUR) == 1
    assert due(case) == 25 * HOUR
    assert Pause.objects.values_list("ended_at", "resumed_by").get() == (NOON + 2 * HOUR, "user:2")


def test_all_pauses_that_last_end_together(case):
    pause(case, HOUR, 5 * HOUR)
    pause(case, HOUR, 9 * HOUR, "citizen")
    assert pauses.paused(case, NOON + 6 * HOUR).reason == "citizen"
    assert pauses.resume(case, "user:2", NOON + 2 * HOUR) == 2
    assert pauses.paused(case, NOON + 3 * HOUR) is None
    assert due(case) == 25 * HOUR


def test_a_pause_after_the_answer_was_due_changes_nothing(case):
    pause(case, 30 * HOUR, 40 * HOUR)
    assert due(case) == 24 * HOUR


def test_a_pause_of_an_hour_gives_the_working_day_that_it_began(receive_one):
    answer_within("light")
    case = opened(receive_one)
    # On Monday; Thursday and Friday are closed, and two days are allowed.
    pause(case, 4 * DAY, 4 * DAY + HOUR)
    assert of(case)[0].due_at == norms.calendar().end((NOON + 6 * DAY).date())


@pytest.mark.parametrize(("days", "is_refused"), [(7, False), (7.01, True)])
def test_a_reason_says_for_how_long_at_most(case, days, is_refused):
    if not is_refused:
        assert pause(case, HOUR * 0, DAY * days).reason == "weather"
        return
    with pytest.raises(InvalidRequest, match=r"7 days and 0:15 hours of 'weather', at most 7 days"):
        pause(case, HOUR * 0, DAY * days)


def test_pauses_for_one_reason_are_taken_together(case):
    pause(case, HOUR, HOUR + 4 * DAY)
    pauses.resume(case, "user:1", NOON + HOUR + DAY)
    pause(case, 2 * DAY, 7 * DAY)
    with pytest.raises(InvalidRequest, match=r"7 days and 12:00 hours of 'weather', at most 7 days"):
        pause(case, 8 * DAY, 9.5 * DAY)
    pause(case, 8 * DAY, 9.5 * DAY, "citizen")
    assert Pause.objects.count() == 3


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"reason": "holiday"}, "reason 'holiday' is none of citizen, material, third_party, weather"),
        ({"until": HOUR}, "until .*: a pause ends later than it begins"),
    ],
)
def test_a_pause_without_a_reason_or_a_length_is_refused(case, parts, words):
    with pytest.raises(InvalidRequest, match=words):
        pause(case, HOUR, parts.get("until", 2 * HOUR), parts.get("reason", "weather"))


def test_a_case_that_is_answered_or_not_there_has_no_clock_to_stop(case):
    step(case, "answered", HOUR)
    with pytest.raises(Conflict, match="no clock runs that could be stopped"):
        pause(case, 2 * HOUR, 3 * HOUR)
    with pytest.raises(Conflict, match="its clock does not stand still"):
        pauses.resume(case, "user:1", NOON)
    with pytest.raises(NotFound, match="no case 4711"):
        pause(4711, HOUR, 2 * HOUR)


def test_the_turn_after_a_dispute_stands_still_while_a_pause_of_before_lasts(case):
    pause(case, HOUR, 5 * HOUR)
    step(case, "answered", 2 * HOUR)
    step(case, "disputed", 3 * HOUR)
    assert due(case) == (3 + 24 + 2) * HOUR


@pytest.mark.parametrize(
    ("until", "resumed", "accepted", "first", "second"),
    [
        (10, None, 3, 32, 3 + 24 + 7),  # it lasts on behind the hop, for both
        (10, 5, 3, 32, 3 + 24 + 2),  # and ends for who has the case by then
        (4, None, 6, 26, 6 + 24),  # it was over before the next one accepted
    ],
    ids=["across the hop", "ended behind it", "before it"],
)
def test_a_pause_across_a_hop_stands_for_each_clock_as_long_as_that_runs(
    case, until, resumed, accepted, first, second
):
    passing.pass_on(case, "kecamatan-31.71.01", "user:1", "Bukan kewenangan kami", NOON + HOUR)
    pause(case, 2 * HOUR, until * HOUR)
    passing.accept(case, "user:2", NOON + accepted * HOUR)
    if resumed:
        pauses.resume(case, "user:1", NOON + resumed * HOUR)
    assert [(turn.due_at - NOON) / HOUR for turn in of(case)] == [first, second]


@pytest.mark.django_db(transaction=True)
def test_who_pauses_a_case_that_somebody_has_in_hand_does_not_wait(transactional_city, submission):
    intake.receive([submission()], simulated=False)
    workflow.collect(NOON)
    turns.begin()
    id = Case.objects.get().report_id
    held, free = threading.Event(), threading.Event()

    def first() -> None:
        try:
            with transaction.atomic():
                step(id, "selected")
                held.set()
                free.wait(120)
        finally:
            held.set()
            connection.close()

    operator = threading.Thread(target=first)
    operator.start()
    held.wait(120)
    try:
        with pytest.raises(Conflict, match="somebody else has it in hand"):
            pause(id, HOUR, 2 * HOUR)
    finally:
        free.set()
        operator.join()
    assert pause(id, HOUR, 2 * HOUR).by == "user:1"


WORDS = "may end sooner, once, and nothing else|a pause stays|last 7 days at most"
REFUSED_BY_THE_DATABASE = {
    "a longer pause": "UPDATE casework_pause SET until = until + interval '1 hour'",
    "another reason": "UPDATE casework_pause SET reason = 'citizen'",
    "an end before it began": "UPDATE casework_pause SET ended_at = since - interval '1 hour'",
    "an end after it ended": "UPDATE casework_pause SET ended_at = until + interval '1 hour'",
    "fewer pauses": "DELETE FROM casework_pause",
    "one that lasts too long": """INSERT INTO casework_pause (case_id, since, until, reason, by)
        SELECT case_id, since, since + interval '8 days', reason, by FROM casework_pause""",
    "two that last too long together": """INSERT INTO casework_pause (case_id, since, until, reason, by)
        SELECT case_id, until, until + interval '6 days 21 hours', reason, by FROM casework_pause""",
}


@pytest.mark.parametrize("statement", REFUSED_BY_THE_DATABASE.values(), ids=REFUSED_BY_THE_DATABASE)
def test_the_database_refuses(case, statement):
    made = pause(case, HOUR, 5 * HOUR)
    with pytest.raises(DatabaseError, match=WORDS), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Pause.objects.get() == made


def test_a_pause_ends_sooner_once(case):
    pause(case, HOUR, 5 * HOUR)
    pauses.resume(case, "user:2", NOON + 2 * HOUR)
    with pytest.raises(DatabaseError, match="once"), transaction.atomic():
        Pause.objects.update(ended_at=NOON + 3 * HOUR)


def test_what_an_operator_changed_of_a_reason_stays(city):
    PauseReason.objects.filter(code="weather").update(most_days=3)
    pauses.load()
    assert PauseReason.objects.get(code="weather").most_days == 3


def typed(*words: object) -> list[str]:
    out = io.StringIO()
    call_command("pause", *map(str, words), stdout=out)
    return out.getvalue().splitlines()


def test_the_command_pauses_resumes_and_lists_the_reasons(receive_one, monkeypatch):
    id = receive_one().id
    workflow.collect(NOON)
    turns.begin()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON + HOUR)
    assert typed()[0].startswith("citizen        7 days at most  Menunggu keterangan dari warga; Waiting for")
    assert typed(id, "--reason", "weather", "--until", "2026-05-15", "--by", "Budi") == [
        "paused until 2026-05-15 17:00Z",
        "the answer is due 2026-05-16 16:00Z",
    ]
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON + 2 * HOUR)
    assert typed(id, "--resume", "--by", "Budi") == ["1 pauses ended", "the answer is due 2026-05-15 06:00Z"]
    made = typed(id, "--reason", "citizen", "--until", "2026-05-14T16:00+07:00", "--by", "Budi")
    assert made[0] == "paused until 2026-05-14 09:00Z"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--resume"], "--by: the history says who"),
        (["--by", "x", "--reason", "weather"], "a pause has a --reason and an --until"),
        (
            ["--by", "x", "--reason", "weather", "--until", "soon"],
            "--until 'soon' is neither a day nor an instant",
        ),
        (["--by", "x", "--reason", "weather", "--until", "2026-05-14T16:00"], "has no offset from UTC"),
    ],
)
def test_the_command_says_what_is_missing(case, words, message):
    with pytest.raises(CommandError, match=message):
        typed(case, *words)
    assert not Turn.objects.exclude(due_at=NOON + DAY).exists()
