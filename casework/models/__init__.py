"""What the city does about reports: one module for each question, all of it by one name."""

from casework.models.duplicates import Clue, DuplicateCandidate
from casework.models.escalation import Contact, Escalation, Evidence, Notice, Rung
from casework.models.norms import Deadline, Holiday, Norm
from casework.models.turns import Fault, Pause, PauseReason, Rule, Turn
from casework.models.workflow import Alternative, Case, Change, Choice, State, Transition

__all__ = [
    "Alternative",
    "Case",
    "Change",
    "Choice",
    "Clue",
    "Contact",
    "Deadline",
    "DuplicateCandidate",
    "Escalation",
    "Evidence",
    "Fault",
    "Holiday",
    "Norm",
    "Notice",
    "Pause",
    "PauseReason",
    "Rule",
    "Rung",
    "State",
    "Transition",
    "Turn",
]
