"""What the workers do: read each feed when it is due, one run at a time; take up, tidy, forget.

Runs wait for sources, and have a queue of their own: nothing else waits for them.
"""

import logging
from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.job_context import JobContext
from procrastinate.jobs import Status
from procrastinate.tasks import Task

from access.audit import Origin
from geoplatform import sql
from geoplatform.errors import BadSettings, Conflict, FeedError, Mixed
from ingest import feeds, pipeline
from ingest.keeping import answer_pictures, kept, retention
from ingest.outgoing import bounces, outbox, webhooks
from ingest.runs import health, patience
from reports import suggestions

logger = logging.getLogger(__name__)

EARLY = timedelta(seconds=20)  # a poll is a little late at times, so a feed that is nearly due is due
LEFT = timedelta(minutes=1)  # what was kept more lately may be in the hands of a push
JOBS_KEPT_H = 48


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="poll", pass_context=False)
def poll(timestamp: int) -> None:
    """Each minute: ask for a run of every feed that is due, and for what runs and pushes have left."""
    now = timezone.now()
    for name in feeds.names():
        try:
            feed = feeds.feed(name)
        except BadSettings as error:
            logger.warning("%s", error)
            continue
        if is_under_way(name):
            continue
        if feed.enabled and is_due(name):
            _ask(ingest, name)
        elif kept.is_waiting(name, now - LEFT):
            _ask(take_up, name)
    health.refresh(now)
    suggestions.read_words()  # of what was pushed


@app.periodic(cron="17 19 * * *")  # 02:17 in the city: the quietest hour
@app.task(queueing_lock="expire", pass_context=False)
def expire(timestamp: int) -> None:
    """Each day: let go of payloads and pictures that are too old to be kept, and of runs long ended."""
    retention.expire(timezone.now())
    retention.expire_photos(timezone.now())
    retention.forget_runs(timezone.now())


@app.periodic(cron="37 19 * * *")
@app.task(queueing_lock="anonymise", pass_context=False)
def anonymise(timestamp: int) -> None:
    """Each day: strike out who citizens are where their case was closed long ago; end old sessions."""
    retention.anonymise(timezone.now(), Origin("worker"))
    call_command("clearsessions")


@app.periodic(cron="27 19 * * *")
@app.task(queueing_lock="tidy", pass_context=True)
async def tidy(context: JobContext, timestamp: int) -> None:
    """Each day: forget the jobs that ended, and end those whose worker was killed."""
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        await jobs.finish_job(job, Status.FAILED, delete_job=True)
    await jobs.delete_old_jobs(JOBS_KEPT_H, include_failed=True, include_cancelled=True, include_aborted=True)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="deliver", pass_context=False)
def deliver(timestamp: int) -> None:
    """Each minute: send the answers of the city that are due; the outbox has its own retries."""
    # A channel may be slow, and must not take up one place of the worker more with each minute.
    with sql.lock("deliver") as held:
        if held:
            outbox.send_due()


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="bounces", pass_context=False)
def read_bounces(timestamp: int) -> None:
    """Every five minutes: read what mail servers report back of notices, if a mailbox is named."""
    box = bounces.mailbox()
    with sql.lock("bounces") as held:
        if box and held:
            bounces.read(box, timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="webhooks", pass_context=False)
def tell(timestamp: int) -> None:
    """Each minute: tell subscriptions what changed; what does not arrive is tried again by later turns."""
    with sql.lock("webhooks") as held:
        if held:
            webhooks.turn(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="answer pictures", pass_context=False)
def show_answers(timestamp: int) -> None:
    """Each minute: fetch the pictures that offices named of late."""
    with sql.lock("answer pictures") as held:
        if held:
            answer_pictures.seek(timezone.now(), answer_pictures.recent())
            answer_pictures.fetch_due(timezone.now())


@app.periodic(cron="17 20 * * *")
@app.task(queueing_lock="all answer pictures", pass_context=False)
def show_all_answers(timestamp: int) -> None:
    """Each night: note those of steps whose report came later."""
    answer_pictures.seek(timezone.now())


@app.task(queue="runs")
def ingest(name: str) -> None:
    """Run one feed, if it is still due; a run that is under way already is enough.

    No job is ever tried again: the next poll asks anew for a feed whose run failed or was killed. The lock is
    the database session's, not the queue's: it falls with a worker that is killed.
    """
    if not is_due(name):
        return
    try:
        pipeline.run(name)
    except FeedError as error:
        logger.warning("run failed feed=%s: %s", name, error)
    except (Mixed, BadSettings) as error:
        logger.warning("%s", error)
        health.trouble(name, error, timezone.now())
    except Conflict as conflict:
        logger.info("%s", conflict)


@app.task(queue="runs")
def take_up(name: str) -> None:
    """Store what was kept of a feed and not used, because a run or a push was killed or broke."""
    try:
        pipeline.take_up(name)
    except Conflict as conflict:
        logger.info("%s", conflict)


@app.task(queue="runs")
def replay_rejected(name: str) -> None:
    """Read again what was set aside of a feed, because a person asked for it."""
    try:
        tally = pipeline.replay(name, only_rejected=True)
    except Conflict as conflict:
        logger.info("%s", conflict)
    else:
        health.refresh(timezone.now())
        logger.info("replayed feed=%s fetched=%d rejected=%d", name, tally.fetched, tally.rejected)


def is_due(name: str) -> bool:
    """Say whether it is time for the next run of a feed."""
    now = timezone.now()
    due_at = patience.due_at(name, feeds.feed(name).cadence_s, now)
    return due_at is None or now + EARLY >= due_at


def is_under_way(name: str) -> bool:
    """Say whether somebody reads a feed at this moment."""
    with sql.lock(f"feed:{name}") as held:
        return not held


def _ask(task: Task, name: str) -> None:
    """Put a job down, unless one of its kind waits already."""
    try:
        task.configure(queueing_lock=f"{task.name}:{name}").defer(name=name)
    except AlreadyEnqueued:
        logger.info("still waiting task=%s feed=%s", task.name, name)
