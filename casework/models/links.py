"""What lets whoever has the link below an answer speak for its report."""

from django.db import models

from casework.models.escalation import Notice
from reports.models import Report


class Link(models.Model):
    """A link of one message to the author of a report, as it is known by the digest of its token alone.

    It is deleted, and so ends, when its report is anonymised or its mail comes back.
    """

    report = models.ForeignKey(Report, models.CASCADE)
    digest = models.BinaryField(unique=True)
    # The mail that bears it; empty: a message of a channel, or the receipt of the form.
    notice = models.ForeignKey(Notice, models.SET_NULL, null=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
