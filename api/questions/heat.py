"""``GET /api/heat``: reports counted in hexagons or squares."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from api import params, slow
from api.public import public
from api.questions import asked, forms, grids, tables
from api.questions.grids import Cell
from geoplatform.errors import InvalidRequest

PARAMETERS = {*asked.FACETS, *asked.SPAN, "grid", "resolution", "size", "bbox", "f"}
# The finest are no finer than a city block: what is asked for is where, not who.
RESOLUTIONS = (4, 10)  # H3: hexagons of 1,770 to 0.015 km2
SIZES_M = (100, 50_000)
MOST_CELLS = 20_000
FEW = 50_000  # points that are counted in no more than a moment: 20 ms


@public
def heat(request: HttpRequest) -> HttpResponse:
    """Cells without a report are left out."""
    params.only(request, PARAMETERS)
    grid = params.one_of(request, "grid", ("h3", "square"), "h3")
    form = params.one_of(request, "f", ("geojson", "json", "csv"), "geojson")
    if (other := {"h3": "size", "square": "resolution"}[grid]) in request.GET:
        raise InvalidRequest(f"parameter {other!r} is none of grid {grid!r}")
    resolution = params.whole(request, "resolution", 8, *RESOLUTIONS)
    size_m = params.whole(request, "size", 500, *SIZES_M)
    box = params.bbox(request) if "bbox" in request.GET else None
    lon, lat = tables.Data().positions(asked.read(request).filter, box)
    if len(lon) > FEW:
        slow.take()
    made = (
        grids.hexagons(lon, lat, resolution, slow.check)
        if grid == "h3"
        else grids.squares(lon, lat, size_m, slow.check)
    )
    cells = _bounded(made)
    about = {"grid": grid} | ({"resolution": resolution} if grid == "h3" else {"size_m": size_m})
    return forms.reply(request, form, _body(form, cells, {**about, "counted": len(lon)}))


def _bounded(made: Any) -> list[Cell]:
    """Return all cells, or refuse to where there are too many."""
    cells: list[Cell] = []
    for cell in made:
        if len(cells) == MOST_CELLS:
            raise InvalidRequest(
                f"the answer has more than {MOST_CELLS} cells: ask for larger ones, or a smaller bbox"
            )
        cells.append(cell)
    return cells


def _body(form: str, cells: list[Cell], about: dict[str, Any]) -> bytes:
    if form == "csv":
        return forms.to_csv(["cell", "count", "area_km2"], (cell[:3] for cell in cells))
    rows = [{"cell": cell.id, "count": cell.points, "area_km2": cell.area_km2} for cell in cells]
    if form == "json":
        return forms.to_json({**about, "cells": rows})
    features = ((cell.id, cell.geometry, row) for cell, row in zip(cells, rows, strict=True))
    return forms.to_geojson(features, **about)
