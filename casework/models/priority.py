"""What makes one case more urgent than another: points that an operator may change, each with its reason."""

from django.db import models

PARTS = ("category", "age", "crowd", "flood_now", "overdue", "disputed")


class Weight(models.Model):
    """How many points something adds to the priority of a case, at most how many, why, and who says so.

    ``key`` is a category, or the unit that is counted: a day of age, a citizen. Of ``flood_now`` ``hours``
    and ``citizens`` are no points: so many citizens of one kecamatan in so many hours make a flood.
    """

    part = models.TextField(choices=[(part, part) for part in PARTS])
    key = models.TextField()
    points = models.PositiveSmallIntegerField()
    most = models.PositiveSmallIntegerField(null=True)
    why = models.TextField()
    source = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["part", "key"], name="weight_identity"),
            models.CheckConstraint(
                condition=~models.Q(why="") & ~models.Q(source=""), name="weight_has_a_reason"
            ),
        ]
