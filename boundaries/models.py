"""Editions of boundaries, and who holds which office when."""

from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex


class Level(models.TextChoices):
    """The tiers of the province's administration, smallest first."""

    KELURAHAN = "kelurahan"
    KECAMATAN = "kecamatan"
    KOTA = "kota"


# The level of the offices that have no boundary of their own: the governor's, and the dinas.
PROVINSI = "provinsi"


class Edition(models.Model):
    """One publication of all boundaries, with its source; in force during ``validity``, if ever."""

    name = models.TextField()
    source = models.TextField()
    publisher = models.TextField(blank=True)
    licence = models.TextField(blank=True)
    attribution = models.TextField(blank=True)
    url = models.TextField(blank=True)
    sha256 = models.TextField()
    schematic = models.BooleanField()
    checks = models.JSONField()
    # Off a coast a point outside every kelurahan may be noise; across a land border it is the neighbour's.
    sea = models.PolygonField(spatial_index=False)
    loaded_at = models.DateTimeField()
    # Dates in Asia/Jakarta; no lower bound: in force for all earlier days. Empty: loaded, not in force.
    validity = DateRangeField(null=True)

    class Meta:
        permissions = [
            ("manage_boundaries", "May load editions of boundaries and put them in force"),
            ("manage_officials", "May say who holds which office when, and where they are told"),
        ]
        constraints = [
            ExclusionConstraint(
                name="one_edition_a_day",
                expressions=[("validity", RangeOperators.OVERLAPS)],
                condition=models.Q(validity__isnull=False),
            ),
        ]


class Boundary(models.Model):
    """The polygon of one kelurahan, kecamatan or kota in one edition, EPSG:4326."""

    edition = models.ForeignKey(Edition, models.CASCADE)
    level = models.TextField(choices=Level.choices)
    code = models.TextField()
    name = models.TextField()
    parent_code = models.TextField(null=True)
    area_km2 = models.FloatField()
    label = models.PointField(spatial_index=False)
    geom = models.MultiPolygonField(spatial_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "code"], name="boundary_identity")]
        # Nothing but the geometry: with edition and level in it too (btree_gist) a search took 38 us, not 22.
        indexes = [GistIndex(fields=["geom"], name="boundary_place", condition=models.Q(level="kelurahan"))]


class Border(models.Model):
    """The line that two kelurahan share; ``right_code`` is empty where the province ends."""

    edition = models.ForeignKey(Edition, models.CASCADE)
    left_code = models.TextField()
    right_code = models.TextField(null=True)
    geom = models.MultiLineStringField(spatial_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["edition", "left_code"], name="border_left"),
            models.Index(fields=["edition", "right_code"], name="border_right"),
        ]


class Outline(models.Model):
    """A boundary as a map shows it at one zoom: EPSG:3857, simplified so that neighbours still meet."""

    boundary = models.ForeignKey(Boundary, models.CASCADE)
    zoom = models.SmallIntegerField()
    geom = models.MultiPolygonField(srid=3857)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["boundary", "zoom"], name="outline_identity")]


class Office(models.Model):
    """A post that answers for a boundary: lurah, camat, wali kota, bupati; or one of the province's own.

    Of those ``boundary_code`` is ``31`` for the governor's office, and ``31.bina_marga`` for a dinas. The 317
    territorial offices are those whose level is one of ``Level``.
    """

    code = models.TextField(primary_key=True)
    level = models.TextField(choices=[*Level.choices, (PROVINSI, "Provinsi")])
    boundary_code = models.TextField()
    title = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "boundary_code"], name="office_identity")]


class Official(models.Model):
    """A person who holds, held or will hold an office."""

    name = models.TextField(unique=True)


class Term(models.Model):
    """When an official holds an office; two terms of one office never overlap."""

    office = models.ForeignKey(Office, models.CASCADE)
    official = models.ForeignKey(Official, models.PROTECT)
    during = DateRangeField()
    acting = models.BooleanField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_official_at_a_time",
                expressions=[("office", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
        ]


class Errand(models.Model):
    """Something long that staff asked for and a worker does: to load an edition, or to put one in force.

    ``done`` of ``of`` is how far its present step is, where that is known. ``content`` is the file of an
    edition until it is read.
    """

    kind = models.TextField(choices=[("load", "Load"), ("activate", "Put in force")])
    by = models.TextField()
    asked_at = models.DateTimeField()
    # What was asked for: by which name, from which day on.
    said = models.JSONField()
    content = models.BinaryField(null=True)
    edition = models.ForeignKey(Edition, models.SET_NULL, null=True)
    state = models.TextField(
        choices=[("waiting", "Waiting"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
        default="waiting",
    )
    step = models.TextField(blank=True)
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
