"""The board and the brief of an instant stay as they were, whatever becomes of the cases later."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from boundaries import lookup
from boundaries.models import Official, Term
from casework.board import figures, outcomes, spreadsheet
from casework.board.periods import period
from casework.brief import contents, forms
from casework.clock import dues
from casework.duplicates import merging
from casework.escalation import runs
from casework.models import Change, Holiday, Merge, Turn
from casework.routing import turns
from casework.steps import passing, pauses, workflow
from casework.steps.workflow import Step, change_one
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from geoplatform.tables import triggers_at_rest
from layers.models import FeedState, Silence
from reports import intake
from reports.models import Report, SourceUpdate
from reports.record import Update, Updates
from tests.casework.routing.test_answerable import written
from tests.casework.ruled import answer_within
from tests.conftest import NOON

Action = Callable[[random.Random, list[int], datetime], None]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAR = NOON + 900 * DAY
MAY = period("2026-05")
HERE, THERE = "kelurahan-31.71.01.1001", "kelurahan-31.71.01.1002"
ALL = {"triage", "answer", "dispute", "supervise", "undo"}
WHO, WORDS = "user:1", "Kata-kata"
CHANNELS = ("qlue", "lapor")


@pytest.fixture
def cases(receive_one) -> list[int]:
    """Twelve cases that came one after another."""
    ids = []
    for number in range(12):
        channel = CHANNELS[number % 2]
        ids.append(
            receive_one(external_id=str(number), channel=channel, submitted_at=NOON + number * HOUR).id
        )
        workflow.collect(NOON + number * HOUR)
        turns.begin()
    return ids


@pytest.fixture
def three_days(city) -> None:
    """Let answers be due when the third working day ends."""
    answer_within("lapor_verify", "road")


def known(at: datetime) -> dict[figures.Whose, tuple[object, ...]]:
    """Return all that the database says of an instant for the board."""
    found = {
        whose: (
            sorted(one.turns.tolist()),
            one.shared,
            one.problems.tolist(),
            one.disputed,
            sorted(one.rungs.items()),
            sorted(one.paused.items()),
        )
        for whose, one in figures.read(MAY, at).items()
    }
    return dict(sorted(found.items(), key=str))


def tables(at: datetime) -> tuple[str, str]:
    """Return the tables of the board and of the brief of an instant."""
    return spreadsheet.table(outcomes.board(MAY, at)), forms.csv(contents.make(at))


def merge(dice: random.Random, cases: list[int], at: datetime) -> None:
    lead, *others = dice.sample(cases, dice.choice((2, 3)))
    merging.merge(others, lead, WHO, {"triage"}, WORDS, at)


def unmerge(dice: random.Random, cases: list[int], at: datetime) -> None:
    merged = list(Merge.objects.filter(unmerge=None).order_by("id"))
    if not merged:
        raise NotFound("nothing is merged")
    merging.unmerge(dice.choice(merged).id, WHO, {"triage"}, WORDS, at)


def step(to: str) -> Action:
    def take(dice: random.Random, cases: list[int], at: datetime) -> None:
        case = dice.choice(cases)
        change_one(Step(case, to, WORDS), WHO, ALL - {"undo"}, at)
        turns.again([case])

    return take


def undo(dice: random.Random, cases: list[int], at: datetime) -> None:
    """Take back the last step of a case, as whoever took it may."""
    last = Change.objects.filter(case=dice.choice(cases)).last()
    if last is None or last.permission in ("undo", "merge"):
        raise NotFound("no step that is undone by itself")
    change_one(Step(last.case_id, last.from_state_id, WORDS), WHO, {"undo"}, at)


def pause(dice: random.Random, cases: list[int], at: datetime) -> None:
    pauses.pause(dice.choice(cases), "weather", at + DAY, WHO, at)


def resume(dice: random.Random, cases: list[int], at: datetime) -> None:
    pauses.resume(dice.choice(cases), WHO, at)


def pass_on(dice: random.Random, cases: list[int], at: datetime) -> None:
    passing.pass_on(dice.choice(cases), THERE, WHO, WORDS, at)


def accept(dice: random.Random, cases: list[int], at: datetime) -> None:
    passing.accept(dice.choice(cases), WHO, at)


def hand_over(dice: random.Random, cases: list[int], at: datetime) -> None:
    """Let somebody else hold an office from the city's next day on, or nobody."""
    office, day = dice.choice((HERE, THERE)), lookup.city_day(at) + DAY
    held = Term.objects.filter(office=office, during__contains=day).first()
    if held and held.during.lower == day:
        raise Conflict("they come that day")
    if held:
        Term.objects.filter(id=held.id).update(during=DateRange(held.during.lower, day))
    if dice.random() < 0.7:
        person = Official.objects.create(name=f"Contoh {Official.objects.count()}")
        Term.objects.create(office_id=office, official=person, during=DateRange(day, None), acting=True)
    written()


def escalate(dice: random.Random, cases: list[int], at: datetime) -> None:
    runs.escalate(at)


