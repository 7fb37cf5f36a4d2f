"""Points for the tests of the index, and what a tile of them must be, said without the index."""

import json
from collections import defaultdict

import mapbox_vector_tile
import numpy as np

from layers.grid import KEY_ZOOM, MAX_ZOOM, Tile, spread
from layers.index import Rows
from layers.traits import Facet, Traits, Wordlist
from tests.grid import tile_of

TRAITS = Traits(
    (
        Facet("category", 8),
        Facet("status", 3, ("waiting", "in_progress", "done")),
        Facet("simulated", 2, (False, True)),
    ),
    tally="status",
)
TODAY = 46_000
STATUSES = ("waiting", "in_progress", "done")


def key_of(lon: float, lat: float) -> int:
    at = tile_of(lon, lat, KEY_ZOOM)
    return spread(at.x) | spread(at.y) << 1


def rows_of(points: dict[int, dict], wordlist: Wordlist) -> Rows:
    """Return points by their ids, each with lon, lat, day, category and status, as rows in any order."""
    found = list(points.values())
    traits = wordlist.pack(
        np.array([one["day"] for one in found], np.int64),
        [[one[name] for one in found] for name in ("category", "status", "simulated")],
    )
    keys = np.array([-1 if one["lon"] is None else key_of(one["lon"], one["lat"]) for one in found], np.int64)
    return Rows(keys, np.array(list(points), np.int64), traits)


def features(body: bytes, form: str, name: str = "reports") -> list[dict]:
    """Return the features of a tile, decoded by others."""
    if form == "geojson":
        return json.loads(body)["features"]
    if not body:
        return []
    decoded = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})
    return decoded[name]["features"]


def expected(points: dict[int, dict], at: Tile, screenful: int, cell_zooms: int = 5) -> dict | list:
    """Return what a tile must hold: properties by id, or of each cell its count and its tally, in z-order."""
    inside = {
        id: one
        for id, one in points.items()
        if one["lon"] is not None and tile_of(one["lon"], one["lat"], at.z) == at
    }
    if len(inside) <= screenful:
        return {
            id: {
                name: value
                for name, value in {
                    "category": one["category"],
                    "status": one["status"],
                    "simulated": one["simulated"],
                    "age_days": max(0, TODAY - one["day"]),
                }.items()
                if value is not None
            }
            for id, one in inside.items()
        }
    cells: dict[Tile, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("count", *STATUSES), 0))
    for one in inside.values():
        cell = cells[tile_of(one["lon"], one["lat"], at.z + cell_zooms)]
        cell["count"] += 1
        cell[one["status"]] += 1
    return [cells[cell] for cell in sorted(cells, key=lambda cell: spread(cell.x) | spread(cell.y) << 1)]


def seen(body: bytes, form: str, at: Tile, cell_zooms: int = 5) -> dict | list:
    """Return what a tile holds, in the same terms as ``expected``."""
    found = features(body, form)
    if not any("count" in feature["properties"] for feature in found):
        return {feature["id"]: feature["properties"] for feature in found}
    cells = [dict(feature["properties"]) for feature in found]
    assert all(at.z < cell.pop("opens_at") <= MAX_ZOOM + cell_zooms for cell in cells)
    return cells
