"""How much time an answer may take, and on which days nobody works."""

from django.db import models

from boundaries.models import Level
from reports.models import Category


class Holiday(models.Model):
    """A day on which offices are closed: a public holiday, or one of collective leave (cuti bersama)."""

    on = models.DateField(primary_key=True)
    name = models.TextField()
    kind = models.TextField(choices=[("holiday", "Holiday"), ("collective_leave", "Collective leave")])
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
    """Which norm holds for which reports: of those that fit, the one that names most.

    ``purpose`` is what is due: an answer to the citizen, or the problem solved. An empty category is any, an
    empty tier an office of any tier.
    """

    purpose = models.TextField(choices=[("answer", "Answer"), ("solution", "Solution")])
    category = models.ForeignKey(Category, models.PROTECT, null=True, db_index=False)
    tier = models.TextField(choices=Level.choices, null=True)
    norm = models.ForeignKey(Norm, models.PROTECT, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "category", "tier"], nulls_distinct=False, name="deadline_identity"
            )
        ]