def delete(dice: random.Random, cases: list[int], at: datetime) -> None:
    """Let an author delete a report, and us hear of it at once."""
    report = Report.objects.get(id=dice.choice(cases))
    if report.status == "withdrawn":
        raise Conflict("it is deleted")
    gone = Update(at=at, status="withdrawn", by="", note="")
    intake.receive([Updates(report.channel, report.external_id, (gone,))], simulated=False)
    with triggers_at_rest():
        SourceUpdate.objects.filter(at=at).update(fetched_at=at)


def there_again(dice: random.Random, cases: list[int], at: datetime) -> None:
    if not Report.objects.filter(id=dice.choice(cases), status="withdrawn").update(status="waiting"):
        raise Conflict("it is there")


def fall_silent(dice: random.Random, cases: list[int], at: datetime) -> None:
    """Let a feed be silent that was heard, or be heard that was silent."""
    state, _ = FeedState.objects.get_or_create(
        feed=dice.choice(CHANNELS),
        defaults={
            "title": "", "owner": "", "enabled": True, "simulated": False, "cadence_s": 60,
            "silent_since": NOON, "stale_at": FAR,
        },
    )  # fmt: skip
    if state.stale_at < at:
        Silence.objects.create(feed=state.feed, since=state.silent_since, known_at=state.stale_at, until=at)
        state.silent_since, state.stale_at = at, FAR
    else:
        state.silent_since, state.stale_at = at - MINUTE, at
    state.save()


ACTIONS: dict[str, Action] = {
    "merge": merge,
    "unmerge": unmerge,
    "undo": undo,
    "close": step("no_problem"),
    "duplicate": step("duplicate"),
    "answer": step("answered"),
    "resolve": step("resolved"),
    "dispute": step("disputed"),
    "pause": pause,
    "resume": resume,
    "pass on": pass_on,
    "accept": accept,
    "hand over": hand_over,
    "escalate": escalate,
    "delete": delete,
    "there again": there_again,
    "fall silent": fall_silent,
}
# What is undone, and what few cases can take.
OFTEN = ("unmerge", "unmerge", "undo", "undo", "close", "there again", "accept", "resume")


def is_taken(action: Action, dice: random.Random, cases: list[int], at: datetime) -> bool:
    """Try an action with one case after another until one lets it."""
    for _ in range(8):
        try:
            action(dice, cases, at)
        except (Conflict, InvalidRequest, NotFound):
            continue
        return True
    return False


def test_what_is_known_of_an_instant_stays_whatever_is_done_later(cases):
    """Random actions; behind each of them some instants before it are asked for again, and all in the end."""
    dice, at = random.Random(317), NOON + 12 * HOUR
    then: dict[datetime, object] = {}
    taken = dict.fromkeys(ACTIONS, 0)
    for number in range(130):
        at += dice.choice((3 * MINUTE, 2 * HOUR, 7 * HOUR))
        name = dice.choice([*ACTIONS, *OFTEN])
        if not is_taken(ACTIONS[name], dice, cases, at):
            continue
        taken[name] += 1
        workflow.follow(at)  # as the worker does each minute
        asked = dice.sample(list(then), min(len(then), 3))
        changed = [instant for instant in asked if known(instant) != then[instant]]
        assert not changed, f"{name} at {at}, step {number}: of {changed} something else is known"
        then[at + MINUTE] = known(at + MINUTE)
    assert [instant for instant, said in then.items() if known(instant) != said] == []
    assert min(taken.values()) > 0, taken


@pytest.mark.parametrize("how", ["merge", "close"])
def test_tables_of_an_instant_have_the_same_bytes_before_and_after_it_is_undone(cases, how):
    first, second, *_ = cases
    undone, at = NOON + 60 * HOUR, NOON + 59 * HOUR
    runs.escalate(NOON + 50 * HOUR)
    if how == "merge":
        done = merging.merge([second], first, WHO, {"triage"}, WORDS, undone - 2 * HOUR)
    else:
        change_one(Step(second, "no_problem", WORDS), WHO, ALL, undone - 2 * HOUR)
    before = tables(at)
    if how == "merge":
        merging.unmerge(done.id, WHO, {"triage"}, WORDS, undone)
    else:
        change_one(Step(second, "collected"), WHO, {"undo"}, undone)
    assert Turn.objects.get(case=second).ended_at is None
    assert tables(at) == before
    assert tables(undone + HOUR) != before


def test_a_holiday_that_is_loaded_later_excuses_in_the_past_too(three_days, cases):
    """The one thing that changes what was known: it was a holiday then as well (ADR 0048)."""
    due = Turn.objects.get(case=cases[0]).due_at
    assert outcomes.board(MAY, due + HOUR, office=HERE).totals["unanswered"] == 12
    Holiday.objects.create(on=due.date(), name="Cuti", kind="collective_leave", source="Contoh")
    dues.renew(due + 2 * HOUR, settled=True)
    totals = outcomes.board(MAY, due + HOUR, office=HERE).totals
    assert (totals["unanswered"], totals["running"]) == (0, 12)
