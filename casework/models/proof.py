"""What an office shows to prove that a problem is solved, why it may be doubted, and who looked at it."""

from django.db import models

from casework.models.workflow import Change
from reports.models import Photo


class DoubtKind(models.Model):
    """A reason to doubt a photo, up to which amount there is none, and who says so; loaded from a table."""

    code = models.TextField(primary_key=True)
    most = models.FloatField()
    unit = models.TextField(choices=[("bits", "Bits of 64"), ("m", "Metres"), ("s", "Seconds")])
    name_id = models.TextField()
    name_en = models.TextField()
    source = models.TextField()

    class Meta:
        constraints = [
            # By pairs of pieces (reports_pieces) no picture is missed that differs in six bits or fewer.
            models.CheckConstraint(
                condition=~models.Q(unit="bits") | models.Q(most__lte=6), name="doubt_kind_is_found_by_pieces"
            )
        ]


class Proof(models.Model):
    """A photo that an office showed, judged once against the change that resolved its case: appended."""

    change = models.ForeignKey(Change, models.PROTECT, db_index=False)
    photo = models.ForeignKey(Photo, models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "photo"], name="proof_identity")]


class Doubt(models.Model):
    """Why a proof may be none, by how much, and how much was allowed at that time: appended."""

    proof = models.ForeignKey(Proof, models.PROTECT, db_index=False)
    kind = models.ForeignKey(DoubtKind, models.PROTECT, db_index=False)
    # In the unit of the kind: bits that differ, metres from the report, seconds before it.
    amount = models.FloatField()
    most = models.FloatField()
    # The same picture as it was shown earlier, where that is the reason.
    earlier = models.ForeignKey(Photo, models.PROTECT, null=True, db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proof", "kind"], name="doubt_identity")]


class Verdict(models.Model):
    """What a second person says of a doubted resolution: appended, and never by whoever resolved it."""

    change = models.ForeignKey(Change, models.PROTECT)
    is_confirmed = models.BooleanField()
    by = models.TextField()
    at = models.DateTimeField()
    why = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(why=""), name="verdict_has_a_reason")]
