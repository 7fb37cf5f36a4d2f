"""What a run of a feed is to read: from where the last one got to, its cursor, the reports that are open."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F

from ingest.adapter import Cursor, Feed, Window
from ingest.models import Run
from reports.models import Report
from reports.record import DONE, WITHDRAWN


def window(feed: Feed, since: datetime | None, now: datetime) -> Window:
    """Return what a run is to read: from ``since`` on, or from where the last good run got to."""
    return Window(since or _since(feed, now), now, _open_ids(feed), _cursor(feed))


def _cursor(feed: Feed) -> Cursor | None:
    """Return the cursor behind the last page that was kept."""
    runs = Run.objects.filter(feed=feed.name, simulated=feed.simulated, cursor__isnull=False)
    return runs.order_by("-started_at").values_list("cursor", flat=True).first()


def _since(feed: Feed, now: datetime) -> datetime:
    """Return where the last good run got to, less the time that late items may take."""
    known = reached(feed, now)
    if known is None:
        return now - timedelta(seconds=feed.first_look_back_s)
    return known - timedelta(seconds=feed.look_back_s)


def reached(feed: Feed, at: datetime) -> datetime | None:
    """Return the instant up to which the source's state is known.

    What lies behind ``at`` was reached by a clock that went wrong: nobody knows what the source says then.
    """
    runs = Run.objects.filter(feed=feed.name, simulated=feed.simulated, reached_at__lte=at)
    runs = runs.order_by("-reached_at")
    return runs.values_list("reached_at", flat=True).first()


def _open_ids(feed: Feed) -> Sequence[str]:
    """Return the reports whose trace may grow, those first that were asked for longest ago."""
    # What stands in for a message that never came is not there under that message's id.
    waiting = Report.objects.filter(channel=feed.name, stands_in=False)
    waiting = waiting.exclude(status__in=[DONE, WITHDRAWN])
    longest_ago = F("asked_at").asc(nulls_first=True)
    ids = waiting.order_by(longest_ago, "id").values_list("external_id", flat=True)
    return list(ids[: feed.follow_at_most])
