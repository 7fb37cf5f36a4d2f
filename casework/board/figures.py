"""What the board counts, out of the database: of each office and person the turns of a time, by column."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings

from casework.board import survival
from casework.board.cells import COLUMNS, OUTCOMES, rung_column
from casework.board.periods import Period
from casework.board.survival import Left, Median
from casework.escalation import ladder
from geoplatform import sql
from geoplatform.errors import NotFound
from reports.models import Category

CITY = ZoneInfo(settings.CITY_TIME_ZONE)
# Of a packed turn: its outcome, whether its holder was acting, and above both its seconds.
OUTCOME, ACTING, SECONDS = 15, 16, 5
ANSWERED = np.isin(np.arange(16), [1 + OUTCOMES.index(name) for name in ("early", "in_time", "late")])
# What no answer is waited for in: the problem's other report has one, or it came with one.
APART = np.isin(np.arange(16), [1 + OUTCOMES.index(name) for name in ("duplicate", "came_answered")])
# Not due yet: the turn of who holds the office at the instant.
AHEAD = np.isin(np.arange(16), [1 + OUTCOMES.index(name) for name in ("paused", "running")])
# By column, in their order, how often an outcome counts: 1 or 0.
COUNTED = np.array([[name in names for name in OUTCOMES] for names in COLUMNS.values()], np.int64)
DAY_S = 86_400
NONE = np.zeros(0, np.int64)
#: An office and an official; None: nobody held the post. Without an office it is the unit.
Whose = tuple[str | None, int | None]
UNIT: Whose = (None, None)


@dataclass(frozen=True)
class Scope:
    """Which turns count: those of an office, and of the reports of a category; None: of any."""

    office: str | None = None
    category: str | None = None


EVERYTHING = Scope()


def scope(office: str | None = None, category: str | None = None) -> Scope:
    """Return which turns count, or raise NotFound where there is no such category."""
    if category is not None and not Category.objects.filter(code=category).exists():
        raise NotFound(f"no category {category!r}")
    return Scope(office, category)


@dataclass
class Figures:
    """What became of the turns of an office and a person.

    Attributes
    ----------
    turns
        A number for each, as ``casework/board`` packs it.
    shared, problems
        How many of them may share their problem with another; and these problems, by the reports that lead
        them, each once.
    disputed
        How many answers were disputed since.
    rungs
        By number of a rung the turns that reached it.
    paused
        By reason the seconds for which they were paused.
    """

    turns: np.ndarray = field(default_factory=NONE.copy)
    shared: int = 0
    problems: np.ndarray = field(default_factory=NONE.copy)
    disputed: int = 0
    rungs: Counter[int] = field(default_factory=Counter)
    paused: Counter[str] = field(default_factory=Counter)

    @property
    def acting(self) -> bool:
        """Whether the person was acting in any of them."""
        return bool((self.turns & ACTING).any())

    def counts(self, rungs: Iterable[int]) -> dict[str, int]:
        """Return the figure of each column, those of some rungs among them."""
        counted = np.bincount(self.turns & OUTCOME, minlength=OUTCOME + 1)
        numbers = (COUNTED @ counted[1 : len(OUTCOMES) + 1]).tolist()
        return {
            **dict(zip(COLUMNS, numbers, strict=True)),
            "problems": len(self.turns) - self.shared + len(self.problems),
            "disputed": self.disputed,
            **{rung_column(number): self.rungs[number] for number in rungs},
        }

    def paused_days(self) -> dict[str, float]:
        """Return by reason for how many days they were paused, all together."""
        return {reason: seconds / DAY_S for reason, seconds in sorted(self.paused.items())}

    def time(self) -> Median:
        """Return the median time to an answer; a duplicate waits for none, nor does what came answered."""
        return survival.median(*self._lasted())

    def left(self) -> list[Left]:
        """Return what share has no answer yet, by how long ago it began."""
        return survival.curve(*self._lasted())

    def _lasted(self) -> tuple[np.ndarray, np.ndarray]:
        """Return for how many seconds each lasted that waits for an answer, and whether one came."""
        real = self.turns[~APART[self.turns & OUTCOME]]
        return real >> SECONDS, ANSWERED[real & OUTCOME]


def read(period: Period, at: datetime, scope: Scope = EVERYTHING) -> dict[Whose, Figures]:
    """Return by office and person the figures of a time, as they were known at an instant."""
    params = times(period, at) | asdict(scope)
    judged = sql.rows("casework/board", params | {"problems": True})
    # A rung may have been reached under whom nothing is due to now, for the due date was moved since.
    found = defaultdict(Figures, _turns(judged))
    for office, official, disputed in sql.rows("casework/board_disputed", params):
        found[office, official].disputed = disputed
    params["handed_on"] = _handed_on(judged)
    for office, official, number, reached in sql.rows("casework/board_rungs", params):
        found[office, official].rungs[number] += reached
    for office, official, reason, seconds in sql.rows("casework/board_paused", params):
        found[office, official].paused[reason] = round(seconds)
    return found


def turns(period: Period, at: datetime, scope: Scope = EVERYTHING) -> dict[Whose, Figures]:
    """Return by office and person the turns of a time alone: without problems, disputes, rungs and pauses."""
    return _turns(sql.rows("casework/board", times(period, at) | asdict(scope) | {"problems": False}))


def _turns(rows: Iterable[tuple[Any, ...]]) -> dict[Whose, Figures]:
    found: dict[Whose, list[tuple[np.ndarray, np.ndarray]]] = {}
    for office, official, holder, packed, told in rows:
        judged, leads = _numbers(packed), _numbers(told or b"")
        is_ahead, leads_ahead = AHEAD[judged & OUTCOME], leads % 2 == 1
        for whose, part in (
            ((office, official), (judged[~is_ahead], leads[~leads_ahead])),
            ((office, holder), (judged[is_ahead] & ~ACTING, leads[leads_ahead])),
        ):
            if len(part[0]):
                found.setdefault(whose, []).append(part)
    return {whose: _figures(parts) for whose, parts in found.items()}


def _handed_on(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    """Return the offices that will be another's, as far as terms say, when some of their turns are due."""
    changing = [
        (office, packed) for office, official, holder, packed, _ in rows if office and official != holder
    ]
    return sorted({office for office, packed in changing if AHEAD[_numbers(packed) & OUTCOME].any()})


def _figures(parts: list[tuple[np.ndarray, np.ndarray]]) -> Figures:
    """Return turns, each with those that may share a problem, as the figures of one."""
    leads = np.concatenate([shared for _, shared in parts])
    return Figures(
        turns=np.concatenate([judged for judged, _ in parts]),
        shared=len(leads),
        problems=np.unique(leads[leads > 1] >> 1),
    )


def _numbers(packed: bytes) -> np.ndarray:
    return np.frombuffer(packed, ">i8").astype(np.int64)


def rungs(found: Mapping[Whose, Figures]) -> list[int]:
    """Return the numbers of the rungs that there are: those of the ladders, and those that were reached."""
    numbers = {rung.number for rungs in ladder.ladders().values() for rung in rungs}
    return sorted(numbers.union(*(one.rungs for one in found.values())))


def together(found: Iterable[Figures]) -> Figures:
    """Return the figures of several as those of one: a problem that some share is one."""
    parts = list(found)
    leads = np.concatenate([NONE, *(one.problems for one in parts)])
    return Figures(
        turns=np.concatenate([NONE, *(one.turns for one in parts)]),
        shared=sum(one.shared for one in parts),
        problems=np.unique(leads),
        disputed=sum(one.disputed for one in parts),
        rungs=sum((one.rungs for one in parts), Counter()),
        paused=sum((one.paused for one in parts), Counter()),
    )


def times(period: Period, at: datetime) -> dict[str, Any]:
    """Return a period and an instant as the statements take them."""
    since, until = period.instants(CITY)
    return {"since": since, "before": until, "at": at}
