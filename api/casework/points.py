"""The cases of a list that lie in a box, for a map: each as a point, or counted in squares where many."""

import math
from typing import Any
from urllib.parse import urlencode

from django.db.models import (
    Avg,
    BigIntegerField,
    Case,
    Count,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)  # fmt: skip

from api import params
from api.casework.chosen import NAMES, SHOWN_POINT, SHOWN_X, SHOWN_Y, chosen
from api.casework.door import Asked, door
from casework import models
from casework.models import Turn
from casework.steps import permitted
from layers.grid import KEY_ZOOM, Bbox

MOST = 1000  # beyond, no screen has room for each
OF_TILES = ("category", "kelurahan", "channel")  # the parameters that tiles have as well
DIGITS = 6  # of a degree: a tenth of a metre, as RFC 7946 has it
ACROSS = 5  # a box is from 2**5 to 2**6 squares wide: of a wide screen some 30 pixels each
# As the index of points holds it; computed for sensitive reports alone, for the others it is stored.
SHOWN_KEY = Case(
    When(report__public_point=None, then=F("report__tile_key")),
    default=Func(F("report__public_point"), function="layers_tile_key"),
    output_field=BigIntegerField(),
)


def _points(asked: Asked) -> Any:
    """``GET /api/staff/cases/points``: all of a list in a box, and whether each is a feature of its own."""
    params.only(asked.request, NAMES)
    box = params.bbox(asked.request)  # without one it would be any thousand
    found = chosen(asked, asked.at)
    features, tiles = _each(found), None
    is_whole = len(features) <= MOST
    if not is_whole:
        tiles = _tiles(asked)
        features = [] if tiles else _squares(found, box, asked)
    return {"type": "FeatureCollection", "is_whole": is_whole, "features": features, "tiles": tiles}


def _tiles(asked: Asked) -> str | None:
    """Return where tiles count the same, of lists that are all reports by what tiles know; None for others.

    A year of the city takes half a second to count, its tiles a few milliseconds.
    """
    given = asked.request.GET.dict()
    if not permitted.may(asked.user, "casework.see_all") or set(given) - {"bbox", *OF_TILES}:
        return None
    chosen_by = {name: given[name] for name in OF_TILES if name in given}
    return f"/tiles/reports/{{z}}/{{x}}/{{y}}.geojson?{urlencode(chosen_by)}"


def _each(found: QuerySet[models.Case]) -> list[dict[str, Any]]:
    """Return a feature a case, the newest first; one more than ``MOST`` says that there are too many."""
    rows = (
        found.annotate(where=SHOWN_POINT, due_at=Subquery(_waiting(case=OuterRef("pk")).values("due_at")[:1]))
        .order_by("-pk")
        .values_list("pk", "state", "where", "due_at")[: MOST + 1]
    )
    return [
        {"id": id, **_feature(where.x, where.y, state=state, due_at=due_at)}
        for id, state, where, due_at in rows
    ]


def _squares(found: QuerySet[models.Case], box: Bbox, asked: Asked) -> list[dict[str, Any]]:
    """Return a feature for each state in a square of ground: how many, how many late, their middle."""
    late = _waiting(due_at__lt=asked.at)
    rows = (
        found.annotate(square=SHOWN_KEY.bitrightshift(_shift(box)))
        .values("square", "state")
        .annotate(
            count=Count("pk"),
            late=Count("pk", filter=Q(pk__in=late.values("case"))),
            lon=Avg(SHOWN_X),
            lat=Avg(SHOWN_Y),
        )
        .order_by("square", "state")
        .values_list("lon", "lat", "state", "count", "late")
    )
    return [_feature(lon, lat, state=state, count=count, late=late) for lon, lat, state, count, late in rows]


def _shift(box: Bbox) -> int:
    """Return by how many bits a key is shortened to name a square; squares stand fast."""
    zoom = math.floor(math.log2(360 / (box.east - box.west))) + ACROSS
    return 2 * max(0, KEY_ZOOM - zoom)


def _waiting(**which: Any) -> QuerySet[Turn]:
    return Turn.objects.filter(answered_at=None, ended_at=None, began_at__isnull=False, **which).order_by(
        "-number"
    )


def _feature(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(lon, DIGITS), round(lat, DIGITS)]},
        "properties": properties,
    }


points = door(GET=("casework.view_case", _points))
