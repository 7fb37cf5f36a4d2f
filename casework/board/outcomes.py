"""Who answers citizens and who does not: each office and person in a time, and the reports behind a figure.

No points, and no ranks: a share has an interval, and those that cannot be told apart stand in one group.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.conf import settings

from boundaries.models import Level
from casework.board import figures, survival
from casework.board.cells import UNIT, Cell
from casework.board.figures import Figures, Whose, scope, times
from casework.board.periods import Period
from casework.board.posts import Held, Post, posts
from casework.board.survival import Interval, Left, Median
from casework.duplicates.clusters import UNIT as TITLE
from geoplatform import sql
from geoplatform.errors import InvalidRequest, NotFound

MOST = 1000  # reports at a time
AREA = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?", re.ASCII)
#: Those of the 317 territorial offices.
TIERS: Sequence[str] = tuple(Level.values)
#: Those with zero answers first; whom nothing can be held against last.
KINDS = ("silent", "passes_on", "judged", "few", "no_data", "vacant", "none")


@dataclass(frozen=True)
class Row:
    """An office and a person in a time; ``official`` None: while the post was vacant, or of an office alone.

    ``counts`` has the turns of each column, ``paused_days`` by reason for how long they were paused.
    ``share`` is where the share answered by the deadline lies, ``time`` the median until an answer. ``group``
    0 is the lowest of its tier; ``lower`` and ``higher`` say how many of the same tier surely answer less
    often by the deadline, and more often. ``load`` is problems per km2 of the office's boundary.
    """

    office: str
    title: str
    tier: str
    official: int | None
    name: str
    acting: bool
    terms: tuple[Held, ...]
    kind: str
    counts: Mapping[str, int]
    paused_days: Mapping[str, float]
    share: Interval | None
    time: Median
    load: float | None
    group: int | None = None
    lower: int | None = None
    higher: int | None = None

    def cell(self, column: str) -> Cell:
        """Return the selector of one of its figures."""
        official = None if self.office == UNIT else self.official or 0
        return Cell(self.office, official, column)


@dataclass(frozen=True)
class Board:
    """All rows, those with zero answers first, and the figures of all together, by ``columns``.

    ``unit`` are the unit's own turns: it is no office, so neither among the rows nor in the totals.
    """

    period: Period
    at: datetime
    minimum: int
    columns: Sequence[str]
    rows: Sequence[Row]
    totals: Mapping[str, int]
    paused_days: Mapping[str, float]
    share: Interval | None
    unit: Row | None


@dataclass(frozen=True)
class Turned:
    """A turn behind a figure: its report, when it began, was due and was answered, UTC; rungs climbed.

    ``office_id`` None: the unit's own.
    """

    turn_id: int
    report_id: int
    number: int
    office_id: str | None
    began_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    rungs: int


def board(
    period: Period,
    at: datetime,
    office: str | None = None,
    minimum: int | None = None,
    category: str | None = None,
) -> Board:
    """Return the board of a time, as it was known at an instant.

    Parameters
    ----------
    office
        Only this one's rows, or ``unit``; groups are those of all.
    category
        Only the reports of this one count.
    minimum
        Of how many due turns a share says something; by default ``settings.BOARD_MINIMUM``.

    Raises
    ------
    NotFound
        There is no such office, or no such category.
    """
    least = settings.BOARD_MINIMUM if minimum is None else minimum
    known = posts(period, at)
    if office not in (None, UNIT) and office not in known:
        raise NotFound(f"no office {office!r}")
    made = judge(period, at, least, known, figures.read(period, at, scope(category=category)))
    return replace(
        made,
        rows=[row for row in made.rows if office in (None, row.office)],
        unit=made.unit if office in (None, UNIT) else None,
    )


def judge(
    period: Period, at: datetime, minimum: int, known: Mapping[str, Post], found: Mapping[Whose, Figures]
) -> Board:
    """Return the board of some offices and figures: rows, told apart by tier and in order, and totals."""
    rungs = figures.rungs(found)
    offices = {(code, official): own for (code, official), own in found.items() if code is not None}
    rows = _grouped(list(_rows(known, offices, rungs, minimum)))
    whole = figures.together(offices.values())
    totals = whole.counts(rungs)
    share = survival.wilson(totals["kept"], totals["due"])
    unit = _unit(found.get(figures.UNIT, Figures()), rungs, minimum)
    return Board(period, at, minimum, tuple(totals), rows, totals, whole.paused_days(), share, unit)


def narrowed(made: Board, tier: str | None = None, area: str | None = None) -> Board:
    """Return of a board the rows of one tier, and of the offices in a kota, kecamatan or kelurahan, by code.

    Groups and totals stay those of all; the unit is of no tier and in no area.

    Raises
    ------
    InvalidRequest
        There is no such tier, or the area has not the form of a code.
    """
    if tier and tier not in {*TIERS, *(row.tier for row in made.rows)}:
        raise InvalidRequest(f"tier {tier!r} is none of {', '.join(TIERS)}")
    if area and not AREA.fullmatch(area):
        raise InvalidRequest(f"area {area!r} is no Kemendagri code")
    return replace(
        made,
        rows=[row for row in made.rows if tier in (None, row.tier) and _is_in(row, area)],
        unit=None if tier or area else made.unit,
    )


def lasting(
    period: Period, at: datetime, office: str | None = None, category: str | None = None
) -> dict[str, list[Left]]:
    """Return what share waits how long for an answer, by tier; and of one office, by its code.

    Raises
    ------
    NotFound
        There is no such office, or no such category.
    """
    known = posts(period, at)
    if office is not None and office not in known:
        raise NotFound(f"no office {office!r}")
    found = figures.turns(period, at, scope(category=category))
    whose: dict[str, list[Figures]] = {tier: [] for tier in TIERS}
    for (code, _), one in found.items():
        if code is not None:
            whose.setdefault(known[code].tier, []).append(one)
    if office is not None:
        whose[office] = [one for (code, _), one in found.items() if code == office]
    return {name: figures.together(parts).left() for name, parts in whose.items()}


def cell(
    chosen: Cell, period: Period, at: datetime, after: int = 0, limit: int = 100, category: str | None = None
) -> tuple[list[Turned], int | None]:
    """Return the turns behind a figure, and behind which id the next page begins; None: there is none.

    Raises
    ------
    InvalidRequest
        The limit is not from 1 to ``MOST``.
    """
    if not 1 <= limit <= MOST:
        raise InvalidRequest(f"limit {limit}: from 1 to {MOST}")
    found = _behind(chosen, period, at, category, after, limit + 1)
    return found[:limit], found[limit - 1].turn_id if len(found) > limit else None


def count(chosen: Cell, period: Period, at: datetime, category: str | None = None) -> int:
    """Return how many turns are behind a figure: the figure."""
    return len(_behind(chosen, period, at, category, 0, None))


def _behind(
    chosen: Cell, period: Period, at: datetime, category: str | None, after: int, limit: int | None
) -> list[Turned]:
    params = {
        **times(period, at),
        **asdict(scope(chosen.office, category)),
        "unit": chosen.is_unit,
        "tier": chosen.tier,
        "official": chosen.official,
        "outcomes": chosen.outcomes,
        "disputed": chosen.is_disputed,
        "distinct": chosen.is_distinct,
        "rung": chosen.rung,
        "place": chosen.place,
        "after": after,
        "limit": limit,
    }
    return [Turned(**row) for row in sql.dicts("casework/cell", params)]


def _is_in(row: Row, area: str | None) -> bool:
    """Say whether an office is that of an area, or of one inside it."""
    code = row.office.partition("-")[2]
    return area is None or code == area or code.startswith(f"{area}.")


def _rows(
    known: Mapping[str, Post],
    found: Mapping[tuple[str, int | None], Figures],
    rungs: Sequence[int],
    minimum: int,
) -> Iterable[Row]:
    """Yield a row for each office and person: whoever held it in that time, or had a turn begun before."""
    people: dict[str, set[int | None]] = {code: set(post.holders) for code, post in known.items()}
    for office, official in found:
        people[office].add(official)
    for code, post in known.items():
        if post.tier not in TIERS and not any(office == code for office, _ in found):
            continue
        for official in sorted(people[code] or {None}, key=lambda id: id or 0):
            own = found.get((code, official)) or Figures()
            counts = own.counts(rungs)
            yield _row(post, official, own, counts, _kind(counts, minimum))


def _row(post: Post, official: int | None, own: Figures, counts: Mapping[str, int], kind: str) -> Row:
    terms = post.terms.get(official, ()) if official is not None else ()
    return Row(
        office=post.code,
        title=post.title,
        tier=post.tier,
        official=official,
        name=post.names.get(official, "") if official is not None else "",
        acting=own.acting or any(one.acting for one in terms),
        terms=terms,
        kind=kind,
        counts=counts,
        paused_days=own.paused_days(),
        share=survival.wilson(counts["kept"], counts["due"]),
        time=own.time(),
        load=counts["problems"] / post.area_km2 if post.area_km2 else None,
    )


def _unit(own: Figures, rungs: Sequence[int], minimum: int) -> Row:
    """Return the row of the unit: by the same judgement, and in no group, for there is one of it."""
    counts = own.counts(rungs)
    return _row(Post(UNIT, TITLE, UNIT, None, {}, {}, frozenset()), None, own, counts, _kind(counts, minimum))


def _kind(counts: Mapping[str, int], minimum: int) -> str:
    answers = counts["answered_in_time"] + counts["answered_late"]
    # What the next one took too late was missed; yet whoever passes most on does not keep silent.
    if not answers and counts["passed_on"] > counts["due"] >= minimum - counts["passed_on"]:
        return "passes_on"
    if counts["due"] and not answers:
        return "silent"
    if counts["due"] >= minimum:
        return "judged"
    if counts["passed_on"] >= minimum:
        return "passes_on"
    if answers or counts["turns"] > counts["duplicate"] + counts["vacant"] + counts["no_data"]:
        return "few"
    return "no_data" if counts["no_data"] else "vacant" if counts["vacant"] else "none"


def _grouped(rows: Sequence[Row]) -> list[Row]:
    """Tell the rows of each tier apart, as far as their intervals allow, and put them in order."""
    told = dict(enumerate(rows))
    for tier in dict.fromkeys(row.tier for row in rows):
        places = [at for at, row in told.items() if row.tier == tier and row.kind == "judged"]
        shares = [share for at in places if (share := told[at].share)]
        marks = zip(places, survival.groups(shares), survival.surely(shares), strict=True)
        for at, group, (lower, higher) in marks:
            told[at] = replace(told[at], group=group, lower=lower, higher=higher)
    # sorted() keeps the order of those that are equal here: that of tiers and codes.
    return sorted(told.values(), key=lambda row: (KINDS.index(row.kind), row.group or 0))
