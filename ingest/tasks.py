"""What the worker does: read each feed at its cadence, one run at a time."""

import logging
from datetime import timedelta

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from geoplatform.errors import Conflict, FeedError, Mixed
from ingest import feeds, pipeline
from ingest.models import Run

logger = logging.getLogger(__name__)


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


@app.task(retry=RetryStrategy(max_attempts=3, exponential_wait=30, retry_exceptions=[FeedError]))
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
    last = Run.objects.filter(feed=name).order_by("-started_at").first()
    cadence = timedelta(seconds=feeds.feed(name).cadence_s)
    return last is None or timezone.now() - last.started_at >= cadence
