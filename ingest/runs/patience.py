"""When a feed is asked again: at its cadence, sooner after a failure, later where it asked us to wait.

The runs themselves tell, not the queue: so it holds for a run that was killed, and for a worker that is new.
"""

import random
from datetime import datetime, timedelta
from itertools import takewhile

from ingest.models import Run

# Whatever a source asks for: it may have its clock or its units wrong, and nobody would ever come again.
LONGEST = timedelta(days=1)
FIRST_PAUSE_S = 60.0  # doubled each time, and jittered: feeds that failed together do not come again together
TRIES = 3  # in a row; what is still wrong then is left to the cadence


def asked(seconds: float) -> timedelta:
    """Return how long a source asked us to stay away, a day at most."""
    # Not min(): what is no number is not less than a day.
    return timedelta(seconds=max(seconds, 0.0)) if seconds < LONGEST.total_seconds() else LONGEST


def due_at(name: str, cadence_s: int, at: datetime) -> datetime | None:
    """Return when the next run of a feed is to begin; None where there was none yet, which is at once.

    A run that began later than ``at`` was that of a wrong clock: it is heeded when its time has come.
    """
    runs = list(Run.objects.filter(feed=name, started_at__lte=at).order_by("-started_at")[:TRIES])
    if not runs:
        return None
    last = runs[0]
    due = last.started_at + timedelta(seconds=cadence_s)
    failed = len(list(takewhile(lambda run: run.outcome != "complete", runs)))
    if not 0 < failed < TRIES:
        return max(due, last.retry_at or due)
    return last.retry_at or min(due, last.started_at + _pause(failed, last.id))


def stay_away_until(name: str) -> datetime | None:
    """Return until when the feed asked us not to come, where its last run was told so."""
    runs = Run.objects.filter(feed=name).order_by("-started_at")
    return runs.values_list("retry_at", flat=True).first()


def _pause(failed: int, seed: int) -> timedelta:
    """Return how long to wait after so many failures; the same for one run, however often it is asked."""
    share = random.Random(seed).uniform(0.5, 1)  # noqa: S311
    return timedelta(seconds=FIRST_PAUSE_S * 2.0 ** (failed - 1) * share)
