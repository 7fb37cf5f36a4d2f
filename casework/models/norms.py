"""How much time an answer may take, and on which days nobody works."""

from django.db import models

from boundaries.models import Level, Office
from reports.models import Category


class Holiday(models.Model):
    """A day on which offices are closed: a public holiday, or one of collective leave (cuti bersama)."""

    on = models.DateField(primary_key=True)
    name = models.TextField()
    kind = models.TextField(choices=[("holiday", "Holiday"), ("collective_leave", "Collective leave")])
    source = models.TextField()


class DecidedYear(models.Model):
    """A year whose days off are decided, all of them, and by what: until then deadlines in it are unsure."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    source = models.TextField()


class Norm(models.Model):
    """How much time an answer may take, and who says so."""

    code = models.TextField(primary_key=True)
    name_id = models.TextField()
    name_en = models.TextField()
    amount = models.PositiveSmallIntegerField()
    unit = models.TextField(choices=[("hours", "Hours"), ("working_days", "Working days")])
    source = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="norm_is_some_time")]


class Deadline(models.Model):
    """Which norm holds for which reports, and when; of those that fit the one that names most.

    ``purpose`` is what is due: an answer to the citizen, or the problem solved. An empty category is any, and
    where neither tier nor office is named it holds for every office. What a row says stays: another norm is
    another row, and the former one ends.
    """

    purpose = models.TextField(choices=[("answer", "Answer"), ("solution", "Solution")])
    category = models.ForeignKey(Category, models.PROTECT, null=True, db_index=False)
    tier = models.TextField(choices=Level.choices, null=True)
    office = models.ForeignKey(Office, models.PROTECT, null=True, db_index=False)
    norm = models.ForeignKey(Norm, models.PROTECT, db_index=False)
    source = models.TextField()
    # Empty: as the platform was shipped, or upgraded.
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "category", "tier", "office"],
                condition=models.Q(ended_at=None),
                nulls_distinct=False,
                name="deadline_identity",
            ),
            models.CheckConstraint(
                condition=models.Q(tier=None) | models.Q(office=None), name="deadline_of_tier_or_office"
            ),
            models.CheckConstraint(condition=~models.Q(source=""), name="deadline_has_a_source"),
        ]
