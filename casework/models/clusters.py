"""Which reports were merged as one problem, into which, and which of that was undone; all of it appended."""

from django.db import models

from casework.models.workflow import Case, State
from reports.models import Report


class Merge(models.Model):
    """Cases closed as duplicates of one other, the lead, in one step; ``words`` are what their citizens read.

    The lead may be merged itself later, with all that hangs on it; so clusters are trees.
    """

    into = models.ForeignKey(Case, models.PROTECT)
    by = models.TextField()
    at = models.DateTimeField()
    words = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(words=""), name="merge_has_words")]


class Member(models.Model):
    """A case that a merge closed: its state before, since when, and why it seemed to be the same problem."""

    merge = models.ForeignKey(Merge, models.PROTECT, db_index=False)
    case = models.ForeignKey(Case, models.PROTECT)
    state = models.ForeignKey(State, models.PROTECT, db_index=False)
    since = models.DateTimeField()
    # Of the surest candidate that joins it to the cluster; empty where a person saw what no rule did.
    score = models.FloatField(null=True)
    parts = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merge", "case"], name="member_identity")]


class Unmerge(models.Model):
    """A merge that was undone: each case has the state again that it had, and its turn goes on."""

    merge = models.OneToOneField(Merge, models.PROTECT, primary_key=True)
    by = models.TextField()
    at = models.DateTimeField()
    words = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(words=""), name="unmerge_has_words")]


class Follower(models.Model):
    """Somebody who hears of a report, as a channel knows them; its own author does without.

    A merge moves nobody: who follows any report of a cluster hears of all of it. Who asked to hear no more
    has ``stopped_at``, the author too.
    """

    report = models.ForeignKey(Report, models.CASCADE, db_index=False)
    channel = models.TextField()
    external_id = models.TextField()
    since = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "channel", "external_id"], name="follower_identity")
        ]
