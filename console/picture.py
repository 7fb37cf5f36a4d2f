"""Drawing features with Pillow, twice as large as they are shown, so that edges come out smooth."""

import io
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

Pixel = Callable[[list[float]], tuple[float, float]]
Features = Iterable[dict[str, Any]]
Group = tuple[float, float, list[int]]  # where, and how many have which status

# The colours of console/static/console/styles.js.
OUTSIDE, PAPER, INK, ACCENT = "#d5dfe5", "#ffffff", "#17262f", "#0b5c7a"
LAND = ("#f7f5ee", "#f2f1e7", "#f5f0e8", "#eff2e9", "#f6f3e6", "#f1eeea")
BORDERS = {"kelurahan": ("#aeb6bb", 0.8), "kecamatan": ("#87919a", 1.3), "kota": ("#56626d", 2.4)}
JAMS = ("#7a8f7a", "#d9a400", "#e07b00", "#d2451e", "#a3131d", "#3d0a10")
STATUSES = {"waiting": "#c62828", "in_progress": "#f5a800", "done": "#1b7f4b"}
POINTS = {"petrol_stations": "#00695c", "hospitals": "#1f4e9c", "restaurants": "#8d4b1f", "alerts": "#b3261e"}
OTHERS = "#4a6572"
LARGER = 2
GRID_PX = 40  # reports in the same square of this side are one circle
APART_PX = 78  # and circles nearer than this become one


