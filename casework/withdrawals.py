"""Takes back notices that are true no more, or go to nobody who holds the office: before each attempt."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from casework import reopening
from casework.contacts import Address
from casework.holders import Holders, Whom
from casework.models import Evidence, Notice, Succession
from casework.standing import REPLACED, Addressed

NO_ADDRESS = "no address is known"
VACANT = "vacant"
#: What a notice tells, and why it is not to be told; empty: it is.
Why = Mapping[Addressed, str]


def withdraw(notice: Notice, found: Sequence[Addressed], at: datetime) -> Mapping[int, Whom]:
    """Withdraw a notice of which something is not to be told; returns whom its escalations tell instead.

    What still is so is told anew: to the same address, or, where nothing was sent yet and the office changed
    hands, to who holds it now, which is written down. In the caller's transaction, as the next notice.
    """
    why = {one: one.why_not(at) for one in found}
    _close(notice, why, at)
    disputed = [one for one in _again(why) if one.escalation_id is None]
    reopening.tell([one.case_id for one in disputed if not one.is_told], at)
    return _whom(notice, why, at)


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
    """Return what is to be told anew: it still is so, or nobody was told before the office changed hands."""
    return [one for one, said in why.items() if not said or (said == REPLACED and not one.is_told)]


def _whom(notice: Notice, why: Why, at: datetime) -> Mapping[int, Whom]:
    holders, own = Holders.on(at), Address(notice.channel, notice.address)
    told: dict[int, Whom] = {}
    succeeded: dict[int, Whom] = {}
    for one in _again(why):
        if one.escalation_id is None:
            continue
        whom = holders.whom(one.tier, one.office)
        if why[one]:
            succeeded[one.escalation_id] = whom
        told[one.escalation_id] = whom if why[one] else replace(whom, addresses=(own,))
    _succeed(succeeded, at)
    return told


def _succeed(told: Mapping[int, Whom], at: datetime) -> None:
    """Write down who is told in the place of others; or that nobody can be, and why."""
    Succession.objects.bulk_create(
        [
            Succession(escalation_id=id, official_id=whom.official_id, acting=whom.acting, at=at)
            for id, whom in told.items()
            if not whom.is_vacant
        ]
    )
    Evidence.objects.bulk_create(
        [
            Evidence(escalation_id=id, kind="failed", at=at, note=VACANT if whom.is_vacant else NO_ADDRESS)
            for id, whom in told.items()
            if not whom.addresses
        ]
    )
