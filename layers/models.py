"""Rows of the layers that have no life of their own, and the revision of every layer."""

from typing import Any

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Func, Value


class TileKey(models.GeneratedField):
    """The z-order key of a point column: its tile column and row at zoom 30, bits interleaved.

    A tile is one range of keys, so any zoom is answered by one B-tree; and unlike ``geom && box``,
    whose index boxes are float32, it is exact. ``layers/grid.py`` does the same arithmetic.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("expression", Func(F("point"), function="layers_tile_key"))
        kwargs.setdefault("output_field", models.BigIntegerField(null=True))
        kwargs.setdefault("db_persist", True)
        super().__init__(**kwargs)


class Revision(models.Model):
    """How often a layer has changed; a layer without a row never did. Another database has another epoch."""

    layer = models.TextField(primary_key=True)
    epoch = models.UUIDField(db_default=Func(function="gen_random_uuid"))
    revision = models.BigIntegerField()
    touched_at = models.DateTimeField()


class Removed(models.Model):
    """A row of a layer that was deleted, for those who know it by its revision; written by a trigger."""

    layer = models.TextField()
    row_id = models.BigIntegerField()
    revision = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["layer", "revision"], name="removed_revision")]


class FeedState(models.Model):
    """How a feed fares, written by those who fetch it and read by those who show it: strangers to each other.

    Nothing of it is secret: ``error`` is a sentence of ours, never what a source answered.
    ``silent_since`` and ``stale_at`` say of a feed that brings nothing from now on since when that is, and
    from when on it is stale; so they hold even while nobody writes.
    """

    feed = models.TextField(primary_key=True)
    title = models.TextField()
    owner = models.TextField()
    enabled = models.BooleanField()
    simulated = models.BooleanField()
    cadence_s = models.IntegerField()
    # The usual pause between two runs that bring something; empty while unknown.
    usual_s = models.IntegerField(null=True)
    last_run_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    # When it last brought what was not known, and that item's own time: what lies between is the lag.
    last_news_at = models.DateTimeField(null=True)
    last_item_at = models.DateTimeField(null=True)
    items_last_day = models.IntegerField(default=0)
    # The median of the last four weekdays like this one; empty while unknown.
    expected_a_day = models.FloatField(null=True)
    # Empty after a run that was good.
    error = models.TextField(blank=True)
    error_at = models.DateTimeField(null=True)
    rejected_waiting = models.IntegerField(default=0)
    dead_letters = models.IntegerField(default=0)
    # Whether what the city answers reaches citizens by it.
    takes_answers = models.BooleanField(db_default=False)
    silent_since = models.DateTimeField(null=True)
    stale_at = models.DateTimeField(null=True)


class Silence(models.Model):
    """A time in which a feed was silent, put down when it was heard again; appended.

    ``known_at`` is from when on that was known: until then it was a pause like any other.
    """

    feed = models.TextField()
    since = models.DateTimeField()
    known_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "known_at"], name="silence_identity"),
            models.CheckConstraint(
                condition=models.Q(since__lt=models.F("known_at"), known_at__lte=models.F("until")),
                name="silence_is_in_order",
            ),
        ]
        indexes = [models.Index(fields=["feed", "until"], name="silence_until")]


class Snapshot(models.Model):
    """One poll of a feed that says all there is: what it lacks is closed."""

    feed = models.TextField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "taken_at"], name="snapshot_identity")]


class Seen(models.Model):
    """What every row of a snapshot feed has: a row is one *version* of a thing.

    ``first_at`` and ``last_at`` are the first and the last snapshot that held this very version,
    ``closed_at`` the first one after that; it is empty while the newest snapshot holds the version.
    All three are a minimum or a maximum, so snapshots may arrive in any order.
    """

    feed = models.TextField()
    external_id = models.TextField()
    digest = models.BinaryField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    attributes = models.JSONField()
    simulated = models.BooleanField()

    class Meta:
        abstract = True


def _identity(name: str, *more: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["feed", "external_id", "digest", *more], name=f"{name}_identity")


def _by_month(name: str) -> models.UniqueConstraint:
    """Name the identity of what lies in partitions by the month of ``reported_at`` (ADR 0111).

    A digest is of what was sent, that time and all: it adds nothing, but PostgreSQL must know the partition.
    """
    return _identity(name, "reported_at")


def _times(name: str) -> list[models.Index]:
    return [
        models.Index(fields=["feed", "last_at"], name=f"{name}_last"),
        models.Index(fields=["feed", "closed_at"], name=f"{name}_closed"),
        models.Index(fields=["id"], name=f"{name}_simulated", condition=models.Q(simulated=True)),
    ]


def _past(name: str, column: str) -> GistIndex:
    """Index what is on no map any more by when it was there, and where; nothing of it changes at a poll."""
    span = Func(F("first_at"), F("last_at"), Value("[]"), function="tstzrange")
    return GistIndex(span, F(column), name=f"{name}_past", condition=models.Q(closed_at__isnull=False))


def _open(name: str, *fields: str) -> models.Index:
    return models.Index(fields=fields, name=f"{name}_open", condition=models.Q(closed_at=None))


def _open_shape(name: str, column: str) -> GistIndex:
    """Index by its place what is on the map; of ``fields=`` Django's PostGIS forgets the condition."""
    return GistIndex(F(column), name=f"{name}_open_{column}", condition=models.Q(closed_at=None))


class Alert(Seen):
    """A driver's alert, such as a pothole or an accident."""

    type = models.TextField()
    subtype = models.TextField(blank=True)
    street = models.TextField(blank=True)
    description = models.TextField(blank=True)
    reliability = models.SmallIntegerField(null=True)
    reported_at = models.DateTimeField()
    point = models.PointField(spatial_index=False)
    tile_key = TileKey()

    class Meta:
        constraints = [_by_month("alert")]
        indexes = [_open("alert", "tile_key"), _past("alert", "point"), *_times("alert")]


class Jam(Seen):
    """Slow traffic along a line; ``delay_s`` is empty where the road is blocked."""

    level = models.SmallIntegerField()
    speed_kmh = models.FloatField(null=True)
    delay_s = models.IntegerField(null=True)
    length_m = models.IntegerField()
    street = models.TextField(blank=True)
    reported_at = models.DateTimeField()
    line = models.LineStringField(spatial_index=False)

    class Meta:
        constraints = [_by_month("jam")]
        indexes = [
            _open_shape("jam", "line"),
            _past("jam", "line"),
            *_times("jam"),
        ]


class Irregularity(Seen):
    """Traffic that is slower than usual for the hour, along a line."""

    type = models.TextField()
    speed_kmh = models.FloatField(null=True)
    regular_speed_kmh = models.FloatField(null=True)
    delay_s = models.IntegerField(null=True)
    length_m = models.IntegerField()
    street = models.TextField(blank=True)
    reported_at = models.DateTimeField()
    line = models.LineStringField(spatial_index=False)

    class Meta:
        constraints = [_by_month("irregularity")]
        indexes = [
            _open_shape("irregularity", "line"),
            *_times("irregularity"),
        ]


class Poi(Seen):
    """A point of interest: a petrol station, a restaurant."""

    kind = models.TextField()
    name = models.TextField(blank=True)
    brand = models.TextField(blank=True)
    point = models.PointField(spatial_index=False)
    tile_key = TileKey()

    class Meta:
        constraints = [_identity("poi")]
        indexes = [
            _open("poi", "kind", "tile_key"),
            _open_shape("poi", "point"),
            *_times("poi"),
        ]
