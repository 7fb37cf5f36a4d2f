"""Tells officials that a case of theirs is open anew: its answer was disputed, or refused."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from django.template.loader import render_to_string

from boundaries.models import Boundary
from casework.escalation import letters, receipts
from casework.escalation.contacts import Address
from casework.escalation.holders import Holders
from casework.models import Notice, Turn
from reports.models import Report


def tell(cases: Collection[int], at: datetime, only: Address | None = None) -> list[Notice]:
    """Put down one notice for each address of those who now hold the offices whose turn some cases are.

    Who held an office when the answer fell due is another matter: they may have left. In the caller's
    transaction, by the outbox of the ladder's notices, and with evidence as these; nothing of the citizen is
    in it. An office without an address is told nothing: its ladder says so when the answer is overdue.

    Parameters
    ----------
    only
        The one address that is told, whoever holds the office: at others it was told already.
    """
    running = Turn.objects.filter(case_id__in=cases, began_at__isnull=False, ended_at=None)
    turns = running.select_related("office", "case__report__category").order_by("case_id")
    holders, told = Holders.on(at), defaultdict[tuple[Address, int | None], list[Turn]](list)
    for turn in turns:
        for address, official_id in holders.reached(turn.office_id) if turn.office_id else ():
            if only in (None, address):
                told[address, official_id].append(turn)
    notices = Notice.objects.bulk_create(
        [_notice(address, official_id, own, at) for (address, official_id), own in told.items()]
    )
    through = Notice.turns.through
    through.objects.bulk_create(
        [
            through(notice_id=notice.id, turn_id=turn.id)
            for notice, own in zip(notices, told.values(), strict=True)
            for turn in own
        ]
    )
    return notices


def _notice(address: Address, official_id: int | None, turns: list[Turn], at: datetime) -> Notice:
    number = uuid4()
    lines = [
        {"what": _what(turn.case.report), "due": letters.instant(turn.due_at) if turn.due_at else ""}
        for turn in turns
    ]
    titles = dict.fromkeys(turn.office.title for turn in turns if turn.office)
    words = {
        "to": " / ".join(titles),
        "at": letters.instant(at),
        "lines": lines,
        "link": receipts.link(number),
        "number": number,
    }
    first = turns[0].case_id
    subject = f"Jawaban dibantah: laporan {first}" + (f" dan {len(turns) - 1} lain" if len(turns) > 1 else "")
    return Notice(
        number=number,
        channel=address.channel,
        address=address.address,
        official_id=official_id,
        subject=subject,
        text=render_to_string("casework/reopened.txt", words),
        created_at=at,
        next_at=at,
    )


def _what(report: Report) -> str:
    """Return which case it is: ``Laporan 123: Jalan, Kelurahan Gambir.``."""
    lies = Boundary.objects.filter(edition=report.edition, code=report.kelurahan_code).first()
    return f"Laporan {report.id}: {report.category.name_id}{f', Kelurahan {lies.name}' if lies else ''}."
