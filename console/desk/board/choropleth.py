"""``/staff/board/map``: where citizens are answered by the deadline, by kelurahan."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from api.casework.door import Asked
from casework.board import figures, places
from casework.board.places import ANSWERED, NO_DATA, Where
from casework.board.survival import Interval
from casework.brief import shaded_map
from casework.brief.shaded_map import Frame, Shape
from console.desk.board import asked
from console.desk.board.asked import BOARD, Chosen, Shown, shown
from console.desk.board.table import picked

ZOOM, WIDTH = 11, 720.0
CLASSES = 5  # of equal width, 0 to 1


@dataclass(frozen=True)
class Place:
    """A kelurahan: what is known of it in words and figures, its class, and how it is drawn."""

    code: str
    name: str
    path: str
    kind: str
    kept: int
    due: int
    share: Interval | None
    address: str


@dataclass(frozen=True)
class Class:
    """The kelurahan of one class, whose share is lowest first."""

    kind: str
    places: Sequence[Place]


@shown(BOARD)
def choropleth(request: Asked) -> Shown:
    """``GET /staff/board/map[?period=&area=&category=]``: a map, and the same as a list."""
    chosen = asked.chosen(request)
    shapes = [
        shape for shape in shaded_map.outlines(chosen.period.last, ZOOM) if _is_in(shape.code, chosen.area)
    ]
    scope = figures.scope(category=chosen.category or None)
    found = places.of(chosen.period, chosen.at, scope.category)
    frame = shaded_map.frame(shapes, WIDTH, WIDTH)
    drawn = [_place(shape, found.get(shape.code), frame, chosen) for shape in shapes]
    return "map", {
        **picked(request, chosen),
        "size": f"0 0 {frame.width:.0f} {frame.height:.0f}",
        "places": drawn,
        "classes": classes(drawn),
        "minimum": settings.BOARD_MINIMUM,
    }


def kind(where: Where | None, minimum: int) -> str:
    """Return the class of a kelurahan: ``share_0`` (lowest) to ``share_4``, ``few`` or ``no_data``."""
    known = where.kind(minimum) if where else ""
    if where is None or known != ANSWERED:
        return NO_DATA if known == NO_DATA else "few"
    return f"share_{min(CLASSES - 1, where.kept * CLASSES // where.due)}"


def classes(drawn: Sequence[Place]) -> list[Class]:
    """Return the kelurahan by class, the lowest share first, those of which nothing is said last."""
    kinds = [*(f"share_{number}" for number in range(CLASSES)), NO_DATA, "few"]
    ordered = sorted(drawn, key=lambda one: (one.kept / one.due if one.due else 0.0, one.name))
    return [Class(name, [one for one in ordered if one.kind == name]) for name in kinds]


def _place(shape: Shape, where: Where | None, frame: Frame, chosen: Chosen) -> Place:
    found = where or Where(shape.code, 0, 0, 0, 0)
    return Place(
        code=shape.code,
        name=shape.name,
        path=shaded_map.drawn(shape, frame),
        kind=kind(where, settings.BOARD_MINIMUM),
        kept=found.kept,
        due=found.due,
        share=found.share,
        address=chosen.cell(found.cell("turns")),
    )


def _is_in(code: str, area: str) -> bool:
    return not area or code == area or code.startswith(f"{area}.")
