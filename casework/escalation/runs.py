"""Takes unanswered cases up their ladder: each rung once, told to whoever holds the office that day.

A run plans, which only reads, and then writes what it planned in one transaction: the escalations and the
notices of them. Sending is another matter (``casework.escalation.notices``): a run that is killed did all or
nothing.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import transaction

from casework.clock import norms
from casework.clock.reckoning import Pause
from casework.escalation import ladder, notices, retelling
from casework.escalation.climb import Reached, Rise, Standing, above, climb
from casework.escalation.holders import Holders, Whom
from casework.escalation.withdrawals import NO_ADDRESS
from casework.models import Evidence, Rung
from geoplatform import sql

logger = logging.getLogger(__name__)

LOCK = "escalate"


@dataclass(frozen=True)
class Planned:
    """A rung that a turn reached, when it was due (UTC), and whom to tell."""

    report_id: int
    turn_id: int
    number: int
    due_at: datetime
    whom: Whom


class Plan(NamedTuple):
    """What a run is to write, in order of turns and rungs, and how many turns are held back.

    ``held`` wait until the holidays of a year are known on which their date depends; ``unheard``, by feed,
    while it is silent: nobody knows whether they were answered. ``tops`` has the turns behind which no rung
    is left, each with its last one, 0 where there never was any. ``anew``, by escalation: rungs that were
    written down, of which nobody was told before their turn ended, which goes on by now, or for want of an
    address.
    """

    rungs: Sequence[Planned]
    held: int
    unheard: Mapping[str, int] = MappingProxyType({})
    tops: Mapping[int, int] = MappingProxyType({})
    anew: Mapping[int, Planned] = MappingProxyType({})


def escalate(at: datetime, past: bool = False) -> Plan:
    """Write down each rung that a turn has reached by an instant, with the notices; returns what was written.

    Parameters
    ----------
    past
        ``at`` lies so far back that turns were answered or ended since: they count as they stood then.
    """
    with sql.lock(LOCK) as held:
        if not held:
            logger.info("escalation runs already")
            return Plan((), 0)
        planned = plan(at, past)
        written = write(planned.rungs, at, planned.tops, planned.anew)
    run = planned._replace(rungs=written)
    _log(run)
    return run


def plan(at: datetime, past: bool = False, now: datetime | None = None) -> Plan:
    """Return what ``escalate`` would write at an instant; nothing is changed.

    Parameters
    ----------
    now
        The present, where ``at`` lies ahead of it: a feed that is heard now is taken to be heard until then.
    """
    calendar, holders = norms.calendar(), Holders.on(at)
    way = cache(Ways(ladder.ladders(), holders).of)
    stops = cache(_stops)  # of a feed that broke off often, the same for hundreds of turns
    rungs: list[Planned] = []
    unheard: Counter[str] = Counter()
    tops: dict[int, int] = {}
    held = 0
    for row in sql.dicts("casework/overdue", {"at": at, "past": past, "known_at": min(at, now or at)}):
        up = way(row["category"], row["office"])
        turn = _standing(row)
        reached = climb(turn, up.rises, calendar, stops(row["stood"]), at, up.vacant)
        held += reached.is_held
        unheard.update([row["silent_feed"]] if reached.is_unheard else [])
        rungs += [
            Planned(row["report_id"], row["turn_id"], one.number, one.due_at, up.whom[one.rank])
            for one in reached.rungs
        ]
        last = reached.rungs[-1] if reached.rungs else turn.last
        if not above(turn.rank, last, up.rises):
            tops[row["turn_id"]] = last.number if last else 0
    return Plan(rungs, held, dict(sorted(unheard.items())), tops, _anew(holders, at))


def _anew(holders: Holders, at: datetime) -> dict[int, Planned]:
    found = retelling.unsaid(at, lambda one: holders.whom(one.tier, one.office))
    return {
        one.id: Planned(one.report_id, one.turn_id, one.number, one.due_at, whom)
        for one, whom in found.items()
    }


@transaction.atomic
def write(
    rungs: Iterable[Planned],
    at: datetime,
    tops: Mapping[int, int] | None = None,
    anew: Mapping[int, Planned] | None = None,
) -> list[Planned]:
    """Append planned rungs with their notices, and tell anew of others; returns the new ones.

    What another run wrote since they were planned, and who answered since, is left out. Turns that have no
    rung left are marked: no later run reads them.
    """
    wanted = {(rung.turn_id, rung.number): rung for rung in rungs}
    batch = json.dumps([_row(rung) for rung in wanted.values()])
    appended = sql.rows("casework/escalate", {"batch": batch, "at": at})
    written = {id: wanted[turn_id, number] for id, turn_id, number in sorted(appended)}
    Evidence.objects.bulk_create(
        [
            Evidence(escalation_id=id, kind="failed", at=at, note=NO_ADDRESS)
            for id, rung in written.items()
            if not (rung.whom.is_vacant or rung.whom.addresses)
        ]
    )
    again = retelling.take({id: rung.whom for id, rung in (anew or {}).items()}, at)
    notices.put({id: rung.whom for id, rung in written.items()} | again, at)
    if written:
        sql.scalar("casework/answered", {"escalations": list(written)})
    top = [{"turn_id": id, "number": number} for id, number in (tops or {}).items()]
    if top:
        sql.scalar("casework/climbed", {"batch": json.dumps(top)})
    return list(written.values())


class Way(NamedTuple):
    """The way up from an office for a category: its rungs; by rank whom each tells, and which are vacant."""

    rises: Sequence[Rise]
    whom: Mapping[int, Whom]
    vacant: frozenset[int]


@dataclass(frozen=True)
class Ways:
    """The ways up on one day."""

    ladders: Mapping[str | None, Sequence[Rung]]
    holders: Holders

    def of(self, category: str, office: str | None) -> Way:
        """Return the way up from an office, or from the unit, for a category."""
        rungs = self.ladders.get(category) or self.ladders[None]
        whom = {
            ladder.rank(rung.tier): self.holders.whom(rung.tier, office)
            for rung in rungs
            if office or not rung.tier
        }
        vacant = frozenset(rank for rank, one in whom.items() if one.is_vacant)
        return Way([ladder.rise(rung) for rung in rungs], whom, vacant)


def _stops(stood: str) -> list[Pause]:
    since, until = ([datetime.fromisoformat(at) for at in side] for side in json.loads(stood))
    return list(map(Pause, since, until))


def _standing(row: Mapping[str, Any]) -> Standing:
    last = (
        Reached(row["number"], ladder.rank(row["last_tier"]), row["last_due_at"], row["is_vacant"])
        if row["number"]
        else None
    )
    return Standing(
        ladder.rank(row["tier"]),
        row["due_at"],
        row["due_is_sure"],
        last=last,
        is_heard=row["silent_feed"] is None,
    )


def _row(rung: Planned) -> dict[str, Any]:
    return {
        "turn_id": rung.turn_id,
        "number": rung.number,
        "tier": rung.whom.tier,
        "office": rung.whom.office,
        "official_id": rung.whom.official_id,
        "acting": rung.whom.acting,
        "is_vacant": rung.whom.is_vacant,
        "due_at": rung.due_at.isoformat(),
    }


def _log(run: Plan) -> None:
    vacant = sum(rung.whom.is_vacant for rung in run.rungs)
    unknown = sum(not (rung.whom.is_vacant or rung.whom.addresses) for rung in run.rungs)
    if run.rungs:
        logger.info("escalated rungs=%d vacant=%d", len(run.rungs), vacant)
    if run.anew:
        logger.info("told anew rungs=%d", len(run.anew))
    if unknown:
        logger.warning("escalations without an address=%d: manage.py load_contacts", unknown)
    if run.held:
        logger.warning("turns held until holidays are loaded=%d: manage.py load_holidays", run.held)
    for feed, turns in run.unheard.items():
        logger.warning("turns held while a feed is silent channel=%s turns=%d", feed, turns)
