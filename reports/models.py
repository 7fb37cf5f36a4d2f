"""Reports, what their sources said of them since, and who was to answer."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.db.models import F, Func
from django.db.models.functions import Now

from boundaries.models import Edition, Level, Office, Official
from layers.models import TileKey

# GPS noise of 10 m moves 1.2 % of points into another kelurahan: a report this near is flagged (house, 4).
NEAR_BORDER_M = 25.0


class Category(models.Model):
    """A kind of problem, and the tier of the office that answers for it; loaded from a table."""

    code = models.TextField(primary_key=True)
    name_id = models.TextField()
    name_en = models.TextField()
    answered_by = models.TextField(choices=Level.choices)
    source = models.TextField()
    # Of a sensitive kind: to how many decimals of a degree the public sees its points; null: as they are.
    public_digits = models.SmallIntegerField(null=True)
    # When staff gave it other names, which the shipped table leaves from then on.
    named_at = models.DateTimeField(null=True)


class Status(models.TextChoices):
    """How far a report has come: red, yellow and green in Jakarta's own systems; or deleted by its author."""

    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class PlacedBy(models.TextChoices):
    """How we know where a report is; empty where we do not."""

    INSIDE = "inside"
    NEAREST = "nearest"
    DECLARED = "declared"


class Report(models.Model):
    """What a citizen said. Identity is (channel, external_id); the columns below ``place`` are derived."""

    channel = models.TextField()
    external_id = models.TextField()
    # The trigger that looks at it checks it, as Assignment's references are: see migrations/_references.py.
    category = models.ForeignKey(Category, models.PROTECT, db_index=False, db_constraint=False)
    description = models.TextField(blank=True)
    # The description without phones, e-mail addresses and the author's name: what the public may read.
    public_text = models.TextField(blank=True)
    image_url = models.TextField(blank=True)
    author_hash = models.TextField(blank=True)
    submitted_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    digest = models.BinaryField()
    # Equal where the same submission was read by the same rules: nothing else need be compared.
    reading = models.BinaryField(db_default=b"")
    point = models.PointField(null=True, spatial_index=False)
    # The point as the public sees it, where its category is sensitive; a trigger sets it. Null: as it is.
    public_point = models.PointField(null=True, spatial_index=False)
    # A person moved it: what the source says of where it is is not taken any more.
    is_moved = models.BooleanField(db_default=False)
    tile_key = TileKey()
    # The layer's revision when it last changed on the map; a trigger sets it.
    revision = models.BigIntegerField(db_default=0)
    # Where it is, as the channel says it: in words, or as a box where there is no point.
    hint = models.TextField(blank=True, db_default="")
    area = models.PolygonField(null=True, spatial_index=False)
    # An answer to a message that never came.
    stands_in = models.BooleanField(db_default=False)
    simulated = models.BooleanField()
    received_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)

    # What is derived is joined in by the statement that sets it, and Assignment's references are checked: to
    # check each of these too took a sixth of the time of storing a report.
    # place
    edition = models.ForeignKey(Edition, models.SET_NULL, null=True, db_index=False, db_constraint=False)
    kelurahan_code = models.TextField(null=True)
    placed_by = models.TextField(choices=PlacedBy.choices, null=True)
    border_m = models.FloatField(null=True)
    neighbour_code = models.TextField(null=True)
    # Declared by the rule that reads words, and not by a person; and when the words were read.
    by_rule = models.BooleanField(db_default=False)
    words_read_at = models.DateTimeField(null=True)
    # route
    office = models.ForeignKey(Office, models.SET_NULL, null=True, db_index=False, db_constraint=False)
    official = models.ForeignKey(Official, models.SET_NULL, null=True, db_index=False, db_constraint=False)
    # the newest of its updates
    status = models.TextField(choices=Status.choices, default=Status.WAITING)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="report_identity")]
        indexes = [
            models.Index(fields=["id"], name="report_simulated", condition=models.Q(simulated=True)),
            models.Index(
                fields=["id"],
                name="report_unread_words",
                condition=models.Q(point__isnull=True, words_read_at__isnull=True),
            ),
            # What people must look at is little of all there is.
            models.Index(
                fields=["id"], name="report_placeless", condition=models.Q(kelurahan_code__isnull=True)
            ),
            models.Index(
                fields=["id"], name="report_border", condition=models.Q(border_m__lte=NEAR_BORDER_M)
            ),
            # What was done about others of the kind nearby; equal keys are stored once.
            models.Index(fields=["category", "kelurahan_code"], name="report_alike"),
            models.Index(fields=["revision"], name="report_revision"),
            models.Index(fields=["submitted_at"], name="report_by_submitted"),
            models.Index(fields=["updated_at"], name="report_by_updated"),
            # Where, and when: of a place with years of reports those of a week are found without the rest.
            models.Index(
                fields=["tile_key", "submitted_at"],
                name="report_tile",
                condition=models.Q(tile_key__isnull=False),
            ),
            models.Index(
                fields=["channel", "asked_at"],
                name="report_open",
                include=["id"],
                condition=~models.Q(status__in=["done", "withdrawn"]),
            ),
        ]


