"""The ladder on which an unanswered case climbs, each rung that it reached, and what became of the notice."""

from django.db import models

from boundaries.models import Level, Office, Official
from casework.models.norms import Norm
from casework.models.turns import Turn
from reports.models import Category


class Rung(models.Model):
    """A step of the ladder: who is told next, and how long after the one before; an empty category is any.

    ``tier`` empty: the governor's office. The time of the first rung counts from when the answer was due.
    """

    category = models.ForeignKey(Category, models.PROTECT, null=True, db_index=False)
    number = models.PositiveSmallIntegerField()
    tier = models.TextField(choices=Level.choices, null=True)
    norm = models.ForeignKey(Norm, models.PROTECT, null=True, db_index=False)
    source = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["category", "number"], nulls_distinct=False, name="rung_identity")
        ]


class Escalation(models.Model):
    """A rung that a turn reached, once: appended. Nobody was told where the post was vacant that day."""

    turn = models.ForeignKey(Turn, models.PROTECT, db_index=False)
    number = models.PositiveSmallIntegerField()
    office = models.ForeignKey(Office, models.PROTECT, null=True, db_index=False)
    official = models.ForeignKey(Official, models.PROTECT, null=True, db_index=False)
    acting = models.BooleanField(db_default=False)
    is_vacant = models.BooleanField(db_default=False)
    # When it was due, and when the run that saw it wrote it down.
    due_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["turn", "number"], name="escalation_identity")]


class Evidence(models.Model):
    """What is known of an escalation's notice: sent, delivered, seen, answered, or failed; appended."""

    escalation = models.ForeignKey(Escalation, models.PROTECT)
    kind = models.TextField(
        choices=[
            ("sent", "Sent"),
            ("delivered", "Delivered"),
            ("seen", "Seen"),
            ("answered", "Answered"),
            ("failed", "Failed"),
        ]
    )
    channel = models.TextField()
    at = models.DateTimeField()
    note = models.TextField(blank=True)
