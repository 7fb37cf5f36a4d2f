"""Whose turn it is to answer a case, by which rule, until when, and when the clock stood still."""

from django.db import models

from boundaries.models import Level, Office, Official
from casework.models.norms import Deadline
from casework.models.workflow import Case
from reports.models import Category

BOARD = [
    "id",
    "case",
    "number",
    "office",
    "official",
    "acting",
    "due_at",
    "due_is_sure",
    "answered_at",
    "ended_at",
    "ended_by",
]


class Rule(models.Model):
    """Which office answers for reports of a kind and an area; of those that fit the first in order decides.

    What is empty fits everything. It names an office of its own, or a tier: then the office of that tier in
    whose boundary the report lies. One that names neither leaves the tier to the table of categories. What a
    row says stays, for turns were decided by it: another rule of its number is another row, and the former
    one ends.
    """

    number = models.PositiveIntegerField()
    name = models.TextField()
    # What a rule names may be missing, for rules are loaded before officials are; a fault says what is.
    category = models.ForeignKey(Category, models.DO_NOTHING, null=True, db_index=False, db_constraint=False)
    # A Kemendagri code: of a kelurahan, or of the kecamatan or kota in which it lies.
    area_code = models.TextField(null=True)
    tier = models.TextField(choices=Level.choices, null=True)
    office = models.ForeignKey(Office, models.DO_NOTHING, null=True, db_index=False, db_constraint=False)
    is_active = models.BooleanField(default=True)
    source = models.TextField()
    # Empty: as the platform was shipped, or upgraded.
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=models.Q(ended_at=None), name="rule_identity"
            ),
            models.CheckConstraint(
                condition=models.Q(tier__isnull=True) | models.Q(office__isnull=True),
                name="rule_names_one_office_at_most",
            ),
        ]


class Fault(models.Model):
    """Something in the city's own tables that cannot work, from when it was found until it was mended.

    While it lasts the unit answers where an office should.
    """

    kind = models.TextField()
    # ``rule 20``, ``category road``: of one kind there is one fault at a time about one thing.
    about = models.TextField()
    words = models.TextField()
    found_at = models.DateTimeField()
    # When the unit was told of it by e-mail; empty: it has no address yet.
    told_at = models.DateTimeField(null=True)
    mended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about"], condition=models.Q(mended_at=None), name="fault_identity"
            )
        ]


class Turn(models.Model):
    """The time in which one office has to answer a case; the unit itself, where ``office`` is empty.

    It is offered to an office and begins when that office has it: the first one at once, the next ones when
    they accept. Until then the clock of the one before runs on. Its times are set once; when it is due is
    derived.
    """

    case = models.ForeignKey(Case, models.PROTECT, db_index=False)
    # 0, 1, ...: the turns of a case in order. A hop is one that another office passed on.
    number = models.PositiveSmallIntegerField()
    hop = models.PositiveSmallIntegerField(db_default=0)
    office = models.ForeignKey(Office, models.PROTECT, null=True, db_index=False)
    # Who answers for it: who held the office on the day it was answered, fell due or ended. Empty: nobody.
    # Derived while it is open.
    official = models.ForeignKey(Official, models.PROTECT, null=True, db_index=False)
    acting = models.BooleanField(db_default=False)
    rule = models.ForeignKey(Rule, models.PROTECT, null=True, db_index=False)
    # Edition, polygon, distance to the border, rule in words, the second candidate: as it was decided.
    explanation = models.JSONField()
    # When the office was asked; its clock runs from the later of the two. A turn that a dispute on a channel
    # began is offered when we hear of that.
    offered_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    # The one that held when it began, and by which it is due.
    deadline = models.ForeignKey(Deadline, models.PROTECT, null=True, db_index=False)
    due_at = models.DateTimeField(null=True)
    due_is_sure = models.BooleanField(db_default=True)
    # When the office said that it is not theirs.
    passed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(
        choices=[
            ("resolved", "Resolved"),
            ("disputed", "The citizen disputed the answer: the next turn is the same office's"),
            ("passed_on", "Passed on, and the next one accepted"),
            ("not_taken", "Offered, and not accepted: declined, or somebody else has the case now"),
            ("rerouted", "The unit gave it to another office, or the report lies elsewhere"),
            ("closed", "Closed with a reason"),
        ],
        null=True,
    )
    # It reached the last rung of its ladder: a run need not look at it any more. Derived.
    is_climbed = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            # The board reads the turns of some cases, of which it asks for nothing else.
            models.UniqueConstraint(
                fields=["case", "number"],
                include=[
                    "began_at",
                    "office",
                    "official",
                    "due_at",
                    "due_is_sure",
                    "answered_at",
                    "ended_at",
                ],
                name="turn_identity",
            ),
            # One office at a time has the clock, and one at a time is asked whether it takes the case.
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(began_at__isnull=False, ended_at=None),
                name="turn_running",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(began_at=None, ended_at=None), name="turn_offered"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by__isnull=True)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                name="turn_ends_by_something",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at=None) | models.Q(began_at__isnull=False),
                name="turn_begins_before_its_answer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="turn_waiting",
                condition=models.Q(answered_at=None, ended_at=None),
            ),
            # Those that have just begun, and those for which no deadline held.
            models.Index(
                fields=["case"],
                name="turn_undated",
                condition=models.Q(began_at__isnull=False, due_at=None),
            ),
            # Of those that wait what the ladder looks at, every five minutes.
            models.Index(
                fields=["due_at"],
                name="turn_climbing",
                condition=models.Q(answered_at=None, ended_at=None, is_climbed=False),
            ),
            # Since when somebody has not answered: the first that was due behind the last answer.
            models.Index(fields=["official", "office", "due_at"], name="turn_of_official"),
            # All that the board asks of a turn: it reads an index alone, and not the explanations beside. A
            # week by when turns began; a year in the order in which it groups, without hashing each.
            models.Index(fields=["began_at"], include=BOARD, name="turn_board"),
            models.Index(
                fields=["office", "official", "began_at"],
                include=[name for name in BOARD if name not in ("office", "official")],
                name="turn_by_office",
            ),
            # Few of all: a case may have more turns than one, and is one problem.
            models.Index(
                fields=["began_at"],
                name="turn_later",
                include=["case"],
                condition=models.Q(number__gt=0),
            ),
            # Merged behind their deadline: another turn may tell of it.
            models.Index(
                fields=["case"],
                name="turn_closed_late",
                condition=models.Q(ended_by="closed", due_at__lt=models.F("ended_at")),
            ),
            models.Index(
                fields=["hop", "case"],
                name="turn_of_unit",
                condition=models.Q(office=None, ended_at=None),
            ),
        ]


class PauseReason(models.Model):
    """Why nobody can be asked to answer for a while, for how many days at most, and who says so."""

    code = models.TextField(primary_key=True)
    name_id = models.TextField()
    name_en = models.TextField()
    # Of all pauses of one case for this reason together.
    most_days = models.PositiveSmallIntegerField()
    source = models.TextField()


class Pause(models.Model):
    """A time in which nobody can be asked to answer, and why; it ends by itself, or at ``ended_at``."""

    case = models.ForeignKey(Case, models.PROTECT)
    since = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # The code of a reason.
    reason = models.TextField()
    by = models.TextField()
    # Who let the clock run on sooner.
    resumed_by = models.TextField(blank=True, db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("since")), name="pause_is_some_time"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="pause_has_a_reason"),
        ]
        indexes = [models.Index(fields=["until"], name="casework_pause_until")]
