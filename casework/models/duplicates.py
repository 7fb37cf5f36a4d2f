"""Which reports may tell of the same event, and by what they were found."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from reports.models import Report


class Clue(models.Model):
    """What of a report may lead to another one on the same event, made of one state of it.

    ``keys`` are what two such reports have in common, each with its stretch of time: a cell of the map, a
    place that is named, a piece of a picture, an author. A look-up among them replaces a comparison with all.
    ``said`` are the places that the text names, ``kelurahan`` the one in which it was located.
    """

    report = models.OneToOneField(Report, models.CASCADE, primary_key=True)
    version = models.BinaryField()
    keys = ArrayField(models.TextField())
    said = ArrayField(models.TextField())
    kelurahan = models.TextField(blank=True)
    looks = ArrayField(models.BigIntegerField())

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="clue_keys", fastupdate=False)]


class DuplicateCandidate(models.Model):
    """Two reports that may tell of the same event, and why; a person decides. ``first`` has the lower id."""

    first = models.ForeignKey(Report, models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Report, models.CASCADE, related_name="+")
    score = models.FloatField()
    parts = models.JSONField()
    # The edition of the rule that found it: its weights and its threshold.
    rule = models.TextField()
    found_at = models.DateTimeField()
    # Who said that they are two problems, and when; no search undoes it.
    apart_by = models.TextField(blank=True, db_default="")
    apart_at = models.DateTimeField(null=True)

    class Meta:
        # Of those by words alone most are two events: a person begins with the surest.
        ordering = ["-score", "first", "second"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_candidate_identity"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="duplicate_candidate_order"
            ),
        ]
