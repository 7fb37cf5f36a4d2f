"""Deadlines and rules as tests want them: put by the calls that people use, for rows are never edited."""

from datetime import datetime

from casework.clock import deadlines
from casework.clock.deadlines import ANSWER, Wanted
from casework.models import Rule
from casework.routing import rules
from tests.conftest import NOON


def answer_within(
    norm: str,
    category: str | None = None,
    tier: str | None = None,
    office: str | None = None,
    at: datetime = NOON,
) -> None:
    """Let another norm hold for answers, for turns that begin at noon or later."""
    deadlines.put(Wanted(ANSWER, category, tier, office, norm, "a test"), at)


def rest(*numbers: int) -> None:
    """Let rules rest; none named: all."""
    for one in rules.lasting().filter(**{"number__in": numbers} if numbers else {}):
        rules.put(rules.parts(one) | {"is_active": False}, NOON)


def wake(rule: Rule) -> None:
    """Let a rule that rests decide again."""
    rules.put(rules.parts(rule) | {"is_active": True}, NOON)
