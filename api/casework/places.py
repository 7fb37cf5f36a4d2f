"""Where a report is: what its words suggest, and what a person says."""

import math
from typing import Any

from api import params
from api.casework import one
from api.casework.door import Asked, door, only
from boundaries.lookup import city_day
from casework.steps import permitted
from geoplatform.errors import InvalidRequest
from layers.record import LonLat
from reports import intake, placing, suggestions
from reports.gazetteer import Candidate


def _suggested(asked: Asked, id: int) -> Any:
    """``GET /api/staff/cases/{id}/places``: where the words of a report may mean; it places nothing."""
    params.only(asked.request, set())
    report = one.find(asked, id).report
    is_whole = permitted.personal_of(asked.user).filter(pk=id).exists()
    # The words that who asks may read: the spans are theirs.
    text = "\n".join(filter(None, (report.hint, report.description))) if is_whole else report.public_text
    if is_whole:
        asked.record("case.look", f"report:{id}")
    found = suggestions.of(text, city_day(report.submitted_at))
    return {"text": text, "suggestions": [_suggestion(one) for one in found]}


def _suggestion(one: Candidate) -> dict[str, Any]:
    return {
        "level": one.level,
        "code": one.code,
        "name": one.name,
        "score": round(one.score, 4),
        "words": list(one.why),
        "spans": [[span.start, span.end] for span in one.spans],
        "point": one.point and {"lon": one.point.lon, "lat": one.point.lat},
        "rt": one.rt,
        "rw": one.rw,
    }


def _place(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/place``: name the kelurahan of a report, or move its pin."""
    only(asked, {"kelurahan", "point"})
    one.find(asked, id)
    if len(asked.said) != 1:
        raise InvalidRequest("a place is a kelurahan or a point, one of both")
    if "kelurahan" in asked.said:
        placing.declare(id, asked.text("kelurahan"), asked.user.mark, asked.at)
        asked.record("case.place", f"report:{id}", kelurahan=asked.text("kelurahan"))
        return one.told(asked, id)
    made = intake.move(id, _point(asked.said["point"]), asked.user.mark, asked.at)
    # Not where to: who reads the audit need not see where a sensitive report lies.
    asked.record("case.move", f"report:{id}", kelurahan=made.kelurahan_code)
    return one.told(asked, id)


def _point(said: Any) -> LonLat | None:
    """Return the point of a body; null is none."""
    if said is None:
        return None
    if not isinstance(said, dict) or set(said) != {"lon", "lat"}:
        raise InvalidRequest("point: an object of lon and lat is wanted, or null")
    if not all(type(value) in (int, float) and math.isfinite(value) for value in said.values()):
        raise InvalidRequest("point: lon and lat are numbers of degrees")
    return LonLat(float(said["lon"]), float(said["lat"]))


places = door(GET=("casework.view_case", _suggested))
place = door(POST=("casework.triage", _place))
