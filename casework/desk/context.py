"""What else was known about the place and the hour of a report, each with its distance and its age."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from casework.duplicates import candidates
from geoplatform import sql
from geoplatform.errors import NotFound
from layers import grid
from layers.models import FeedState, Snapshot
from reports.models import Report

NEAR_M, SOON_S = 300, 30 * 60  # of traffic
PLACES_M, PLACES = 2000, 3  # how far a petrol station or a hospital may be, and how many of each are named
ROUND_M, ROUND_S, MOST = 300, 7 * 86_400, 50  # of other reports
TRAFFIC, OPENSTREETMAP = "waze", "overpass"
KINDS = {"fuel": "petrol_stations", "hospital": "hospitals"}
STALE_AFTER = 3  # cadences, as ingest.runs.health counts them
READ = ("id", "point", "public_point", "submitted_at", "category_id")
Here = Mapping[str, float]  # lon and lat, from which is measured
EQUATOR_M = 40_075_016.7


@dataclass(frozen=True)
class Near:
    """Something near a report: metres from it, and seconds by which it is older than what is asked about.

    Of traffic and reports the age counts from the report: 0 while a jam lasts, negative where it began later,
    or the other report came later. Of places it counts from when they are looked up.
    """

    id: int
    what: Mapping[str, Any]
    distance_m: float
    age_s: float


@dataclass(frozen=True)
class Part:
    """One kind of what is near; where ``is_known`` is false there is no data, which is not "nothing there".

    ``as_of`` is the newest state of its feed that it rests on, UTC; empty where there never was one.
    """

    is_known: bool
    as_of: datetime | None
    found: Sequence[Near]


@dataclass(frozen=True)
class Context:
    """What is near a report. Of one without a point nothing is known."""

    report_id: int
    jams: Part
    alerts: Part
    petrol_stations: Part
    hospitals: Part
    reports: Part


def context(report_id: int, at: datetime, is_exact: bool = True) -> Context:
    """Look up what is near a report: traffic at its own hour, places as they are now, reports of its week.

    Jams and alerts within 300 m that were there within 30 minutes of it; the three nearest petrol stations
    and hospitals within 2 km; other reports within 300 m and seven days, those of the same category first,
    then of related ones (``related_categories.csv``), then the nearest.

    Parameters
    ----------
    is_exact
        Measure from the true point; else from the one that all may see: three distances tell where one is.

    Raises
    ------
    NotFound
        There is no such report.

    Source: layers of Waze and OpenStreetMap; every look-up is by index (see the statements).
    """
    report = Report.objects.filter(id=report_id).only(*READ).first()
    if report is None:
        raise NotFound(f"no report {report_id}")
    if report.point is None:
        nothing = Part(False, None, ())
        return Context(report_id, nothing, nothing, nothing, nothing, nothing)
    if not is_exact and report.public_point:
        report.point = report.public_point
    here = {"lon": report.point.x, "lat": report.point.y}
    return Context(
        report_id, **_traffic(report, here), **_places(report, here, at), reports=_reports(report, here)
    )


def _traffic(report: Report, here: Here) -> dict[str, Part]:
    """Return jams and alerts; unknown where no poll of the hour was answered."""
    soon = timedelta(seconds=SOON_S)
    polls = Snapshot.objects.filter(feed=TRAFFIC, taken_at__lte=report.submitted_at + soon)
    as_of = polls.order_by("-taken_at").values_list("taken_at", flat=True).first()
    is_known = as_of is not None and as_of >= report.submitted_at - soon
    params = {"id": report.id, **here, "reach_m": NEAR_M, "soon_s": SOON_S}
    return {
        kind: Part(is_known, as_of, _near(f"casework/near_{kind}", params) if is_known else ())
        for kind in ("jams", "alerts")
    }


def _places(report: Report, here: Here, at: datetime) -> dict[str, Part]:
    """Return petrol stations and hospitals; unknown where the feed is stale."""
    polls = Snapshot.objects.filter(feed=OPENSTREETMAP, taken_at__lte=at)
    as_of = polls.order_by("-taken_at").values_list("taken_at", flat=True).first()
    cadence_s = (
        FeedState.objects.filter(pk=OPENSTREETMAP).values_list("cadence_s", flat=True).first() or 86_400
    )
    is_known = as_of is not None and at - as_of <= timedelta(seconds=STALE_AFTER * cadence_s)
    found = {}
    for kind, name in KINDS.items():
        params = {**here, "kind": kind, "reach_m": PLACES_M, "limit": PLACES, "at": at}
        found[name] = Part(is_known, as_of, _near("casework/near_places", params) if is_known else ())
    return found


def _reports(report: Report, here: Here) -> Part:
    """Return other reports; what the channels say is always known, and as new as their newest one."""
    params = {
        "id": report.id,
        **here,
        "ranges": json.dumps(_ranges(here["lon"], here["lat"], ROUND_M)),
        "related": json.dumps(candidates.related()),
        "reach_m": ROUND_M,
        "round_s": ROUND_S,
        "limit": MOST,
    }
    return Part(True, None, _near("casework/near_reports", params))


def _near(statement: str, params: Mapping[str, Any]) -> tuple[Near, ...]:
    return tuple(
        Near(row["id"], json.loads(row["what"]), round(row["distance_m"], 1), round(row["age_s"]))
        for row in sql.dicts(statement, params)
    )


def _ranges(lon: float, lat: float, reach_m: float) -> list[tuple[int, int]]:
    """Return the ranges of tile keys of the nine tiles round a point, each at least so many metres wide."""
    zoom = int(math.log2(EQUATOR_M * math.cos(math.radians(lat)) / reach_m))
    side = 1 << zoom
    x = int((lon + 180) / 360 * side)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side)
    ranges = sorted(
        grid.key_range(grid.Tile(zoom, (x + right) % side, min(max(y + down, 0), side - 1)))
        for right in (-1, 0, 1)
        for down in (-1, 0, 1)
    )
    joined = [ranges[0]]
    for first, last in ranges[1:]:
        if first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined
