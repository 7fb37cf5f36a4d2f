"""What the worker does: read each feed at its cadence, one run at a time; forget what is too old."""

import logging
import random
from datetime import timedelta

from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job

from geoplatform.errors import Conflict, FeedError, Mixed
from ingest import feeds, health, outbox, pipeline, retention
from ingest.models import Run
from reports import suggestions

logger = logging.getLogger(__name__)

EARLY = timedelta(seconds=20)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="poll", pass_context=False)
def poll(timestamp: int) -> None:
    """Each minute: ask for a run of every feed whose cadence has passed since its last one began."""
    for name in feeds.names():
        if feeds.feed(name).enabled and _is_due(name):
            try:
                ingest.configure(queueing_lock=f"ingest:{name}").defer(name=name)
            except AlreadyEnqueued:
                logger.info("run still waiting feed=%s", name)
    health.refresh(timezone.now())
    suggestions.read_words()  # of what was pushed


@app.periodic(cron="17 19 * * *")  # 02:17 in the city: the quietest hour
@app.task(queueing_lock="expire", pass_context=False)
def expire(timestamp: int) -> None:
    """Each day: empty the payloads that are older than they may be kept."""
    retention.expire(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="deliver", pass_context=False)
def deliver(timestamp: int) -> None:
    """Each minute: send the answers of the city that are due; the outbox has its own retries."""
    outbox.send_due()


class Patience(BaseRetryStrategy):
    """Three tries with growing, jittered pauses; or when the source said that we may come again."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Say when a run that failed is tried again; None leaves it to the next poll."""
        if not isinstance(exception, FeedError) or job.attempts >= 3:
            return None
        asked = getattr(exception, "retry_after_s", None)
        seconds = asked or 30 * 2**job.attempts * random.uniform(0.5, 1)  # noqa: S311
        return RetryDecision(retry_in={"seconds": round(seconds)}) if seconds < 3600 else None


@app.task(retry=Patience())
def ingest(name: str) -> None:
    """Run one feed; a run that is under way already is enough.

    The lock is the database session's, not the queue's: it falls with a worker that is killed, so the next
    poll takes the feed up again.
    """
    try:
        pipeline.run(name)
    except Mixed as mixed:
        logger.warning("%s", mixed)
    except Conflict as conflict:
        logger.info("%s", conflict)


def _is_due(name: str) -> bool:
    """Say whether it is time: a poll is a little late at times, so one that is nearly due is due."""
    last = Run.objects.filter(feed=name).order_by("-started_at").first()
    if last is None:
        return True
    due_at = last.started_at + timedelta(seconds=feeds.feed(name).cadence_s)
    return timezone.now() + EARLY >= max(due_at, last.retry_at or due_at)
