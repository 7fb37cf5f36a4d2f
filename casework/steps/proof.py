"""Whether what an office shows as solved may be believed: doubts by measure, verdicts by a second person."""

import csv
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from casework.models import Case, Change, DoubtKind, Verdict
from casework.steps import workflow
from casework.steps.workflow import Step
from geoplatform import sql
from geoplatform.errors import Conflict, Forbidden, InvalidRequest, NotFound
from reports.models import Photo

KINDS = Path(__file__).with_name("doubt_kinds.csv")
SUPERVISE = "supervise"
MOST = 2000  # photos at a time
RECENT = 20_000  # ids of changes and of photos


class Judged(NamedTuple):
    """How many photos were looked at, and how many of them are doubted."""

    photos: int
    doubted: int


@dataclass(frozen=True)
class Doubted:
    """A reason to doubt a resolution, and what was measured.

    ``amount`` and ``most`` are in ``unit``: bits of 64 that differ, metres, or seconds. The picture was shown
    before for ``earlier_report_id``. Times are UTC.
    """

    report_id: int
    change_id: int
    resolved_by: str
    resolved_at: datetime
    photo_id: int
    shown_at: datetime
    taken_at: datetime | None
    kind: str
    name_id: str
    amount: float
    most: float
    unit: str
    earlier_report_id: int | None
    earlier_at: datetime | None


@transaction.atomic
def load() -> None:
    """Insert the reasons to doubt that the shipped table holds; an amount that an operator changed stays."""
    with KINDS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            DoubtKind.objects.get_or_create(code=row.pop("code"), defaults=row)


def judge(at: datetime, after: tuple[int, int] = (0, 0)) -> Judged:
    """Look at each photo of an answer whose case is resolved, once for that resolution.

    What is doubted waits for a second person; the case stays resolved until then.

    Parameters
    ----------
    after
        Only resolutions (ids of changes) and photos with greater ids are looked at.
    """
    total = Judged(0, 0)
    while True:
        params = {"after_change": after[0], "after_photo": after[1], "at": at, "limit": MOST}
        ((photos, doubted),) = sql.rows("casework/judge", params)
        total = Judged(total.photos + photos, total.doubted + doubted)
        if photos < MOST:
            return total


def recent() -> tuple[int, int]:
    """Return the ids of the change and of the photo behind which what came of late lies."""
    newest = (
        table.objects.order_by("-id").values_list("id", flat=True).first() or 0 for table in (Change, Photo)
    )
    change, photo = (max(0, id - RECENT) for id in newest)
    return change, photo


def flagged(reports: Collection[int] | None = None) -> list[Doubted]:
    """Return what is doubted of resolutions and nobody has looked at, oldest first; of all, or of some."""
    wanted = None if reports is None else list(reports)
    return [Doubted(**row) for row in sql.dicts("casework/flagged", {"reports": wanted})]


@transaction.atomic
def confirm(report_id: int, by: str, permissions: Collection[str], why: str, at: datetime) -> Verdict:
    """Say that a case is resolved whatever is doubted of its photos.

    Raises
    ------
    Forbidden
        Who says so may not supervise, or resolved it.
    NotFound, Conflict, InvalidRequest
        There is no such case; nothing is doubted of it; no reason is given.
    """
    return _say(report_id, True, by, permissions, why, at)


@transaction.atomic
def refuse(report_id: int, by: str, permissions: Collection[str], words: str, at: datetime) -> Verdict:
    """Say that a case is not resolved, with words that its citizen reads; the same office has it again.

    Raises
    ------
    Forbidden, NotFound, Conflict, InvalidRequest
        As ``confirm``; or somebody has the case in hand.
    """
    verdict = _say(report_id, False, by, permissions, words, at)
    workflow.change_one(Step(report_id, "disputed", words.strip(), seen="resolved"), by, {SUPERVISE}, at)
    return verdict


def _say(
    report_id: int, is_confirmed: bool, by: str, permissions: Collection[str], why: str, at: datetime
) -> Verdict:
    if SUPERVISE not in permissions:
        raise Forbidden(f"{by} may not {SUPERVISE}: a doubted resolution is for who may")
    if not why.strip():
        raise InvalidRequest("why: a verdict has a reason")
    # The lock: of two verdicts at a time the second one finds nothing that is doubted.
    case = Case.objects.select_for_update(skip_locked=True).filter(report_id=report_id).first()
    if case is None:
        if Case.objects.filter(report_id=report_id).exists():
            raise Conflict(f"case {report_id}: somebody else has it in hand")
        raise NotFound(f"no case {report_id}")
    doubted = flagged([report_id])
    if not doubted:
        raise Conflict(f"case {report_id}: nothing is doubted of it")
    if by == doubted[0].resolved_by:
        raise Forbidden(f"case {report_id}: {by} resolved it: a second person looks at it")
    return Verdict.objects.create(
        change_id=doubted[0].change_id, is_confirmed=is_confirmed, by=by, at=at, why=why.strip()
    )
