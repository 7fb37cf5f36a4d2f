"""What somebody of the staff looks at again and again, under a name."""

from django.db import models

from staff.models import User


class SavedView(models.Model):
    """A choice of cases, the piece of the map and the order, as one account keeps it under a name."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    query = models.JSONField()  # parameters of /api/staff/cases, each a text
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_identity"),
            models.CheckConstraint(condition=~models.Q(name=""), name="saved_view_has_a_name"),
        ]
