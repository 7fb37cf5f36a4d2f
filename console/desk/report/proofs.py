"""What an office shows of its work: each photo beside the earlier one that it is like."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from casework.desk.photos import Matched, Pictured, seen_by
from casework.models import DoubtKind
from casework.steps import permitted
from staff.models import User


def of(user: User, photos: Sequence[Pictured]) -> list[dict[str, Any]]:
    """Return the photos that show the work, with each doubt and the earlier photo that it rests on.

    An earlier photo that they may not see is named, and not shown.
    """
    shown = [photo for photo in photos if photo.role == "proof"]
    doubts = [doubt for photo in shown for doubt in photo.doubts]
    theirs = permitted.theirs(user, {doubt.earlier_report_id for doubt in doubts if doubt.earlier_report_id})
    earlier = {photo.id: photo for id in theirs for photo in seen_by(user, id)}
    kinds = DoubtKind.objects.in_bulk()
    return [
        {**vars(photo), "doubts": [_doubt(doubt, kinds[doubt.kind], earlier) for doubt in photo.doubts]}
        for photo in shown
    ]


def _doubt(doubt: Matched, kind: DoubtKind, earlier: dict[int, Pictured]) -> dict[str, Any]:
    known = earlier.get(doubt.earlier_photo_id or 0)
    return {
        **asdict(doubt),
        "row": kind,
        "earlier": known,
        "may_see": known is not None,
        "earlier_on": doubt.earlier_at and datetime.fromisoformat(doubt.earlier_at),
    }
