"""What staff asked for and a worker does: kept as rows, so that people see how far it is and how it ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from boundaries.models import Edition, Errand
from geoplatform import sql
from geoplatform.errors import NotFound

LOST = timedelta(hours=1)  # what runs for so long was killed with its worker
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"


def ask(
    kind: str,
    by: str,
    at: datetime,
    said: Mapping[str, Any],
    content: bytes | None = None,
    edition: Edition | None = None,
) -> Errand:
    """Put an errand down; whoever calls this sees that a worker hears of it."""
    lost = Errand.objects.filter(state=RUNNING, began_at__lt=at - LOST)
    lost.update(state=FAILED, ended_at=at, content=None)
    return Errand.objects.create(
        kind=kind, by=by, asked_at=at, said=dict(said), content=content, edition=edition
    )


def under_way(kind: str, at: datetime) -> Errand | None:
    """Return an errand of a kind that waits for a worker or is in its hands; None where there is none."""
    open = listed().filter(kind=kind, state__in=(WAITING, RUNNING))
    return next((one for one in open if state(one, at) != FAILED), None)


def find(id: int) -> Errand:
    """Return an errand without its file, or raise NotFound."""
    found = listed().filter(id=id).first()
    if found is None:
        raise NotFound(f"no errand {id}")
    return found


def listed() -> QuerySet[Errand]:
    """Return every errand without its file, the newest first."""
    return Errand.objects.defer("content").select_related("edition").order_by("-id")


def state(errand: Errand, at: datetime) -> str:
    """Return how far an errand is; one whose worker was killed has failed."""
    is_lost = errand.state == RUNNING and errand.began_at is not None and errand.began_at < at - LOST
    return FAILED if is_lost else errand.state


def begin(id: int) -> Errand | None:
    """Take an errand in hand; None where somebody has, or there is none."""
    if not Errand.objects.filter(id=id, state=WAITING).update(state=RUNNING, began_at=timezone.now()):
        return None
    return Errand.objects.get(id=id)


def note(id: int, step: str, done: int = 0, of: int = 0) -> None:
    """Say how far an errand is: at once, and not with the transaction that does it."""
    with sql.connect() as own:
        own.execute(
            "UPDATE boundaries_errand SET step = %s, done = %s, of = %s WHERE id = %s", [step, done, of, id]
        )


def finish(id: int, result: Mapping[str, Any], edition: Edition | None = None) -> None:
    """Say what came of an errand, and let its file go."""
    parts = {"edition": edition} if edition else {}
    Errand.objects.filter(id=id).update(
        state=DONE, step="", ended_at=timezone.now(), result=dict(result), content=None, **parts
    )


def fail(id: int, error: str) -> None:
    """Say why nothing came of it, and let its file go."""
    Errand.objects.filter(id=id).update(state=FAILED, ended_at=timezone.now(), error=error, content=None)
