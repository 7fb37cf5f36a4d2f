"""The cases of a list as points of a map: all of them that lie in a box, where a screen has room for them."""

from typing import Any

from django.contrib.gis.db.models import PointField
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from api import params
from api.casework.chosen import NAMES, chosen
from api.casework.door import Asked, door
from casework.models import Turn

MOST = 1000  # beyond, a map shows the tiles of all reports and says so
DIGITS = 6  # of a degree: a tenth of a metre, as RFC 7946 has it


def _points(asked: Asked) -> Any:
    """``GET /api/staff/cases/points``: the cases of a box where they are a thousand at most, else none."""
    params.only(asked.request, NAMES)
    params.bbox(asked.request)  # without one it would be any thousand
    waiting = Turn.objects.filter(
        case=OuterRef("pk"), answered_at=None, ended_at=None, began_at__isnull=False
    )
    found = (
        chosen(asked, asked.at)
        .annotate(
            where=Coalesce("report__public_point", "report__point", output_field=PointField()),
            due_at=Subquery(waiting.order_by("-number").values("due_at")[:1]),
        )
        .order_by("-pk")
        .values_list("pk", "state", "where", "due_at")[: MOST + 1]
    )
    rows = list(found)
    is_whole = len(rows) <= MOST
    # Any thousand of more would be drawn by nobody, and weigh 26 kB.
    features = [_feature(*row) for row in rows] if is_whole else []
    return {"type": "FeatureCollection", "is_whole": is_whole, "features": features}


def _feature(id: int, state: str, where: Any, due_at: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": id,
        "geometry": {"type": "Point", "coordinates": [round(where.x, DIGITS), round(where.y, DIGITS)]},
        "properties": {"state": state, "due_at": due_at},
    }


points = door(GET=("casework.view_case", _points))
