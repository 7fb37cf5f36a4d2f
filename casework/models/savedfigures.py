"""What somebody of the staff has drawn from the reports, under a name."""

from django.db import models

from staff.models import User


class SavedFigure(models.Model):
    """What was asked and how it is drawn, as one account keeps it under a name; its numbers are not kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)  # of /staff/analysis, as an address has it
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_figure_identity"),
            models.CheckConstraint(condition=~models.Q(name=""), name="saved_figure_has_a_name"),
        ]
