"""What a shared cache is told of each public answer: how old it may be, and by which keys to drop it."""

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import parse_qs

from django.http import HttpRequest, HttpResponse

from api import params
from geoplatform.errors import InvalidRequest
from layers.boxes import Box, box_of
from layers.grid import KEY_ZOOM, Bbox, Tile
from layers.layer import catalogue

HEADER = "Surrogate-Key"
BLOCK_ZOOM, MOST_BLOCKS = 14, 16
REPORTS, TIERS = "reports", "kelurahan kecamatan kota"
RELEASE = "release"  # of what changes with a release or a setting
COUNTED = f"{REPORTS} {TIERS}"
Keys = Callable[[re.Match[str], Mapping[str, str]], str]


def blocks(name: str, boxes: Iterable[Bbox]) -> str:
    """Return the keys of a layer: its name, and blocks of zoom 14 that boxes touch, where these are few."""
    keys, found = [name], [block for box in boxes for block in _blocks(box_of(box))]
    if len(found) <= MOST_BLOCKS:
        keys += [f"{name}-{block.z}-{block.x}-{block.y}" for block in found]
    return " ".join(keys)


def _blocks(box: Box) -> list[Tile]:
    shift = KEY_ZOOM - BLOCK_ZOOM
    columns = range(box.left >> shift, (box.right >> shift) + 1)
    lines = range(box.top >> shift, (box.bottom >> shift) + 1)
    if len(columns) * len(lines) > MOST_BLOCKS:
        return [Tile(BLOCK_ZOOM, 0, 0)] * (MOST_BLOCKS + 1)
    return [Tile(BLOCK_ZOOM, x, y) for y in lines for x in columns]


def _own(found: re.Match[str], asked: Mapping[str, str]) -> str:
    return found[1] if found[1] in catalogue() else RELEASE


def _every(found: re.Match[str], asked: Mapping[str, str]) -> str:
    return " ".join(catalogue())


def _asked_layers(found: re.Match[str], asked: Mapping[str, str]) -> str:
    names = [name for name in asked.get("layers", asked.get("layer", "")).split(",") if name in catalogue()]
    return " ".join(names) or " ".join(catalogue())


def _boxed(found: re.Match[str], asked: Mapping[str, str]) -> str:
    try:
        boxes, _ = params.boxes(asked["bbox"])
    except (KeyError, InvalidRequest):
        return REPORTS
    return blocks(REPORTS, boxes)


def _said(keys: str) -> Keys:
    return lambda found, asked: keys


#: The first that an address begins with, or is, says what its answer is made of; what is none of them changes
#: with a release.
DOORS: tuple[tuple[re.Pattern[str], Keys], ...] = tuple(
    (re.compile(pattern), keys)
    for pattern, keys in (
        (r"/tiles/?$", _every),
        (r"/tiles/([^/.]+)[/.]", _own),
        (r"/api/collections/([^/]+)", _own),
        (r"/api/(?:reports|heat)$", _boxed),
        (r"/api/(?:changes|counts|series)$|/(?:api/)?answers$|/reports$", _said(COUNTED)),
        (
            r"/(?:api/)?reports/|/feeds/|/open311/v2/(?:requests|servicerequestupdates|tokens)",
            _said(REPORTS),
        ),
        (r"/api/nearest$|/embed/preview\.png$", _asked_layers),
        (r"/(?:embed)?$|/api/(?:locate|boundaries)$|/mapit/", _said(TIERS)),
        (r"/api/feeds$", _said("feeds")),
        (r"/api/exports", _said("exports")),
        (r"/mapsengine/v1/(?:tables|layers)/([^/]+)", _own),
        (r"/mapsengine/v1/(?:tables|layers|maps)", _every),
    )
)


def keys_of(path: str, query: str) -> str:
    """Return the keys by which a cache may be told to drop what was answered to an address."""
    for pattern, keys in DOORS:
        if found := pattern.match(path):
            return keys(found, {name: texts[-1] for name, texts in parse_qs(query).items()})
    return RELEASE


class SurrogateMiddleware:
    """Names the keys of every answer that a shared cache may keep, where the answer has not named them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the keys."""
        response = self.get_response(request)
        if response.get("Cache-Control", "").startswith("public") and not response.has_header(HEADER):
            response[HEADER] = keys_of(request.path, request.META.get("QUERY_STRING", ""))
        return response