class Suggestion(models.Model):
    """A boundary that the words of a report may mean, the likeliest first; a person confirms it, or does not.

    ``words`` are those that led there, ``spans`` where they stand in the hint and the text.
    """

    report = models.ForeignKey(Report, models.CASCADE)
    edition = models.ForeignKey(Edition, models.CASCADE)
    rank = models.SmallIntegerField()
    level = models.TextField(choices=Level.choices)
    code = models.TextField()
    score = models.FloatField()
    words = models.JSONField()
    spans = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "rank"], name="suggestion_identity")]


class Placement(models.Model):
    """What a person said of where a report is, appended and never edited; the last one counts.

    They name a kelurahan, or move the pin: then it says from where to where, and in which kelurahan that is.
    """

    report = models.ForeignKey(Report, models.PROTECT)
    edition = models.ForeignKey(Edition, models.PROTECT, null=True)
    kelurahan_code = models.TextField(null=True)
    is_move = models.BooleanField(db_default=False)
    from_point = models.PointField(null=True, spatial_index=False)
    point = models.PointField(null=True, spatial_index=False)
    by = models.TextField()
    placed_at = models.DateTimeField()


class SourceUpdate(models.Model):
    """A step in the follow-up trace, appended and never edited; its report may arrive after it."""

    channel = models.TextField()
    external_id = models.TextField()
    digest = models.BinaryField()
    at = models.DateTimeField()
    # Empty for words that change none.
    status = models.TextField(choices=Status.choices, null=True)
    by = models.TextField(blank=True)
    note = models.TextField(blank=True)
    # What the public may read of both: all that is ever changed, where the author becomes known later.
    public_by = models.TextField(blank=True, db_default="")
    public_note = models.TextField(blank=True)
    image_url = models.TextField(blank=True)
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id", "digest"], name="source_update_identity"
            ),
        ]


class Photo(models.Model):
    """A picture that came with a report or with an answer to it, and may arrive before the report.

    ``reports.photos`` keeps its bytes. They are thrown away after a while (``ingest.keeping.retention``); the
    row stays, and tells which picture it was.
    """

    channel = models.TextField()
    external_id = models.TextField()
    digest = models.BinaryField()
    media_type = models.TextField()
    # Difference hash: 64 bits, as PostgreSQL's signed bigint.
    looks = models.BigIntegerField()
    kept_at = models.DateTimeField(db_default=Now())
    expired_at = models.DateTimeField(null=True)
    # The step of the trace that showed it, by its digest, and when; empty: it came with the report itself.
    step = models.BinaryField(db_default=b"")
    shown_at = models.DateTimeField(null=True)
    # Where and when a step's photo was taken, as the camera says.
    point = models.PointField(null=True, spatial_index=False)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id", "digest", "step"], name="photo_identity"
            ),
        ]
        indexes = [
            GinIndex(
                Func(F("looks"), function="reports_pieces"),
                name="photo_pieces",
                fastupdate=False,
            ),
            models.Index(fields=["digest"], name="photo_digest"),
            models.Index(fields=["kept_at"], name="photo_age", condition=models.Q(expired_at=None)),
        ]


class Contact(models.Model):
    """Who wrote a report, sealed (``reports.sealing``): apart from the report, and deleted before it."""

    channel = models.TextField()
    external_id = models.TextField()
    sealed = models.BinaryField()
    at = models.DateTimeField()
    # When a mail to the address in it came back for good; nothing is sent there since.
    bounced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="report_contact_identity"),
        ]


class Outgoing(models.Model):
    """An answer or a status of the city, on its way back to the channel of a report.

    It waits while ``sent_at`` and ``dead_at`` are empty. ``attempts`` and ``next_at`` are written before each
    attempt: one that is killed has been counted, and comes again.
    """

    channel = models.TextField()
    external_id = models.TextField()
    kind = models.TextField(choices=[("answer", "Answer"), ("status", "Status")])
    digest = models.BinaryField()
    body = models.JSONField()
    created_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    # What the channel calls it.
    reference = models.TextField(blank=True)
    # Given up; a person must look.
    dead_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id", "kind", "digest"], name="outgoing_identity"
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "next_at"],
                name="outgoing_waiting",
                condition=models.Q(sent_at=None, dead_at=None),
            ),
        ]


class Assignment(models.Model):
    """Who was to answer a report from when on, appended and never edited; nobody, where both are empty.

    What it refers to is checked by triggers, once for each statement.
    """

    report = models.ForeignKey(Report, models.PROTECT)
    office = models.ForeignKey(Office, models.PROTECT, null=True, db_index=False, db_constraint=False)
    official = models.ForeignKey(Official, models.PROTECT, null=True, db_index=False, db_constraint=False)
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, db_index=False, db_constraint=False)
    assigned_at = models.DateTimeField()
