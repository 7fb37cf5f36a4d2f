"""The feeds at a glance; and one: health, runs, what was set aside with its replay, what came last."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from access import audit
from api import staff_feeds
from api.casework.door import LAST_ID, Asked
from casework.steps import permitted
from console.desk.shell import language, opened, page
from console.titles import title
from geoplatform.errors import Conflict, Forbidden
from layers.feeds import BAD
from staff.models import User

# Colour and shape of a state; what wants somebody comes first in the list.
STATES = {
    "failing": ("red", "✕"),
    "stale": ("red", "■"),
    "low": ("yellow", "▼"),
    "late": ("yellow", "◐"),
    "never": ("grey", "○"),
    "ok": ("green", "●"),
    "disabled": ("grey", "–"),
}
RUNS = 20
TALLEST = 20  # of the bars, in the picture's units


@opened(staff_feeds.VIEW)
def glance(request: HttpRequest, user: User) -> HttpResponse:
    """``GET /staff/feeds``: every feed in a row; the rows fetch themselves anew each half minute."""
    now = timezone.now()
    spoken = language(request)
    rows = [_row(one, spoken) for one in staff_feeds.everything(now)]
    rows.sort(key=lambda one: (list(STATES).index(one["state"]), one["title"]))
    bad = sum(one["state"] in BAD for one in rows)
    name = "rows" if request.headers.get("HX-Request") else "glance"
    return page(request, user, f"desk/feeds/{name}", part="feeds", feeds=rows, bad=bad, now=now)


@opened(staff_feeds.VIEW)
def feed(request: HttpRequest, user: User, name: str) -> HttpResponse:
    """``GET /staff/feeds/{name}``: one feed; ``POST`` asks for a replay of what was set aside."""
    is_conflict = False
    if request.method == "POST":
        if not _may_mend(user):
            raise Forbidden(f"this needs the permission {staff_feeds.MEND.replace('|', ' or ')}")
        try:
            with transaction.atomic():
                staff_feeds.replay(_asked(request, user), name)
            return HttpResponseRedirect(reverse("feed", args=[name]))
        except Conflict:
            is_conflict = True
    told = staff_feeds.single(name, timezone.now())
    shown: dict[str, Any] = {
        "feed": _row(told, language(request)),
        "runs": staff_feeds.runs(name, limit=RUNS)["runs"],
    }
    shown |= {"is_conflict": is_conflict, "may_mend": _may_mend(user), "is_replaying": _is_replaying(told)}
    return page(request, user, "desk/feeds/feed", part="feeds", **shown)


@opened(staff_feeds.VIEW)
def payloads(request: HttpRequest, user: User, name: str) -> HttpResponse:
    """``GET /staff/feeds/{name}/payloads[?id=]``: what came last, or one item; a fragment, and recorded."""
    asked = _asked(request, user)
    id = request.GET.get("id", "")
    with transaction.atomic():
        if id.isascii() and id.isdigit() and len(id) < len(str(LAST_ID)):
            found = [staff_feeds.payload(asked, name, int(id))]
        else:
            found = staff_feeds.payloads(asked, name)["payloads"]
    return page(request, user, "desk/feeds/payloads", part="feeds", payloads=found)


def _asked(request: HttpRequest, user: User) -> Asked:
    return Asked(request, user, timezone.now(), audit.origin(request, user.mark))


def _may_mend(user: User) -> bool:
    return any(permitted.may(user, one) for one in staff_feeds.MEND.split("|"))


def _is_replaying(told: dict[str, Any]) -> bool:
    """Say whether a worker has yet to end a replay."""
    return bool(told["replay"]) and told["replay"]["status"] in ("todo", "doing")


def _row(told: dict[str, Any], spoken: str) -> dict[str, Any]:
    """Return a feed with what its row draws: colour and shape of its state, a bar for each hour."""
    colour, shape = STATES[told["state"]]
    most = max(told["hours"]) or 1
    heights = [-(-TALLEST * items // most) for items in told["hours"]]
    bars = [{"x": 2 * place, "y": TALLEST - height, "height": height} for place, height in enumerate(heights)]
    told = {**told, "title": title(told["name"], told["title"], spoken)}
    return {**told, "colour": colour, "shape": shape, "bars": bars, "last_day": sum(told["hours"][-24:])}
