"""What a person says of where a report is; appended as history, and never undone by a rule or a re-run."""

from datetime import datetime

from django.db import transaction

from boundaries import editions
from boundaries.lookup import city_day
from boundaries.models import Boundary, Level
from geoplatform import sql
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from layers import revisions
from reports import intake
from reports.layers import REPORTS
from reports.models import PlacedBy, Placement, Report


@transaction.atomic
def declare(report_id: int, code: str, by: str, now: datetime) -> Report:
    """Say in which kelurahan a report without a point is, and route it to who answers there.

    Parameters
    ----------
    code
        Kemendagri code of a kelurahan of the edition that was in force on the report's day.
    by
        Who says so.

    Raises
    ------
    InvalidRequest
        Nobody says so.
    NotFound
        There is no such report, or no such kelurahan on its day.
    Conflict
        The report has a point, which says where it is.
    """
    if not by.strip():
        raise InvalidRequest("by is empty: who says where the report is must be known")
    sql.hold(intake.PLACEMENT, shared=True)
    revisions.touch(REPORTS.name)
    report = Report.objects.select_for_update().filter(id=report_id).first()
    if report is None:
        raise NotFound(f"no report {report_id}")
    if report.point is not None:
        raise Conflict(
            f"report {report_id} has a point: it lies in {report.kelurahan_code or 'no kelurahan'}"
        )
    day = city_day(report.submitted_at)
    edition = editions.in_force(day)
    known = Boundary.objects.filter(edition=edition, level=Level.KELURAHAN, code=code)
    if edition is None or not known.exists():
        raise NotFound(f"no kelurahan {code!r} on {day}")
    Report.objects.filter(id=report_id).update(
        edition=edition, kelurahan_code=code, placed_by=PlacedBy.DECLARED, by_rule=False, words_read_at=now
    )
    Placement.objects.create(
        report=report, edition=edition, kelurahan_code=code, by=by.strip(), placed_at=now
    )
    intake.route([report_id])
    report.refresh_from_db()
    return report
