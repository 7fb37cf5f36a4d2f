"""Whom to tell of which reports, and what was told."""

import uuid

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField

from access.models import ApiKey
from reports.models import Report


class State(models.TextChoices):
    """How it stands with a subscription: only an active one is told more than the question if it wants to."""

    UNVERIFIED = "unverified"
    ACTIVE = "active"
    FAILING = "failing"
    ENDED = "ended"


class Subscription(models.Model):
    """A receiver that is told of reports by HTTP, and which reports it has been told of.

    ``seen_revision`` and ``seen_id`` are the last change that was put down for it. Its secret is not here: it
    is made of ``salt`` with the platform's own key (``subscriptions.signing``).
    """

    key = models.ForeignKey(ApiKey, models.PROTECT)
    url = models.TextField()
    places = ArrayField(models.TextField())
    categories = ArrayField(models.TextField())
    area = models.PolygonField(null=True, spatial_index=False)
    offices = ArrayField(models.TextField(), default=list, db_default=[])
    reports = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    salt = models.BinaryField()
    state = models.TextField(choices=State.choices, default=State.UNVERIFIED)
    created_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    seen_revision = models.BigIntegerField(default=0)
    seen_id = models.BigIntegerField(default=0)


class Watch(models.Model):
    """What somebody is told of by e-mail, and what they were told; deleted when they want to hear no more.

    The address is sealed (``reports.sealing``); ``address_hash`` is keyed, and tells one from another.
    ``told_state`` is how the one report stood that it may be about, ``told_ids`` what was told of late.
    """

    number = models.UUIDField(default=uuid.uuid4, unique=True)
    sealed = models.BinaryField()
    address_hash = models.BinaryField()
    language = models.TextField()
    every = models.DurationField()
    places = ArrayField(models.TextField(), default=list)
    categories = ArrayField(models.TextField(), default=list)
    area = models.PolygonField(null=True, spatial_index=False)
    offices = ArrayField(models.TextField(), default=list)
    report = models.ForeignKey(Report, models.CASCADE, null=True)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    seen_revision = models.BigIntegerField(default=0)
    told_ids = ArrayField(models.BigIntegerField(), default=list)
    told_state = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["address_hash"], name="watch_of_address")]


class Delivery(models.Model):
    """One message to a subscription. It waits while ``sent_at`` and ``dead_at`` are empty.

    ``attempts`` and ``next_at`` are written before each attempt: one that is killed has been counted.
    """

    subscription = models.ForeignKey(Subscription, models.CASCADE)
    # What the receiver knows it by, however often it comes.
    number = models.UUIDField(default=uuid.uuid4, unique=True)
    body = models.JSONField()
    created_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"],
                name="delivery_waiting",
                condition=models.Q(sent_at=None, dead_at=None),
            ),
        ]


class Former(models.Model):
    """What a report was before it left a place, a kind, the public's sight or the database; by a trigger.

    ``revision`` is the layer's from which on it is something else. The point is as the public saw it.
    """

    report = models.BigIntegerField()
    revision = models.BigIntegerField()
    category = models.TextField()
    kelurahan = models.TextField(null=True)
    point = models.PointField(null=True, spatial_index=False)
    left_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["revision"], name="former_revision"),
            models.Index(fields=["left_at"], name="former_left"),
        ]
