"""The small map of the brief: our own boundaries, the more unanswered the darker; no tile of others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import shapely

from geoplatform import sql

ZOOM = 10
ISLANDS = "31.01"  # far out at sea: named beside the map, not drawn
SHADES = ("#f4f1ea", "#f6d9a8", "#f0a860", "#d9622b", "#a3131d")
INK = "#6b7780"
Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Shape:
    """The outline of a kelurahan, EPSG:3857: its rings, and where a mark in it may stand."""

    code: str
    name: str
    rings: tuple[Ring, ...]
    mark: tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """How metres of EPSG:3857 become points of the page, y downwards."""

    west: float
    north: float
    scale: float
    width: float
    height: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a position lies in the frame, to a tenth of a point."""
        return round((x - self.west) * self.scale, 1), round((self.north - y) * self.scale, 1)


def outlines(on: date, zoom: int = ZOOM) -> list[Shape]:
    """Return the outline of each kelurahan of the mainland on a day, as fine as a map of a zoom shows it."""
    rows = sql.rows("casework/outlines", {"on": on, "level": "kelurahan", "zoom": zoom})
    return [_shape(*row) for row in rows if not row[0].startswith(ISLANDS)]


def frame(shapes: Sequence[Shape], width: float, height: float) -> Frame:
    """Return the frame into which shapes fit."""
    points = [point for shape in shapes for ring in shape.rings for point in ring] or [(0.0, 0.0), (1.0, 1.0)]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    scale = min(width / (max(xs) - min(xs)), height / (max(ys) - min(ys)))
    return Frame(min(xs), max(ys), scale, (max(xs) - min(xs)) * scale, (max(ys) - min(ys)) * scale)


def steps(turns: Mapping[str, int]) -> list[tuple[int, int]]:
    """Return the ranges of the shades behind the first, which is none at all: from and to, both included."""
    most = max(turns.values(), default=0)
    shades = len(SHADES) - 1
    edges = sorted({-(-most * number // shades) for number in range(1, shades + 1)} - {0})
    lows = [1, *(edge + 1 for edge in edges[:-1])]
    return list(zip(lows, edges, strict=True)) if edges else []


def shade(turns: int, ranges: Sequence[tuple[int, int]]) -> str:
    """Return the colour of so many turns; the darkest is that of the most, however few ranges there are."""
    for number, (low, high) in enumerate(ranges):
        if low <= turns <= high:
            return SHADES[len(SHADES) - len(ranges) + number]
    return SHADES[0]


def svg(shapes: Sequence[Shape], turns: Mapping[str, int], marks: Mapping[str, str], width: float) -> str:
    """Return the map as an SVG element; ``marks`` are the words that stand in some kelurahan."""
    whole = frame(shapes, width, 2 * width)
    ranges = steps(turns)
    size = f'viewBox="0 0 {whole.width:.1f} {whole.height:.1f}" width="{whole.width:.1f}"'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Peta" {size}>']
    for shape in shapes:
        colour = shade(turns.get(shape.code, 0), ranges)
        path = drawn(shape, whole)
        lines.append(f'<path d="{path}" fill="{colour}" stroke="{INK}" stroke-width="0.3"/>')
    for x, y, text in placed(shapes, marks, whole):
        lines.append(
            f'<circle cx="{x}" cy="{y}" r="5.5" fill="#ffffff" stroke="#17262f" stroke-width="0.8"/>'
        )
        lines.append(f'<text x="{x}" y="{y + 2.6:.1f}" font-size="7.5" text-anchor="middle">{text}</text>')
    return "\n".join([*lines, "</svg>"])


def placed(
    shapes: Sequence[Shape], marks: Mapping[str, str], whole: Frame
) -> Iterator[tuple[float, float, str]]:
    """Yield where each mark stands in a frame."""
    for shape in shapes:
        if shape.code in marks:
            yield *whole.place(*shape.mark), marks[shape.code]


def drawn(shape: Shape, whole: Frame) -> str:
    """Return the outline of a shape in a frame, as the ``d`` of an SVG path."""
    return " ".join(_path(ring, whole) for ring in shape.rings)


def _path(ring: Ring, whole: Frame) -> str:
    points = (whole.place(x, y) for x, y in ring)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z"


def _shape(code: str, name: str, raw: Any) -> Shape:
    geometry = cast(shapely.MultiPolygon, shapely.from_wkb(bytes(raw)))
    lines = (ring for part in geometry.geoms for ring in (part.exterior, *part.interiors))
    rings = tuple(tuple((x, y) for x, y in ring.coords) for ring in lines)
    inside = geometry.representative_point()
    return Shape(code, name, rings, (inside.x, inside.y))
