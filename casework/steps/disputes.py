"""The citizen's word against an answer: it opens the case anew, at the same office, and nobody need log in.

The link that an answer bears proves that one may dispute it (``casework.citizens.links``).
"""

from datetime import datetime

from casework.citizens.links import DISPUTE, report_of
from casework.duplicates import clusters
from casework.steps import workflow
from casework.steps.workflow import Step
from geoplatform.errors import InvalidRequest
from reports.intake import keyed_hash
from reports.models import Report
from reports.privacy import public_text, without_author

LONGEST = 2000  # characters


def dispute(report_id: int, words: str, by: str, at: datetime) -> int:
    """Say that a report's problem is not solved as its answer has it; returns the case that is open anew.

    Of the words what the public may read is kept: history cannot be made anonymous later. A report that was
    merged is answered with the one that leads its cluster: that one is disputed. The next turn is the same
    office's.

    Parameters
    ----------
    by
        ``citizen:`` and a report's id where the token was shown, else as the history names them.

    Raises
    ------
    InvalidRequest
        No words, or more than 2,000 characters.
    NotFound, Conflict
        There is no such case, or it was not answered; or somebody has it in hand.
    """
    if not words.strip() or len(words) > LONGEST:
        raise InvalidRequest(f"words: from 1 to {LONGEST} characters, not {len(words.strip())}")
    lead = clusters.lead_of(report_id)
    workflow.change_one(Step(lead, "disputed", _public(report_id, words.strip())), by, {DISPUTE}, at)
    return lead


def _public(report_id: int, words: str) -> str:
    """Return words without phones, e-mail addresses and the name of the report's author."""
    author_hash = Report.objects.values_list("author_hash", flat=True).filter(id=report_id).first()
    text = public_text(words, "")
    return without_author(text, lambda name: keyed_hash(name) == author_hash) if author_hash else text


def by_token(text: str, words: str, at: datetime) -> int:
    """Dispute the answer to the report that a token is for; returns as ``dispute``.

    Raises
    ------
    Forbidden, InvalidRequest, NotFound, Conflict
        As ``links.report_of`` and ``dispute``.
    """
    report_id = report_of(text, at)
    return dispute(report_id, words, f"citizen:{report_id}", at)
