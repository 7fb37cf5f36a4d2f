"""How reports are stored, placed and routed: the only way in.

Each step is one set-based statement per batch, and all of a batch is one transaction.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from shapely import box

from boundaries.lookup import REACH_M
from geoplatform import sql
from layers import revisions
from layers.record import Received
from reports import photos
from reports.layers import REPORTS
from reports.privacy import public_text, without_author
from reports.record import Submission, Update, Updates

PLACEMENT = "placement"


@transaction.atomic
def receive(records: Iterable[Submission | Updates], simulated: bool) -> Received:
    """Store a batch of submissions and follow-up traces; any batch may come twice or out of order."""
    # Who puts other boundaries or officials in force has this key alone: no report slips between.
    sql.hold(PLACEMENT, shared=True)
    records = list(records)
    submissions = [record for record in records if isinstance(record, Submission)]
    traces = [record for record in records if isinstance(record, Updates)]
    submissions += [trace.stand_in for trace in traces if trace.stand_in]
    upserted = _upsert(submissions, simulated)
    photos.keep(submissions)
    steps = _append(traces)
    _strike_authors(steps, list(upserted), submissions)
    followed = _follow(steps, list(upserted))
    ids = sorted({*upserted, *followed})
    locate(ids)
    route(ids)
    if ids:
        revisions.touch(REPORTS.name)
    new = sum(upserted.values())
    return Received(new, len(ids) - new)


def locate(ids: Sequence[int], reach_m: float = REACH_M) -> list[int]:
    """Set the kelurahan of each report from its point.

    Parameters
    ----------
    ids
        n report ids. Those placed by people are left alone; those without a point get no place.
    reach_m
        Metres on the WGS 84 spheroid: how far off the coast a point may lie (GPS noise) and still take the
        nearest kelurahan. Across a land border it may not: there it is the neighbouring province's.

    Returns
    -------
    list of int
        The ids that have another kelurahan now, or have it for another reason; at most n, in no order.

    Source: polygons and borders of the Edition in force on the report's day.
    """
    params = {"ids": list(ids), "reach_m": reach_m, "zone": settings.CITY_TIME_ZONE}
    return [id for (id,) in sql.rows("reports/locate", params)]


def route(ids: Sequence[int]) -> list[int]:
    """Set the office that answers each report and who held it that day; returns the ids that changed."""
    params = {"ids": list(ids), "zone": settings.CITY_TIME_ZONE}
    return [id for (id,) in sql.rows("reports/route", params)]


def _upsert(submissions: Sequence[Submission], simulated: bool) -> dict[int, bool]:
    """Store submissions; returns the ids of the reports that are new (True) or newer (False)."""
    if not submissions:
        return {}
    sql.fill("reports/incoming", "reports_incoming", map(_row, submissions))
    return dict(sql.rows("reports/upsert", {"simulated": simulated}))


def _append(traces: Sequence[Updates]) -> list[int]:
    """Store steps; returns the ids of those that are new."""
    steps = [_step(trace, update) for trace in traces for update in trace.updates]
    if not steps:
        return []
    return [
        id for (id,) in sql.rows("reports/append", {"batch": json.dumps(steps, default=datetime.isoformat)})
    ]


def _strike_authors(steps: Sequence[int], reports: Sequence[int], submissions: Sequence[Submission]) -> None:
    """Strike the reports' authors out of the public words of their traces, whichever of both came first.

    Where the report is of this batch its author is known by name, else by the keyed hash alone.
    """
    if not steps and not reports:
        return
    authors = {(one.channel, one.external_id): one.author for one in submissions}
    struck = []
    for id, channel, external_id, by, note, author_hash in sql.rows(
        "reports/notes", {"steps": list(steps), "reports": list(reports)}
    ):
        author = authors.get((channel, external_id), "")
        public_by, public_note = (_without(text, author, author_hash) for text in (by, note))
        if (public_by, public_note) != (by, note):
            struck.append({"id": id, "public_by": public_by, "public_note": public_note})
    if struck:
        sql.rows("reports/mask", {"batch": json.dumps(struck)})


def _without(text: str, author: str, author_hash: str) -> str:
    return without_author(public_text(text, author), lambda name: keyed_hash(name) == author_hash)


def _follow(steps: Sequence[int], reports: Sequence[int]) -> list[int]:
    if not steps and not reports:
        return []
    return [id for (id,) in sql.rows("reports/follow", {"steps": list(steps), "reports": list(reports)})]


def _row(one: Submission) -> tuple[Any, ...]:
    """Return a submission as a row of reports_incoming; the author's name ends here, as a keyed hash."""
    lon, lat = one.point or (None, None)
    return (
        one.channel,
        one.external_id,
        one.category,
        one.description,
        public_text(one.description, one.author),
        one.image_url,
        keyed_hash(one.author) if one.author else "",
        one.submitted_at,
        one.updated_at,
        one.digest or _digest(asdict(replace(one, photos=(), unread=()))),
        lon,
        lat,
        one.hint,
        box(*one.area).wkt if one.area else None,
        one.stands_in,
    )


def _step(trace: Updates, update: Update) -> dict[str, Any]:
    row = {"channel": trace.channel, "external_id": trace.external_id} | asdict(update)
    del row["author"]
    public = {"public_by": public_text(update.by, ""), "public_note": public_text(update.note, update.author)}
    return row | {"digest": update.digest or _digest(row)} | public


def _digest(row: dict[str, Any]) -> str:
    """Return the SHA-256 of a row's content in hex: equal for equal content, whatever the order of keys."""
    return hashlib.sha256(json.dumps(row, sort_keys=True, default=datetime.isoformat).encode()).hexdigest()


def keyed_hash(author: str) -> str:
    """Return what tells one citizen from another and cannot be turned back by a list of names."""
    name = " ".join(author.casefold().split())
    return hmac.new(settings.SECRET_KEY.encode(), name.encode(), "sha256").hexdigest()
