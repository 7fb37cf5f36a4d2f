"""The ladder on which an unanswered case climbs, each rung that it reached, and what became of the notice."""

import uuid

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
    # What the rung was then: ladders may be changed. Empty: the governor's office.
    tier = models.TextField(choices=Level.choices, null=True)
    office = models.ForeignKey(Office, models.PROTECT, null=True, db_index=False)
    official = models.ForeignKey(Official, models.PROTECT, null=True, db_index=False)
    acting = models.BooleanField(db_default=False)
    is_vacant = models.BooleanField(db_default=False)
    # When it was due, and when the run that saw it wrote it down.
    due_at = models.DateTimeField()
    at = models.DateTimeField()
    # Of the turn, for the board; the database copies them.
    turn_began_at = models.DateTimeField()
    # Empty: the unit's own turn.
    turn_office = models.ForeignKey(Office, models.PROTECT, related_name="+", null=True, db_index=False)
    turn_official = models.ForeignKey(Official, models.PROTECT, related_name="+", null=True, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["turn", "number"], name="escalation_identity"),
            models.CheckConstraint(
                condition=models.Q(due_at__lte=models.F("at")), name="escalation_not_early"
            ),
            # A person where the post is held, nobody where it is vacant; the governor's office may be either.
            models.CheckConstraint(
                condition=models.Q(is_vacant=True, official=None)
                | models.Q(is_vacant=False, official__isnull=False)
                | models.Q(is_vacant=False, tier=None),
                name="escalation_vacant_or_held",
            ),
        ]
        indexes = [
            # All that the board asks of rungs: of a week, and of a year in the order in which it groups.
            models.Index(
                fields=["turn_began_at"],
                include=["number", "at", "turn_office", "turn_official"],
                name="escalation_board",
            ),
            models.Index(
                fields=["turn_office", "turn_official", "number"],
                include=["turn_began_at", "at"],
                name="escalation_by_office",
            ),
        ]


class Succession(models.Model):
    """Who is told of a rung in the place of whom it names, for they hold the office now: appended.

    Nothing had been sent when the office changed hands. Nobody: the governor's office, which is told all the
    same.
    """

    escalation = models.ForeignKey(Escalation, models.PROTECT)
    official = models.ForeignKey(Official, models.PROTECT, null=True, db_index=False)
    acting = models.BooleanField()
    at = models.DateTimeField()


class Evidence(models.Model):
    """What is known of a notice: sent, delivered, seen, answered, failed, or withdrawn; appended.

    By escalation; of a notice that tells of a dispute, which no rung is, by the notice itself.
    """

    escalation = models.ForeignKey(Escalation, models.PROTECT, null=True)
    notice = models.ForeignKey("casework.Notice", models.PROTECT, null=True, db_index=False)
    kind = models.TextField(
        choices=[
            ("sent", "Sent"),
            ("delivered", "Delivered"),
            ("seen", "Seen"),
            ("answered", "Answered"),
            ("failed", "Failed"),
            ("withdrawn", "Withdrawn before it was sent"),
        ]
    )
    # By what the notice went; empty: no notice had anything to do with it.
    channel = models.TextField(blank=True)
    at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["escalation", "kind", "channel"],
                condition=~models.Q(kind__in=["failed", "withdrawn"]),
                name="evidence_once",
            ),
            models.UniqueConstraint(
                fields=["notice", "kind", "channel", "note"],
                condition=models.Q(escalation=None),
                name="evidence_of_notice_once",
            ),
            models.CheckConstraint(
                condition=models.Q(escalation=None) ^ models.Q(notice=None), name="evidence_of_one"
            ),
        ]
        indexes = [
            # Few are withdrawn: each run looks whether what they told is so again.
            models.Index(
                fields=["note", "escalation"], name="evidence_withdrawn", condition=models.Q(kind="withdrawn")
            ),
            # And whether there is an address by now where none was known.
            models.Index(
                fields=["note", "escalation"], name="evidence_failed", condition=models.Q(kind="failed")
            ),
        ]


class Contact(models.Model):
    """Where an office or a person is told: an address on a channel; never public.

    That of a person comes before that of the office which they hold. Neither: the governor's office.
    """

    office = models.ForeignKey(Office, models.CASCADE, null=True, db_index=False)
    official = models.ForeignKey(Official, models.CASCADE, null=True, db_index=False)
    channel = models.TextField()
    address = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["office", "official", "channel"], nulls_distinct=False, name="contact_identity"
            ),
            models.CheckConstraint(
                condition=models.Q(office=None) | models.Q(official=None), name="contact_of_one"
            ),
        ]


class Notice(models.Model):
    """What one run tells one address: a message about each escalation or dispute in it, put down with them.

    It waits while ``sent_at``, ``dead_at`` and ``withdrawn_at`` are empty. ``attempts`` and ``next_at`` are
    written before each attempt: one that is killed has been counted, and comes again by the same number.
    """

    # The channel of mails to who follows: in place of an address they bear the number of a watch.
    WATCH = "watch"
    # That of mails to who wrote a report: in place of an address they bear its number.
    REPLY = "reply"

    number = models.UUIDField(default=uuid.uuid4, unique=True)
    escalations = models.ManyToManyField(Escalation)
    # Those that are open anew, where it tells of disputes.
    turns = models.ManyToManyField(Turn)
    channel = models.TextField()
    address = models.TextField()
    # Whom one of disputes addresses; empty: the office, which nobody held. Rungs say it of theirs.
    official = models.ForeignKey(Official, models.PROTECT, null=True, db_index=False)
    subject = models.TextField()
    text = models.TextField()
    created_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    # Given up; a person must look.
    dead_at = models.DateTimeField(null=True)
    # What it tells was so no more before it was sent, or nobody whom it addresses held the office.
    withdrawn_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["channel", "next_at"],
                name="notice_waiting",
                condition=models.Q(sent_at=None, dead_at=None, withdrawn_at=None),
            ),
            models.Index(fields=["address"], name="notice_reply", condition=models.Q(channel="reply")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(withdrawn_at=None),
                name="notice_sent_or_withdrawn",
            ),
        ]
