"""Takes back notices that are true no more, or go to nobody who holds the office: before each attempt."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from casework.escalation import reopening
from casework.escalation.contacts import Address
from casework.escalation.holders import Holders, Whom
from casework.escalation.standing import REPLACED, Addressed
from casework.models import Evidence, Notice, Succession

NO_ADDRESS = "no address is known"
VACANT = "vacant"
#: What a notice tells, and why it is not to be told; empty: it is.
Why = Mapping[Addressed, str]
#: Whom escalations tell, by their ids.
Told = Mapping[int, Whom]


def withdraw(notice: Notice, found: Sequence[Addressed], at: datetime) -> Told:
    """Withdraw a notice of which something is not to be told; returns whom its escalations tell instead.

    What still is so is told anew: to the same address, or, where nothing was sent yet and the office changed
    hands, to who holds it now, which is written down. What may be so later is left to the runs of escalation
    (``casework.escalation.retelling``). In the caller's transaction, as the next notices.
    """
    why = {one: one.why_not(at) for one in found}
    _close(notice, why, at)
    _tell_disputes(notice, why, at)
    return _told(notice, why, at)


def _tell_disputes(notice: Notice, why: Why, at: datetime) -> None:
    """Tell of disputes anew: what still is so at this address, and who came wherever they are told."""
    own = Address(notice.channel, notice.address)
    disputed = [one for one in _again(why) if one.escalation_id is None and not one.is_told]
    for only, said in ((own, ""), (None, REPLACED)):
        cases = [one.case_id for one in disputed if why[one] == said]
        if cases:
            count_on(notice, reopening.tell(cases, at, only))


def count_on(notice: Notice, instead: Sequence[Notice]) -> None:
    """Let the attempts at the address of a withdrawn notice count on in those in its place."""
    there = [one.id for one in instead if (one.channel, one.address) == (notice.channel, notice.address)]
    Notice.objects.filter(id__in=there).update(attempts=notice.attempts)


def _close(notice: Notice, why: Why, at: datetime) -> None:
    notice.withdrawn_at, notice.error = at, ", ".join(sorted(set(filter(None, why.values()))))
    notice.save(update_fields=["withdrawn_at", "error"])
    Evidence.objects.bulk_create(
        [
            Evidence(
                escalation_id=one.escalation_id,
                notice=None if one.escalation_id else notice,
                kind="withdrawn",
                channel=notice.channel,
                at=at,
                note=said,
            )
            for one, said in why.items()
            if said
        ],
        ignore_conflicts=True,  # of two disputes that it tells the same is known
    )


def _again(why: Why) -> list[Addressed]:
    """Return what is to be told anew: it is so, or nobody was told before others came."""
    return [one for one, said in why.items() if not said or (said == REPLACED and not one.is_told)]


def _told(notice: Notice, why: Why, at: datetime) -> dict[int, Whom]:
    anew = {one.escalation_id: one for one in _again(why) if one.escalation_id is not None}
    if not anew:
        return {}  # of an outage's many most were answered: nobody need be looked up for these
    holders, own = Holders.on(at), Address(notice.channel, notice.address)
    told = {id: holders.whom(one.tier, one.office) for id, one in anew.items()}
    succeeded = {id: whom for id, whom in told.items() if why[anew[id]] == REPLACED}
    succeed(succeeded, at)
    fail(succeeded, at)
    return {id: replace(whom, addresses=(own,)) for id, whom in told.items()} | succeeded


def succeed(told: Mapping[int, Whom], at: datetime) -> None:
    """Write down who is told of escalations in the place of others; of a vacant post nobody is."""
    Succession.objects.bulk_create(
        [
            Succession(escalation_id=id, official_id=whom.official_id, acting=whom.acting, at=at)
            for id, whom in told.items()
            if not whom.is_vacant
        ]
    )


def fail(told: Mapping[int, Whom], at: datetime) -> None:
    """Write down of which escalations nobody can be told, and why."""
    Evidence.objects.bulk_create(
        [
            Evidence(escalation_id=id, kind="failed", at=at, note=VACANT if whom.is_vacant else NO_ADDRESS)
            for id, whom in told.items()
            if not whom.addresses
        ]
    )
