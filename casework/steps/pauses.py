"""Pauses: nobody can be asked to answer for a while, for a reason that says for how long at most."""

import csv
import re
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from casework.clock import dues, reckoning
from casework.models import Pause, PauseReason
from casework.routing import turns
from geoplatform.errors import Conflict, InvalidRequest

REASONS = Path(__file__).with_name("pause_reasons.csv")
DAY = timedelta(days=1)
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
LONGEST_DAYS = 366


def load() -> None:
    """Add the shipped reasons that are missing; what an operator changed or added stays."""
    with REASONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            PauseReason.objects.get_or_create(code=row.pop("code"), defaults=row)


def put_reason(code: str, name_id: str, name_en: str, most_days: int, source: str) -> PauseReason:
    """Add a reason, or change one: pauses that last keep their end.

    Raises
    ------
    InvalidRequest
        The value that cannot be used.
    """
    said = {"name_id": name_id.strip(), "name_en": name_en.strip(), "source": source.strip()}
    if not CODE.fullmatch(code):
        raise InvalidRequest(f"code {code!r}: small letters, digits and _ are wanted")
    if not 0 < most_days <= LONGEST_DAYS:
        raise InvalidRequest(f"most_days {most_days}: it must lie between 1 and {LONGEST_DAYS}")
    for name, text in said.items():
        if not text:
            raise InvalidRequest(f"{name} {text!r}: a reason has names and a source")
    return PauseReason.objects.update_or_create(code=code, defaults=said | {"most_days": most_days})[0]


@transaction.atomic
def pause(report_id: int, reason: str, until: datetime, by: str, at: datetime) -> Pause:
    """Stop the clock of a case until an instant; it runs again by itself. Returns the pause.

    Pauses may overlap: what they have in common counts once. Those of one case for one reason may not last
    longer, taken together, than the reason allows.

    Raises
    ------
    NotFound
        There is no such case.
    InvalidRequest
        The reason is none, it ends before it begins, or it lasts too long.
    Conflict
        No clock runs, or somebody else has the case in hand.
    """
    known = PauseReason.objects.filter(code=reason).first()
    if known is None:
        codes = ", ".join(PauseReason.objects.order_by("code").values_list("code", flat=True))
        raise InvalidRequest(f"reason {reason!r} is none of {codes}")
    if until <= at:
        raise InvalidRequest(
            f"until {until.isoformat()}: a pause ends later than it begins, {at.isoformat()}"
        )
    turns.hold(report_id)
    running = turns.running(report_id)
    if running is None or running.answered_at:
        raise Conflict(f"case {report_id}: no clock runs that could be stopped")
    _check_length(report_id, known, reckoning.Pause(at, until))
    made = Pause.objects.create(case_id=report_id, since=at, until=until, reason=reason, by=by)
    dues.renew(at, [report_id])
    return made


@transaction.atomic
def resume(report_id: int, by: str, at: datetime) -> int:
    """Let the clock of a case run on sooner; returns how many pauses ended.

    Raises
    ------
    NotFound
        There is no such case.
    Conflict
        Its clock does not stand still, or somebody else has the case in hand.
    """
    turns.hold(report_id)
    ended = Pause.objects.filter(case_id=report_id, since__lt=at, until__gt=at, ended_at=None).update(
        ended_at=at, resumed_by=by
    )
    if not ended:
        raise Conflict(f"case {report_id}: its clock does not stand still")
    dues.renew(at, [report_id])
    return ended


def paused(report_id: int, at: datetime) -> Pause | None:
    """Return the pause of a case that lasts longest of those in which an instant lies."""
    ends = Pause.objects.annotate(ends=Coalesce("ended_at", "until"))
    lasting = ends.filter(Q(ends__gt=at), case_id=report_id, since__lte=at)
    return lasting.order_by(F("ends").desc()).first()


def _check_length(report_id: int, reason: PauseReason, wanted: reckoning.Pause) -> None:
    """Refuse a pause with which all of its reason would last longer than that allows."""
    of_reason = Pause.objects.filter(case_id=report_id, reason=reason.code)
    known = [reckoning.Pause(one.since, one.ended_at or one.until) for one in of_reason]
    begin = min(one.since for one in [*known, wanted])
    length = sum((one.until - one.since for one in reckoning.joined(begin, [*known, wanted])), timedelta())
    if length > reason.most_days * DAY:
        words = f"{_words(length)} of {reason.code!r}, at most {reason.most_days} days"
        raise InvalidRequest(f"until {wanted.until.isoformat(timespec='minutes')}: {words}")


def _words(length: timedelta) -> str:
    minutes = -(-(length % DAY) // timedelta(minutes=1))
    return f"{length // DAY} days and {minutes // 60}:{minutes % 60:02} hours"
