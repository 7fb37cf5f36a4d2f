"""Whose turn it is to answer a case, by which rule, until when, and when the clock stood still."""

from django.db import models

from boundaries.models import Level, Office, Official
from casework.models.workflow import Case
from reports.models import Category


class Rule(models.Model):
    """Which office answers for reports of a kind and an area; of those that fit the first in order decides.

    What is empty fits everything. It names an office of its own, or a tier: then the office of that tier in
    whose boundary the report lies.
    """

    number = models.PositiveIntegerField(unique=True)
    name = models.TextField()
    category = models.ForeignKey(Category, models.PROTECT, null=True, db_index=False)
    # A Kemendagri code: every kelurahan whose code begins with it.
    area_code = models.TextField(null=True)
    tier = models.TextField(choices=Level.choices, null=True)
    office = models.ForeignKey(Office, models.PROTECT, null=True, db_index=False)
    is_active = models.BooleanField(default=True)
    source = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tier__isnull=True) ^ models.Q(office__isnull=True),
                name="rule_names_a_tier_or_an_office",
            )
        ]


class Turn(models.Model):
    """The time in which one office has to answer a case; the unit itself, where ``office`` is empty.

    It is offered to an office and begins when that office has it: the first one at once, the next ones when
    they accept. Until then the clock of the one before runs on. Its times are set once; when it is due is
    derived.
    """

    case = models.ForeignKey(Case, models.PROTECT, db_index=False)
    # 0, 1, ...: the turns of a case in order. A hop is one that another office passed on.
    number = models.PositiveSmallIntegerField()
    hop = models.PositiveSmallIntegerField(db_default=0)
    office = models.ForeignKey(Office, models.PROTECT, null=True)
    # Who held the office on the day it began; empty where the post was vacant.
    official = models.ForeignKey(Official, models.PROTECT, null=True)
    acting = models.BooleanField(db_default=False)
    rule = models.ForeignKey(Rule, models.PROTECT, null=True, db_index=False)
    # Edition, polygon, distance to the border, rule in words, the second candidate: as it was decided.
    explanation = models.JSONField()
    offered_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    due_is_sure = models.BooleanField(db_default=True)
    # When the office said that it is not theirs.
    passed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(
        choices=[
            ("resolved", "Resolved"),
            ("passed_on", "Passed on, and the next one accepted"),
            ("rerouted", "The unit gave it to another office"),
            ("closed", "Closed with a reason"),
        ],
        null=True,
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="turn_identity")]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="turn_waiting",
                condition=models.Q(answered_at=None, ended_at=None),
            )
        ]


class Pause(models.Model):
    """A time in which nobody can be asked to answer, and why; it ends by itself, or at ``ended_at``."""

    case = models.ForeignKey(Case, models.PROTECT)
    since = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField()
    by = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("since")), name="pause_is_some_time"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="pause_has_a_reason"),
        ]
