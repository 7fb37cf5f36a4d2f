"""The audit, to be read: who did what, when, from where."""

from typing import Any

from access import audit
from access.models import Entry
from api import params
from api.casework.door import LAST_ID, Asked, door

TEXTS = ("by", "action", "subject")


def listed(asked: Asked) -> Any:
    """``GET /api/staff/audit``: the lines, newest first, and the head of their chain."""
    request = asked.request
    params.only(request, {*TEXTS, "limit", "after"})
    limit = params.whole(request, "limit", default=50, least=1, most=500)
    after = params.whole(request, "after", default=LAST_ID, least=0, most=LAST_ID)
    wanted = {name: request.GET[name] for name in TEXTS if name in request.GET}
    found = list(Entry.objects.filter(**wanted, id__lt=after).order_by("-id")[: limit + 1])
    page = found[:limit]
    return {
        "entries": [
            {
                "id": one.id, "at": one.at, "by": one.by, "action": one.action, "subject": one.subject,
                "address": one.address, "agent": one.agent, "details": one.details,
                "hash": bytes(one.hash).hex(),
            }
            for one in page
        ],
        "head": str(audit.head()),
        "next_after": page[-1].id if len(found) > limit else None,
    }  # fmt: skip


entries = door(GET=("access.view_audit", listed))
