"""Looking at who wrote a report and at the words as they were written: recorded each time."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from access import audit
from casework import permitted
from geoplatform.errors import NotFound
from reports import sealing
from reports.models import Report, SourceUpdate
from staff.models import User


@dataclass(frozen=True)
class Personal:
    """What a report holds of its citizen, unmasked: contact, words, place in words, notes of the trace."""

    contact: dict[str, str]
    description: str
    hint: str
    notes: tuple[str, ...]


@transaction.atomic
def look(user: User, report_id: int, who: audit.Origin, at: datetime) -> Personal:
    """Return the personal data of one report; the look is in the audit before anything is shown.

    Raises
    ------
    NotFound
        There is no such case among those whose personal data they may see.
    Conflict
        Its contact cannot be unsealed.
    """
    if not permitted.personal_of(user).filter(pk=report_id).exists():
        raise NotFound(f"no case {report_id} whose personal data you may see")
    report = Report.objects.get(id=report_id)
    trace = SourceUpdate.objects.filter(channel=report.channel, external_id=report.external_id)
    notes = trace.exclude(note="").order_by("at", "id").values_list("note", flat=True)
    found = Personal(
        sealing.read(report.channel, report.external_id), report.description, report.hint, tuple(notes)
    )
    audit.record("personal.look", who, at, f"report:{report_id}")
    return found
