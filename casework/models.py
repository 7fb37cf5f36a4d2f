"""What the city does about reports: which may tell of the same event, and when an answer is due."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from boundaries.models import Level, Office
from reports.models import Category, Report


class Clue(models.Model):
    """What of a report may lead to another one on the same event, made of one state of it.

    ``keys`` are what two such reports have in common, each with its stretch of time: a cell of the map, a
    place that is named, a piece of a picture, an author. A look-up among them replaces a comparison with all.
    ``said`` are the places that the text names, ``kelurahan`` the one in which it was located.
    """

    report = models.OneToOneField(Report, models.CASCADE, primary_key=True)
    version = models.BinaryField()
    keys = ArrayField(models.TextField())
    said = ArrayField(models.TextField())
    kelurahan = models.TextField(blank=True)
    looks = ArrayField(models.BigIntegerField())

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="clue_keys", fastupdate=False)]


class DuplicateCandidate(models.Model):
    """Two reports that may tell of the same event, and why; a person decides. ``first`` has the lower id."""

    first = models.ForeignKey(Report, models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Report, models.CASCADE, related_name="+")
    score = models.FloatField()
    parts = models.JSONField()
    # The edition of the rule that found it: its weights and its threshold.
    rule = models.TextField()
    found_at = models.DateTimeField()

    class Meta:
        # Of those by words alone most are two events: a person begins with the surest.
        ordering = ["-score", "first", "second"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_candidate_identity"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="duplicate_candidate_order"
            ),
        ]


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


class State(models.Model):
    """How far a case is: in our words, in Jakarta's own, in Open311's, and on a map; loaded from a table."""

    code = models.TextField(primary_key=True)
    family = models.TextField()
    jakarta = models.TextField()
    open311 = models.TextField(choices=[("open", "Open"), ("closed", "Closed")])
    colour = models.TextField()
    shape = models.TextField()
    name_id = models.TextField()
    name_en = models.TextField()


class Transition(models.Model):
    """A step from one state to another that may be taken, by whom, and whether a citizen is owed a text."""

    from_state = models.ForeignKey(State, models.PROTECT, related_name="+", db_index=False)
    to_state = models.ForeignKey(State, models.PROTECT, related_name="+", db_index=False)
    permission = models.TextField()
    needs_text = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["from_state", "to_state", "permission"], name="transition_identity"
            )
        ]


class Case(models.Model):
    """What the city does about one report. Its state follows from its changes, and is set by them alone."""

    report = models.OneToOneField(Report, models.PROTECT, primary_key=True)
    state = models.ForeignKey(State, models.PROTECT, db_default="collected", db_index=False)
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "report"], name="case_by_state")]
        permissions = [
            ("triage", "May select cases, propose, and close what is no case"),
            ("decide", "May choose an alternative and assign it"),
            ("answer", "May answer and resolve the cases of an office"),
            ("dispute", "May dispute that a case is resolved"),
            ("supervise", "May undo what others closed or disputed"),
            ("follow", "May take over what a channel says: the platform itself"),
        ]


class Change(models.Model):
    """A step that a case took: appended, never edited. ``text`` is what the citizen may read."""

    case = models.ForeignKey(Case, models.PROTECT, db_index=False)
    from_state = models.ForeignKey(State, models.PROTECT, related_name="+", db_index=False)
    to_state = models.ForeignKey(State, models.PROTECT, related_name="+", db_index=False)
    permission = models.TextField()
    by = models.TextField()
    at = models.DateTimeField()
    text = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="change_of_case")]


class Alternative(models.Model):
    """One thing that could be done about a case: appended, never edited; a rejected one stays readable."""

    case = models.ForeignKey(Case, models.PROTECT)
    what = models.TextField()
    who = models.ForeignKey(Office, models.PROTECT, null=True, db_index=False)
    cost_idr = models.BigIntegerField(null=True)
    days = models.PositiveSmallIntegerField(null=True)
    evidence = models.TextField(blank=True)
    consequences = models.TextField(blank=True)
    # Offered by the platform, for it worked before.
    is_suggested = models.BooleanField(default=False)
    by = models.TextField()
    at = models.DateTimeField()


class Choice(models.Model):
    """Which alternative was chosen, by whom, when and why; appended, the last one counts."""

    alternative = models.ForeignKey(Alternative, models.PROTECT)
    by = models.TextField()
    at = models.DateTimeField()
    why = models.TextField()
