"""What the city does about reports: one module for each question, all of it by one name."""

from casework.models.answers import AnswerTemplate
from casework.models.clusters import Follower, Member, Merge, Unmerge
from casework.models.duplicates import Clue, DuplicateCandidate
from casework.models.escalation import Contact, Escalation, Evidence, Notice, Rung, Succession
from casework.models.links import Link
from casework.models.norms import Deadline, DecidedYear, Holiday, Norm
from casework.models.personal import Anonymised
from casework.models.priority import Weight
from casework.models.proof import Doubt, DoubtKind, Proof, Verdict
from casework.models.savedfigures import SavedFigure
from casework.models.turns import Fault, Pause, PauseReason, Rule, Turn
from casework.models.views import SavedView
from casework.models.workflow import Alternative, Case, Change, Choice, State, Transition

__all__ = [
    "Alternative",
    "Anonymised",
    "AnswerTemplate",
    "Case",
    "Change",
    "Choice",
    "Clue",
    "Contact",
    "Deadline",
    "DecidedYear",
    "Doubt",
    "DoubtKind",
    "DuplicateCandidate",
    "Escalation",
    "Evidence",
    "Fault",
    "Follower",
    "Holiday",
    "Link",
    "Member",
    "Merge",
    "Norm",
    "Notice",
    "Pause",
    "PauseReason",
    "Proof",
    "Rule",
    "Rung",
    "SavedFigure",
    "SavedView",
    "State",
    "Succession",
    "Transition",
    "Turn",
    "Unmerge",
    "Verdict",
    "Weight",
]
