"""What became of a turn, in plain Python: it shares nothing with the statement that it is held against."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from casework.models import Change, Pause, Turn
from layers.models import FeedState


class Known(NamedTuple):
    """What else was known at an instant: of which cases duplicates, pauses and silences."""

    at: datetime
    duplicates: frozenset[tuple[int, datetime]]
    paused: frozenset[int]
    silent: Mapping[str, datetime]


def known(at: datetime) -> Known:
    """Read it; for a world without merges, and whose silences are not over."""
    duplicates = Change.objects.filter(to_state="duplicate", at__lte=at).values_list("case_id", "at")
    pauses = Pause.objects.filter(since__lte=at)
    silences = FeedState.objects.filter(enabled=True, stale_at__lte=at)
    return Known(
        at,
        frozenset(duplicates),
        frozenset(one.case_id for one in pauses if min(one.until, one.ended_at or one.until) > at),
        dict(silences.values_list("feed", "silent_since")),
    )


def outcome(turn: Turn, channel: str, told: Known) -> str:
    """Return the outcome of a turn, by its name in ``casework.board.cells.OUTCOMES``."""
    due = turn.due_at if turn.due_is_sure else None
    if turn.answered_at and turn.answered_at <= told.at:
        return _answered(turn.answered_at, turn, due, told.at)
    ended = turn.ended_at if turn.ended_at and turn.ended_at <= told.at else None
    if due and due < (ended or told.at):
        since = told.silent.get(channel)
        if turn.office_id and turn.official_id is None:
            return "vacant"
        return "no_data" if since and since < due else "unanswered"
    return _in_time(turn, ended, told)


def _answered(answered: datetime, turn: Turn, due: datetime | None, at: datetime) -> str:
    if turn.began_at and answered <= turn.began_at:
        return "came_answered"
    if due and answered > due:
        return "late"
    return "in_time" if due and due <= at else "early"


def _in_time(turn: Turn, ended: datetime | None, told: Known) -> str:
    """Return what a turn is that ended without an answer before it was due, or is waited for."""
    if ended and turn.ended_by == "passed_on":
        return "passed_on"
    if ended and (turn.case_id, ended) in told.duplicates:
        return "duplicate"
    return "taken" if ended else "paused" if turn.case_id in told.paused else "running"


def outcomes(at: datetime) -> dict[tuple[str | None, int | None], Counter[str]]:
    """Return by office and official how many turns had each outcome."""
    told = known(at)
    found: dict[tuple[str | None, int | None], Counter[str]] = {}
    for turn in Turn.objects.filter(began_at__lt=at).select_related("case__report"):
        one = found.setdefault((turn.office_id, turn.official_id), Counter())
        one[outcome(turn, turn.case.report.channel, told)] += 1
    return found