class Picture:
    """A picture of so many pixels, drawn on from the lowest layer up; ``thousand`` stands for three zeros."""

    def __init__(self, width: int, height: int, thousand: str = "k") -> None:
        self._size, self._thousand = (width, height), thousand
        self._image = Image.new("RGB", (width * LARGER, height * LARGER), OUTSIDE)
        self._draw = ImageDraw.Draw(self._image)

    def land(self, features: Features, pixel: Pixel) -> None:
        """Fill boundaries, neighbours mostly in another shade."""
        for feature in features:
            shade = LAND[sum(map(ord, feature["properties"].get("code", ""))) % len(LAND)]
            for ring in rings(feature["geometry"]):
                self._draw.polygon(_scaled(ring, pixel), fill=shade)

    def borders(self, name: str, lines: Iterable[list[list[float]]], pixel: Pixel) -> None:
        """Draw the lines of a tier of boundaries."""
        colour, width = BORDERS.get(name, (OTHERS, 1))
        for line in lines:
            self._draw.line(_scaled(line, pixel), fill=colour, width=round(width * LARGER), joint="curve")

    def lines(self, name: str, features: Features, pixel: Pixel) -> None:
        """Draw stretches of traffic."""
        for feature in features:
            level = feature["properties"].get("level")
            colour = "#6a1b9a" if level is None else JAMS[min(max(int(level), 0), 5)]
            for part in _parts(feature["geometry"]):
                self._draw.line(_scaled(part, pixel), fill=colour, width=4 * LARGER, joint="curve")

    def points(self, name: str, features: Features, pixel: Pixel) -> None:
        """Draw reports as circles of many, each a pie of its statuses; other things as dots."""
        if name == "reports":
            for x, y, states in _grouped(features, pixel):
                self._pie(x, y, states)
            return
        colour = POINTS.get(name, OTHERS)
        for feature in features:
            x, y = pixel(feature["geometry"]["coordinates"])
            self._circle(x, y, 4 + math.log2(feature["properties"].get("count", 1)), colour)

    def caption(self, title: str, lines: Sequence[str]) -> None:
        """Write a title and lines at the bottom, on a band of their own."""
        width, height = self._image.size
        fonts = [ImageFont.load_default(size * LARGER) for size in (30, 20)]
        top = height - band(lines) * LARGER
        self._draw.rectangle((0, top, width, height), fill=ACCENT)
        at = top + 10 * LARGER
        for line, font in [(title, fonts[0]), *((line, fonts[1]) for line in lines)]:
            self._draw.text((24 * LARGER, at), _fitted(line, font, width - 48 * LARGER), PAPER, font)
            at += (38 if font is fonts[0] else 28) * LARGER

    def png(self) -> bytes:
        """Return the picture as PNG."""
        out = io.BytesIO()
        shown = self._image.resize(self._size, Image.Resampling.LANCZOS)
        shown.quantize(colors=256, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        return out.getvalue()

    def _pie(self, x: float, y: float, states: Sequence[int]) -> None:
        count = sum(states)
        if count == 1:
            self._circle(x, y, 7, list(STATUSES.values())[list(states).index(1)])
            return
        radius = min(14 + 2.2 * math.log2(count), 36)
        box = [(part + way * radius) * LARGER for way in (-1, 1) for part in (x, y)]
        start = -90.0
        for number, colour in zip(states, STATUSES.values(), strict=True):
            end = start + 360 * number / count
            if number:
                self._draw.pieslice(box, start, end, fill=colour)
            start = end
        self._circle(x, y, radius * 0.72, PAPER)
        font = ImageFont.load_default(round(radius * (0.72 if count < 1000 else 0.48)) * LARGER)
        self._draw.text((x * LARGER, y * LARGER), _short(count, self._thousand), INK, font, anchor="mm")

    def _circle(self, x: float, y: float, radius: float, colour: str) -> None:
        box = [(part + way * radius) * LARGER for way in (-1, 1) for part in (x, y)]
        self._draw.ellipse(box, fill=colour, outline=PAPER, width=LARGER)


def _grouped(features: Features, pixel: Pixel) -> list[Group]:
    """Return middle and counts by status of the reports in each square of a grid, none hiding another."""
    groups: dict[tuple[int, int], list[float]] = {}
    for feature in features:
        x, y = pixel(feature["geometry"]["coordinates"])
        given = feature["properties"]
        states = [given.get(name, int(given.get("status") == name)) for name in STATUSES]
        sums = groups.setdefault((int(x // GRID_PX), int(y // GRID_PX)), [0.0] * 5)
        for place, value in enumerate((x * sum(states), y * sum(states), *states)):
            sums[place] += value
    made = []
    for x, y, *counts in groups.values():
        total = sum(counts)
        if total:
            made.append((x / total, y / total, [int(count) for count in counts]))
    return _apart(sorted(made, key=lambda group: -sum(group[2])))


def _apart(groups: Iterable[Group]) -> list[Group]:
    """Let each group, the largest first, take in those that its circle would hide."""
    kept: list[Group] = []
    for x, y, states in groups:
        near = next((other for other in kept if math.dist((x, y), other[:2]) < APART_PX), None)
        if near is None:
            kept.append((x, y, list(states)))
        else:
            near[2][:] = [one + other for one, other in zip(near[2], states, strict=True)]
    return kept


def rings(geometry: dict[str, Any]) -> list[list[list[float]]]:
    """Return the outer rings of polygons; the islands of Jakarta have no lakes that a picture shows."""
    if geometry["type"] == "Polygon":
        return [geometry["coordinates"][0]]
    if geometry["type"] == "MultiPolygon":
        return [polygon[0] for polygon in geometry["coordinates"]]
    return []


def _parts(geometry: dict[str, Any]) -> list[list[list[float]]]:
    if geometry["type"] == "LineString":
        return [geometry["coordinates"]]
    return list(geometry["coordinates"]) if geometry["type"] == "MultiLineString" else []


def _scaled(positions: list[list[float]], pixel: Pixel) -> list[tuple[float, float]]:
    return [(x * LARGER, y * LARGER) for x, y in map(pixel, positions)]


def band(lines: Sequence[str]) -> int:
    """Return how high the band of a caption is, in pixels."""
    return 60 + 28 * len(lines)


def _short(count: int, thousand: str) -> str:
    return str(count) if count < 10_000 else f"{count / 1000:.0f}{thousand}"


def _fitted(text: str, font: Any, width: float) -> str:
    """Return a text, or as much of it as there is room for."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text} ...") > width:
        text = text[:-1]
    return f"{text} ..."
