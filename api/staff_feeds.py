"""The feeds, for who looks after them: health, runs, what was set aside and why, what came last; replay."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from api import feeds, params
from api.casework.door import LAST_ID, Asked, door, only
from api.masking import masked
from geoplatform import sql, trail
from geoplatform.errors import Conflict, NotFound
from layers.models import FeedState, Silence

VIEW, MEND = "casework.see_all", "casework.supervise|casework.manage_rules"
REPLAY = "ingest.tasks.replay_rejected"
HOURS = timedelta(hours=48)
MOST_REASONS, MOST_SILENCES = 100, 20
REACH = 200_000  # payloads of all feeds among which a feed's last ones are looked for
MOST_CHARACTERS = 50_000
ACCEPTED = 202


def everything(at: datetime) -> list[dict[str, Any]]:
    """Return every feed, how it fares, and what it brought in each of the last 48 hours."""
    states = list(FeedState.objects.order_by("feed"))
    brought = _hours([one.feed for one in states], at)
    return [{**feeds.entry(one, at), "hours": brought[one.feed]} for one in states]


def single(name: str, at: datetime) -> dict[str, Any]:
    """Return one feed with its reasons of rejection, its past silences, and how a replay fares.

    Raises
    ------
    NotFound
        There is none of this name.
    """
    state = _find(name)
    past = Silence.objects.filter(feed=name).order_by("-until")[:MOST_SILENCES]
    return {
        **feeds.entry(state, at),
        "hours": _hours([name], at)[name],
        "rejections": sql.dicts("api/feed_rejections", {"feed": name, "limit": MOST_REASONS}),
        "silences": [{"since": one.since, "until": one.until} for one in past],
        "replay": _replaying(name),
    }


def runs(name: str, below: int = LAST_ID, limit: int = 50) -> dict[str, Any]:
    """Return a page of a feed's runs, the newest first, from below an id on."""
    _find(name)
    found = sql.dicts("api/feed_runs", {"feed": name, "below": below, "limit": limit + 1})
    return {"runs": found[:limit], "next_after": _next(found, limit)}


def payloads(asked: Asked, name: str, below: int = LAST_ID, limit: int = 10) -> dict[str, Any]:
    """Return a page of what a feed sent last, people struck out; the look is recorded."""
    _find(name)
    told = {"feed": name, "below": below, "limit": limit + 1, "most": MOST_CHARACTERS, "reach": REACH}
    found = sql.dicts("api/feed_payloads", told)
    asked.record("feed.look", f"feed:{name}", payloads=[one["id"] for one in found[:limit]])
    return {"next_after": _next(found, limit), "payloads": [_shown(one) for one in found[:limit]]}


def payload(asked: Asked, name: str, id: int) -> dict[str, Any]:
    """Return one item as it was sent, people struck out; the look is recorded."""
    found = sql.dicts("api/feed_payload", {"feed": name, "id": id, "most": MOST_CHARACTERS})
    if not found:
        raise NotFound(f"feed {name!r} has no payload {id}")
    asked.record("feed.look", f"feed:{name}", payloads=[id])
    return _shown(found[0])


def replay(asked: Asked, name: str) -> None:
    """Let a worker read again what was set aside of a feed, as after an adapter was mended.

    Raises
    ------
    Conflict
        A replay of this feed waits already.
    """
    _find(name)
    try:
        task = app.configure_task(REPLAY, queue="runs", queueing_lock=_lock(name))
        task.defer(name=name, **trail.carried())
    except AlreadyEnqueued:
        raise Conflict(f"feed {name!r}: a replay waits already") from None
    asked.record("feed.replay", f"feed:{name}")


def _everything(asked: Asked) -> Any:
    """``GET /api/staff/feeds``."""
    params.only(asked.request, set())
    return {"feeds": everything(asked.at)}


def _single(asked: Asked, name: str) -> Any:
    """``GET /api/staff/feeds/{name}``."""
    params.only(asked.request, set())
    return single(name, asked.at)


def _runs(asked: Asked, name: str) -> Any:
    """``GET /api/staff/feeds/{name}/runs``."""
    return runs(name, *_page(asked, most=200, default=50))


def _payloads(asked: Asked, name: str) -> Any:
    """``GET /api/staff/feeds/{name}/payloads``."""
    return payloads(asked, name, *_page(asked, most=50, default=10))


def _payload(asked: Asked, name: str, id: int) -> Any:
    """``GET /api/staff/feeds/{name}/payloads/{id}``."""
    params.only(asked.request, set())
    return payload(asked, name, id)


def _replay(asked: Asked, name: str) -> Any:
    """``POST /api/staff/feeds/{name}/replay``."""
    only(asked, set())
    replay(asked, name)
    return {"replay": _replaying(name)}


def _replaying(name: str) -> dict[str, Any] | None:
    """Return how the last replay of a feed fares; None where nobody asked for one of late."""
    found = sql.dicts("api/feed_replay", {"lock": _lock(name)})
    return found[0] if found else None


def _next(found: list[dict[str, Any]], limit: int) -> int | None:
    return found[limit - 1]["id"] if len(found) > limit else None


def _find(name: str) -> FeedState:
    state = FeedState.objects.filter(pk=name).first()
    if state is None:
        raise NotFound(f"there is no feed {name!r}")
    return state


def _page(asked: Asked, most: int, default: int) -> tuple[int, int]:
    """Return below which id a page begins, and how long it is."""
    params.only(asked.request, {"limit", "after"})
    below = params.whole(asked.request, "after", default=LAST_ID, least=0, most=LAST_ID)
    return below, params.whole(asked.request, "limit", default=default, least=1, most=most)


def _hours(names: list[str], at: datetime) -> dict[str, list[int]]:
    """Return what each feed brought in the last 48 hours, hour by hour, the present one last."""
    last = at.replace(minute=0, second=0, microsecond=0)
    first = last - HOURS + timedelta(hours=1)
    brought: dict[str, list[int]] = defaultdict(lambda: [0] * 48)
    for feed, hour, items in sql.rows("api/feed_hours", {"feeds": names, "since": first}):
        place = int((hour - first) / timedelta(hours=1))
        if place < len(brought[feed]):
            brought[feed][place] = items
    return brought


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    """Return a payload as it may be seen: no body where it expired or is too long to be read here."""
    body, is_gone = found.pop("body"), found["expired_at"] is not None
    return {**found, "body": None if is_gone or body is None else masked(body)}


def _lock(name: str) -> str:
    return f"{REPLAY}:{name}"


all_feeds = door(GET=(VIEW, _everything))
one_feed = door(GET=(VIEW, _single))
runs_of = door(GET=(VIEW, _runs))
payloads_of = door(GET=(VIEW, _payloads))
one_payload = door(GET=(VIEW, _payload))
replays = door(POST=(MEND, _replay))
