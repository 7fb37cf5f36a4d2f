"""What was fetched, when, and what could not be used."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from reports.models import SourceUpdate


class Run(models.Model):
    """One reading of a feed; a run without ``finished_at`` is under way, or was killed."""

    feed = models.TextField()
    simulated = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # The source's state is known up to here: where the next run begins to look.
    reached_at = models.DateTimeField(null=True)
    # Behind it nothing need be read again; the adapter knows what it means.
    cursor = models.JSONField(null=True)
    # The source asked us not to come before.
    retry_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)
    error = models.TextField(blank=True)
    fetched = models.IntegerField(default=0)
    new = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    # Payloads that were not known before.
    used = models.IntegerField(default=0)
    unread = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["feed", "-started_at"], name="run_newest")]


class Payload(models.Model):
    """One item as the feed sent it, kept for replay; the same item twice is one row.

    After a while the body is emptied (``ingest.keeping.retention``); the digest stays, so the item is not
    new again.
    """

    feed = models.TextField()
    digest = models.BinaryField()
    body = models.TextField()
    simulated = models.BooleanField()
    fetched_at = models.DateTimeField()
    expired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "digest"], name="payload_identity")]
        indexes = [
            # Rows lie in the order of their arrival: a few bytes for each 128 pages, nothing at an insert.
            BrinIndex(fields=["fetched_at"], name="payload_age", autosummarize=True),
        ]


class Waiting(models.Model):
    """A payload that is neither stored nor rejected yet: what a killed run left is found by it.

    A row beside the payload, which is so never written again until it expires: to mark it there took 22 us,
    to make and delete this one takes 2. Payloads are not deleted, and so need no check here.
    """

    payload = models.OneToOneField(Payload, models.DO_NOTHING, primary_key=True, db_constraint=False)


class Rejection(models.Model):
    """Why a payload could not be used; gone once a replay could."""

    payload = models.OneToOneField(Payload, models.CASCADE)
    reason = models.TextField()
    rejected_at = models.DateTimeField()


class Volume(models.Model):
    """How many items that were not known a feed brought in one hour, by a run or a push."""

    feed = models.TextField()
    hour = models.DateTimeField()
    items = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "hour"], name="volume_identity")]


class Push(models.Model):
    """The signature of a document that was pushed lately: what bears it again is a replay."""

    feed = models.TextField()
    signature = models.BinaryField(unique=True)
    received_at = models.DateTimeField(db_index=True)


class AnswerPicture(models.Model):
    """A picture that a step of an office names by its address: to be fetched, until ``ended_at``.

    ``error`` says why it did not come; empty and ended, it is kept.
    """

    step = models.OneToOneField(SourceUpdate, models.CASCADE, primary_key=True)
    attempts = models.SmallIntegerField(db_default=0)
    next_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], name="answer_picture_waiting", condition=models.Q(ended_at=None))
        ]
