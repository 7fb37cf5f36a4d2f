"""How each feed fares, written for those who show it: when it was heard, how much it brings, what is wrong.

It is written at the end of every run and push, and each minute for the feeds that are silent. The row says
from when on the feed is stale, so that holds though this process dies.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from geoplatform import sql
from geoplatform.errors import BadSettings
from ingest import feeds
from ingest.adapter import Feed
from ingest.models import Rejection, Run, Volume
from layers.models import FeedState, Silence
from reports import outbox

STALE_AFTER = 3  # usual intervals
WEEKS = 4  # what was longer ago says nothing of what is usual
LEAST_DAYS = 3  # of which the pauses are known
LEAST_ALIKE = 2  # weekdays like today


def sentence(error: BaseException) -> str:
    """Return what kind of error it is, in our own words: what a source answered may hold anything."""
    return (type(error).__doc__ or "").strip().splitlines()[0]


def note(feed: Feed, items: int, newest_at: datetime | None, error: str, now: datetime) -> None:
    """Write down what a run or a push brought.

    Parameters
    ----------
    items
        Payloads that were not known before.
    newest_at
        The latest time that the source itself gives to one of them.
    error
        Why it could not go on, see ``sentence``; empty where it was good.
    """
    if items:
        sql.rows("ingest/volume", {"feed": feed.name, "items": items, "now": now})
    state = _state(feed)
    if items:
        state.last_news_at = _later(state.last_news_at, now)
        state.last_item_at = _later(state.last_item_at, newest_at)
        state.usual_s = usual_s(feed.name, now)
    if error:
        state.error, state.error_at = error, now
    else:
        state.error, state.error_at, state.last_success_at = "", None, _later(state.last_success_at, now)
    _write(state, feed, now)


def refresh(now: datetime) -> None:
    """Bring the state of every feed up to date, though nothing came; one that is no more is not enabled."""
    names = feeds.names()
    for name in names:
        try:
            feed = feeds.feed(name)
        except BadSettings as error:
            trouble(name, error, now)
        else:
            _write(_state(feed), feed, now)
    for state in FeedState.objects.filter(enabled=True).exclude(feed__in=names):
        past, state.enabled = _past(state, now), False
        _save(state, past, now)


def trouble(name: str, error: BaseException, now: datetime) -> None:
    """Write down that a feed cannot even be asked."""
    FeedState.objects.filter(pk=name).update(error=sentence(error), error_at=now)


def seen(now: datetime) -> list[FeedState]:
    """Return the state of every feed as it is now, and write nothing.

    Whoever asks may have other settings than the worker; only of feeds that it never wrote of do ours tell.
    """
    states = {state.feed: state for state in FeedState.objects.all()}
    for name in feeds.names():
        if name not in states:
            states[name] = _described(FeedState(feed=name), feeds.feed(name))
    for state in states.values():
        _measure(state, now)
    return [states[name] for name in sorted(states)]


def _state(feed: Feed) -> FeedState:
    return FeedState.objects.filter(pk=feed.name).first() or FeedState(feed=feed.name)


def _write(state: FeedState, feed: Feed, now: datetime) -> None:
    past = _past(state, now)
    _measure(_described(state, feed), now)
    state.silent_since, state.stale_at = _silence(state, feed)
    _save(state, past, now)


def _past(state: FeedState, now: datetime) -> Silence | None:
    """Return the silence in which a feed is, as one that ends now; None where it is none."""
    if not (state.enabled and state.silent_since and state.stale_at and state.stale_at <= now):
        return None
    return Silence(feed=state.feed, since=state.silent_since, known_at=state.stale_at, until=now)


@transaction.atomic
def _save(state: FeedState, past: Silence | None, now: datetime) -> None:
    """Store a state; a silence that goes on is the same one, and one that is over is kept."""
    if past and _past(state, now):
        state.silent_since, state.stale_at = past.since, past.known_at
    elif past:
        Silence.objects.bulk_create([past], ignore_conflicts=True)  # two processes may hear of it at once
    state.save()


def _described(state: FeedState, feed: Feed) -> FeedState:
    state.title, state.owner, state.cadence_s = feed.title, feed.owner, feed.cadence_s
    state.enabled, state.simulated = feed.is_heard, feed.simulated
    state.takes_answers = hasattr(feeds.made(feed), "send")
    return state


def _measure(state: FeedState, now: datetime) -> None:
    runs = Run.objects.filter(feed=state.feed).order_by("-started_at")
    state.last_run_at = runs.values_list("started_at", flat=True).first()
    state.items_last_day = _items_since(state.feed, now - timedelta(days=1))
    state.expected_a_day = _expected(state.feed, now)
    waiting = Rejection.objects.filter(payload__feed=state.feed, payload__expired_at=None)
    state.rejected_waiting = waiting.count()
    state.dead_letters = outbox.dead().filter(channel=state.feed).count()


def _silence(state: FeedState, feed: Feed) -> tuple[datetime | None, datetime | None]:
    """Return since when nothing more is known, should nothing come from now on, and from when on it is stale.

    It is the earlier of two: there is no good run at all; or there are, and they bring nothing new. Of a feed
    that is only pushed no runs are to come, whatever someone read into it by hand.
    """
    ends: list[tuple[datetime, datetime]] = []
    is_only_pushed = feed.pushed and not feed.enabled
    if state.last_success_at and state.last_run_at and not is_only_pushed:
        ends.append(_end(state.last_success_at, state.cadence_s))
    if state.last_news_at and state.usual_s:
        ends.append(_end(state.last_news_at, max(state.cadence_s, state.usual_s)))
    if not ends:
        return None, None
    stale_at, since = min(ends)
    return since, stale_at


def _end(since: datetime, interval_s: int) -> tuple[datetime, datetime]:
    return since + timedelta(seconds=STALE_AFTER * interval_s), since


def usual_s(name: str, now: datetime) -> int | None:
    """Return how long a pause may usually be; None while fewer than three days are known.

    It is the longest pause of a day, that of the night for most; of the days of four weeks all but the worst
    tenth. A median of pauses would be that of busy hours, and a mailbox stale every night.
    """
    params = {"feed": name, "since": now - timedelta(weeks=WEEKS), "zone": settings.CITY_TIME_ZONE}
    longest: list[int] = [seconds for (seconds,) in sql.rows("ingest/pauses", params)]
    return longest[-1 - len(longest) // 10] if len(longest) >= LEAST_DAYS else None


def _items_since(name: str, since: datetime) -> int:
    found = Volume.objects.filter(feed=name, hour__gte=since).aggregate(items=Sum("items"))
    return found["items"] or 0


def _expected(name: str, now: datetime) -> float | None:
    """Return the median of what the last weekdays like today brought, none before the first item."""
    zone = ZoneInfo(settings.CITY_TIME_ZONE)
    hours = Volume.objects.filter(feed=name, hour__gte=now - timedelta(days=7 * WEEKS + 1))
    a_day: dict[date, int] = defaultdict(int)
    for hour, items in hours.values_list("hour", "items"):
        a_day[hour.astimezone(zone).date()] += items
    today = now.astimezone(zone).date()
    alike = [today - timedelta(weeks=weeks) for weeks in range(1, WEEKS + 1)]
    begun_at = Volume.objects.filter(feed=name).order_by("hour").values_list("hour", flat=True).first()
    known = [a_day[day] for day in alike if begun_at and day > begun_at.astimezone(zone).date()]
    return float(median(known)) if len(known) >= LEAST_ALIKE else None


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(filter(None, (one, other)), default=None)
