"""Compute boundaries of our own from the table of facts, for where no real ones can be had.

The mainland is divided round the label points: each kelurahan claims what is nearest to a disc round its
label, and the discs grow or shrink until the areas agree with the facts. Kepulauan Seribu are hexagons.
Nothing here is a real border, and whatever shows it says so.
"""

from collections.abc import Sequence

import geopandas
import numpy as np
import shapely

from boundaries import topology
from boundaries.facts import Fact
from geoplatform.errors import BadBoundaries

#: lon, lat: the mainland, drawn by hand from the coast, Marunda, Cakung, Halim, Cibubur, Srengseng Sawah,
#: Lebak Bulus, Ulujami, Joglo, Semanan and Kamal. It is good to about 1 km.
OUTLINE = (
    *((106.690, -6.093), (106.712, -6.092), (106.735, -6.096), (106.750, -6.100), (106.775, -6.104)),
    *((106.800, -6.108), (106.815, -6.118), (106.835, -6.115), (106.855, -6.112), (106.872, -6.102)),
    *((106.895, -6.096), (106.905, -6.088), (106.925, -6.088), (106.945, -6.094), (106.968, -6.088)),
    *((106.972, -6.115), (106.970, -6.150), (106.972, -6.182), (106.966, -6.200), (106.955, -6.215)),
    *((106.948, -6.235), (106.944, -6.255), (106.925, -6.262), (106.912, -6.275), (106.915, -6.300)),
    *((106.920, -6.330), (106.922, -6.358), (106.905, -6.372), (106.880, -6.370), (106.865, -6.362)),
    *((106.845, -6.360), (106.825, -6.366), (106.805, -6.364), (106.795, -6.355), (106.790, -6.325)),
    *((106.775, -6.320), (106.765, -6.305), (106.750, -6.290), (106.742, -6.262), (106.735, -6.235)),
    *((106.720, -6.222), (106.715, -6.200), (106.700, -6.185), (106.688, -6.165), (106.687, -6.130)),
    (106.684, -6.105),
)
ISLANDS = "31.01"

#: Points that stand for one disc, besides its centre.
CORNERS = 12
#: Rounds in which the discs are fitted: the median kelurahan is then within 4 % of its area.
ROUNDS = 12


def tessellate(facts: Sequence[Fact]) -> geopandas.GeoDataFrame:
    """Divide the province among its kelurahan.

    Parameters
    ----------
    facts
        n kelurahan, of which those of Kepulauan Seribu become hexagons of their area.

    Returns
    -------
    GeoDataFrame
        code, name, geometry (Polygon or MultiPolygon, EPSG:4326), ordered by code: a true coverage in
        which each label point lies in its own polygon. The same facts give the same polygons.

    Raises
    ------
    BadBoundaries
        No facts, a label on the mainland that lies outside the outline, or two in one place.

    Source: ``kelurahan_facts.csv``; the outline is the project's own drawing.
    """
    if not facts:
        raise BadBoundaries("no facts to draw schematic boundaries from")
    facts = sorted(facts, key=lambda fact: fact.code)
    labels = shapely.points([(fact.label_lon, fact.label_lat) for fact in facts])
    centres = shapely.get_coordinates(topology.project(labels, "EPSG:4326", topology.METRIC))
    areas = np.array([fact.area_km2 for fact in facts]) * 1e6
    island = np.array([fact.kota_code == ISLANDS for fact in facts])
    polygons = np.empty(len(facts), dtype=object)
    polygons[island] = _hexagons(centres[island], areas[island])
    if not island.all():
        outline = topology.project(np.array([shapely.Polygon(OUTLINE)]), "EPSG:4326", topology.METRIC)[0]
        _check_labels([fact for fact in facts if fact.kota_code != ISLANDS], centres[~island], outline)
        polygons[~island] = _divide(centres[~island], areas[~island], outline)
    return geopandas.GeoDataFrame(
        {"code": [fact.code for fact in facts], "name": [fact.name for fact in facts]},
        geometry=topology.project(topology.match(polygons), topology.METRIC, "EPSG:4326"),
        crs="EPSG:4326",
    )


def _check_labels(facts: Sequence[Fact], centres: np.ndarray, outline: shapely.Polygon) -> None:
    """Refuse labels that the division cannot serve."""
    inside = np.asarray(shapely.contains_properly(outline, shapely.points(centres)))
    for fact, good in zip(facts, inside, strict=True):
        if not good:
            raise BadBoundaries(
                f"label of {fact.code} at {fact.label_lon}, {fact.label_lat} is off the mainland"
            )
    _, first, count = np.unique(centres, axis=0, return_index=True, return_counts=True)
    if (count > 1).any():
        shared = facts[int(first[count > 1][0])]
        raise BadBoundaries(f"label of {shared.code} is that of another kelurahan too")


def _hexagons(centres: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Return n regular hexagons of the given m2 round n points (EPSG:32748)."""
    radii = np.sqrt(areas / (1.5 * np.sqrt(3)))
    return np.asarray(shapely.polygons(_rings(centres, radii, 6)))


def _rings(centres: np.ndarray, radii: np.ndarray, corners: int) -> np.ndarray:
    """Return the corners of n regular polygons as (n, corners, 2)."""
    angle = np.arange(corners) * 2 * np.pi / corners
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return np.asarray(centres[:, None] + radii[:, None, None] * circle)


def _divide(centres: np.ndarray, areas: np.ndarray, outline: shapely.Polygon) -> np.ndarray:
    """Divide an outline among n discs whose radii are fitted to n areas (m2); returns n polygons."""
    distance = np.hypot(*(centres[:, None] - centres).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    shapely.prepare(outline)
    radii = np.full(len(centres), 20.0)
    for _ in range(ROUNDS):
        cells, owner = _cells(centres, radii, outline)
        found = np.bincount(owner, shapely.area(cells), len(centres))
        radii = np.maximum(20, radii + 0.7 * (np.sqrt(areas / np.pi) - np.sqrt(found / np.pi)))
        # Discs that met would take each other's labels.
        room = (0.9 * distance / (radii[:, None] + radii)).min(axis=1)
        radii = radii * np.minimum(1, room)
    cells, owner = _cells(centres, radii, outline)
    # Cells of one kelurahan meet only up to rounding where the outline cut them.
    cells = topology.match(cells)
    return np.array([shapely.coverage_union_all(cells[owner == index]) for index in range(len(centres))])


def _cells(centres: np.ndarray, radii: np.ndarray, outline: shapely.Polygon) -> tuple[np.ndarray, np.ndarray]:
    """Return the Voronoi cells, cut by the outline, of the points that stand for n discs, and owners."""
    points = np.concatenate([centres[:, None], _rings(centres, radii, CORNERS)], axis=1).reshape(-1, 2)
    owner = np.repeat(np.arange(len(centres)), CORNERS + 1)
    diagram = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=outline, ordered=True)
    cells = shapely.get_parts(diagram)
    cut = ~shapely.covers(outline, cells)
    cells[cut] = shapely.intersection(cells[cut], outline)
    some = shapely.area(cells) > 0
    return cells[some], owner[some]
