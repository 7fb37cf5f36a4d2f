"""What the city does about a report, and each step that its case took."""

from django.db import models

from boundaries.models import Office
from reports.models import Report


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
            ("see_all", "May see the cases of every office, and not of the own one alone"),
            ("view_personal", "May see contacts and unmasked words of citizens; each look is recorded"),
            ("export_personal", "May take them out of the platform; each export is recorded"),
            ("view_board", "May see who answered and who did not"),
            ("manage_rules", "May change rules, deadlines, ladders and holidays"),
        ]


class Change(models.Model):
    """A step that a case took: appended, never edited. ``text`` is what the citizen may read.

    ``at`` orders the history of its case, in which no step comes before the one that it follows. Of a step
    that was taken elsewhere ``said_at`` is when its source says so, or when we heard of it where its clock is
    ahead; by that an answer is in time or late.
    """

    case = models.ForeignKey(Case, models.PROTECT, db_index=False)
    from_state = models.ForeignKey(State, models.PROTECT, related_name="+", db_index=False)
    to_state = models.ForeignKey(State, models.PROTECT, related_name="+", db_index=False)
    permission = models.TextField()
    by = models.TextField()
    at = models.DateTimeField()
    said_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            # And so never in the future.
            models.CheckConstraint(
                condition=models.Q(said_at=None) | models.Q(said_at__lte=models.F("at")),
                name="change_said_before_it_counts",
            )
        ]
        indexes = [
            models.Index(fields=["case", "id"], name="change_of_case"),
            # Few of all, and asked for by the board: what was closed as a duplicate, and what was disputed.
            models.Index(
                fields=["case"],
                name="change_to_duplicate",
                include=["id", "at", "permission"],
                condition=models.Q(to_state="duplicate"),
            ),
            models.Index(
                fields=["case", "id"],
                name="change_from_duplicate",
                include=["at"],
                condition=models.Q(from_state="duplicate"),
            ),
            models.Index(
                fields=["at"],
                name="change_to_disputed",
                include=["case", "permission"],
                condition=models.Q(to_state="disputed"),
            ),
            # What was undone since an instant had been so then.
            models.Index(
                fields=["at"],
                name="change_undone",
                include=["case", "id"],
                condition=models.Q(permission="undo"),
            ),
        ]


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
