"""Build an edition of boundaries from polygons of kelurahan: clean, dissolve, measure, check."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from boundaries import facts, frame, outlines, topology
from boundaries.outlines import LEVELS
from boundaries.source import Source
from geoplatform.errors import BadBoundaries

#: Is told of each step as it begins.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    ``expected`` is None where any value will do. Where it is not ``ok`` the edition cannot be used, unless
    that is ``bearable``: then people are told, and decide.
    """

    name: str
    value: float
    expected: float | None
    ok: bool
    bearable: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return its fields as JSON has them."""
        return asdict(self)


@dataclass(frozen=True)
class Coverage:
    """An edition ready to be stored.

    kelurahan, kecamatan, kota
        GeoDataFrames ordered by code: code, name, parent (code of the level above, None for kota),
        area_km2 (EPSG:32748), label (Point inside, EPSG:4326), geometry (MultiPolygon, EPSG:4326).
    borders
        left_code, right_code (None along the outer border), geometry (MultiLineString, EPSG:4326).
    outlines
        level, zoom (8 to 14; 15 is exact), code, geometry (MultiPolygon, EPSG:3857).
    checks
        What ``manage.py load_boundaries --dry-run`` prints.
    """

    kelurahan: geopandas.GeoDataFrame
    kecamatan: geopandas.GeoDataFrame
    kota: geopandas.GeoDataFrame
    borders: geopandas.GeoDataFrame
    outlines: geopandas.GeoDataFrame
    checks: list[Check]


def build(rows: geopandas.GeoDataFrame, source: Source, progress: Progress = lambda step: None) -> Coverage:
    """Make an edition of the polygons that ``read.polygons`` returned.

    Parameters
    ----------
    rows
        code, name, perhaps kecamatan and kota (the parents' names), geometry in EPSG:4326.
    source
        For ``gap_width_m``, ``expected`` and its name in errors.
    progress
        Called with each step as it begins: cleaning, checking, dissolving.

    Raises
    ------
    BadBoundaries
        A parent that nobody names, or a failed check without which the edition cannot be used; all
        failed checks are listed.

    Source: the cleaning is ``shapely.coverage_clean`` in EPSG:32748; ``topology.clean`` says when.
    """
    rows = rows.sort_values("code", ignore_index=True)
    codes, published = rows["code"].to_numpy(dtype=object), rows.geometry.to_numpy()
    names = dict(zip(codes, rows["name"], strict=True)) | _parents(rows)
    progress("cleaning")
    polygons = topology.clean(published, source.gap_width_m)
    lost = codes[shapely.is_empty(polygons)]
    if lost.size:
        raise BadBoundaries(f"{', '.join(lost)} lost all land to a neighbour: polygons lie on one another")
    progress("checking")
    checks = _check_input(codes, published) + _check_coverage(codes, polygons, source)
    failed = [check for check in checks if not check.ok]
    if not all(check.bearable for check in failed):
        told = "; ".join(f"{check.name}: {check.value:g}, expected {check.expected:g}" for check in failed)
        raise BadBoundaries(f"{source.name} cannot be used: {told}")
    progress("dissolving")
    levels = {level: _level(polygons, codes, level, names) for level in LEVELS}
    return Coverage(
        **levels,
        borders=topology.borders(polygons, codes),
        outlines=outlines.simplify(polygons, codes),
        checks=checks,
    )


def _parents(rows: geopandas.GeoDataFrame) -> dict[str, str]:
    """Return the names of the kecamatan and kota: the source's own, else those of our table of facts."""
    known = facts.parents(facts.read())
    names: dict[str, str] = {}
    for level in ("kecamatan", "kota"):
        for index, code in enumerate(rows["code"]):
            parent = code[: LEVELS[level]]
            name = rows[level].iloc[index] if level in rows.columns else known.get(parent)
            if name is None:
                raise BadBoundaries(f"{code} lies in {level} {parent}, which nobody names")
            if names.setdefault(parent, name) != name:
                raise BadBoundaries(f"{level} {parent} is named both {names[parent]!r} and {name!r}")
    return names


def _check_input(codes: np.ndarray, published: np.ndarray) -> list[Check]:
    """Check the codes, and say how the polygons were before they were cleaned."""
    bad = sum(not frame.CODE.fullmatch(code) for code in codes) + len(codes) - len(set(codes))
    overlap = topology.overlaps(published)
    return [
        _zero("codes ill-formed or double", bad),
        Check("overlapping pairs as published", overlap.pairs, None, ok=True),
        Check("overlap as published, m2", overlap.area_m2, None, ok=True),
        Check("gaps as published", len(topology.gaps(published)), None, ok=True),
    ]


def _check_coverage(codes: np.ndarray, polygons: np.ndarray, source: Source) -> list[Check]:
    """Check what will be stored."""
    overlap = topology.overlaps(polygons)
    area_km2 = shapely.area(topology.project(polygons, "EPSG:4326", topology.METRIC)).sum() / 1e6
    unmatched = ~shapely.is_empty(shapely.coverage_invalid_edges(polygons))
    return [
        *_counts(codes, source),
        _zero("polygons invalid", int((~shapely.is_valid(polygons)).sum())),
        _zero("polygons with edges of their own", int(unmatched.sum())),
        _zero("overlapping pairs", overlap.pairs),
        _zero("overlap, m2", overlap.area_m2),
        # A hole may stand: a lake that the publisher left out.
        _zero("gaps", len(topology.gaps(polygons)), bearable=True),
        Check("area, km2 (EPSG:32748)", round(float(area_km2), 3), None, ok=True),
    ]


def _counts(codes: np.ndarray, source: Source) -> list[Check]:
    """Compare the number of each level with what the source promises, else with our table of facts.

    The city may be divided anew: another number than ours is told, one that breaks a promise is refused.
    """
    ours = [fact.code for fact in facts.read()]
    checks = []
    for level, size in LEVELS.items():
        value, usual = (len({code[:size] for code in some}) for some in (codes, ours))
        expected = getattr(source.expected, level) if source.expected else usual
        checks.append(Check(level, value, expected, value == expected, bearable=not source.expected))
    return checks


def _zero(name: str, value: float, *, bearable: bool = False) -> Check:
    """Check that there is none of something."""
    return Check(name, value, 0, ok=value == 0, bearable=bearable)


def _level(
    polygons: np.ndarray, codes: np.ndarray, level: str, names: dict[str, str]
) -> geopandas.GeoDataFrame:
    """Dissolve one level, and give each boundary its name, parent, area and label."""
    groups, united = topology.dissolve(polygons, np.array([code[: LEVELS[level]] for code in codes]))
    metric = topology.project(united, "EPSG:4326", topology.METRIC)
    above = {"kelurahan": 8, "kecamatan": 5}.get(level)
    return geopandas.GeoDataFrame(
        {
            "code": groups,
            "name": [names[code] for code in groups],
            # Left to itself, pandas turns None into NaN.
            "parent": pd.Series([code[:above] if above else None for code in groups], dtype=object),
            "area_km2": shapely.area(metric) / 1e6,
            "label": geopandas.GeoSeries(_labels(united, metric), crs="EPSG:4326"),
        },
        geometry=united,
        crs="EPSG:4326",
    )


def _labels(polygons: np.ndarray, metric: np.ndarray) -> np.ndarray:
    """Return n points inside n polygons (EPSG:4326): where a label has most room, to 10 m."""
    circles = shapely.maximum_inscribed_circle(metric, tolerance=10)
    labels = topology.project(shapely.get_point(circles, 0), topology.METRIC, "EPSG:4326")
    outside = ~shapely.contains_properly(polygons, labels)
    labels[outside] = shapely.point_on_surface(polygons[outside])
    return labels
