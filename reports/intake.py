"""How reports are stored, placed and routed: the only way in.

Each step is one set-based statement per batch, and all of a batch is one transaction.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import transaction
from shapely import box

from boundaries.lookup import REACH_M
from geoplatform import sql
from geoplatform.errors import InvalidRequest, NotFound
from layers import revisions
from layers.record import LonLat, Received
from reports import answer_photos, photos, sealing
from reports.answer_photos import Shown
from reports.layers import REPORTS
from reports.models import Placement, Report
from reports.privacy import RULES, public_text, without_author
from reports.record import Submission, Update, Updates

PLACEMENT = "placement"


@dataclass(frozen=True)
class Incoming:
    """A batch ready to be stored: its rows hold what the public may read, and no author's name."""

    submissions: Sequence[Submission]
    rows: Sequence[tuple[Any, ...]]
    steps: Sequence[dict[str, Any]]
    shown: Sequence[Shown] = ()


def receive(records: Iterable[Submission | Updates], simulated: bool) -> Received:
    """Store a batch of submissions and follow-up traces; any batch may come twice or out of order."""
    return store(read(records), simulated)


def read(records: Iterable[Submission | Updates]) -> Incoming:
    """Make a batch ready to be stored: half of the work, and none of it the database's."""
    records = list(records)
    traces = [record for record in records if isinstance(record, Updates)]
    submissions = [record for record in records if isinstance(record, Submission)]
    submissions += [trace.stand_in for trace in traces if trace.stand_in]
    told = [(trace, update) for trace in traces for update in trace.updates]
    steps = [_step(trace, update) for trace, update in told]
    shown = [
        Shown(trace.channel, trace.external_id, step["digest"], update.at, update.photos)
        for (trace, update), step in zip(told, steps, strict=True)
        if update.photos
    ]
    return Incoming(submissions, [_row(one) for one in submissions], steps, shown)


@transaction.atomic
def store(incoming: Incoming, simulated: bool) -> Received:
    """Store what was read: upsert, append, locate, route, touch."""
    # Who puts other boundaries or officials in force has this key alone: no report slips between.
    sql.hold(PLACEMENT, shared=True)
    revisions.anew(REPORTS.name)
    # The first row that is no copy raises the layer's revision, before it locks any report.
    upserted = _upsert(incoming.rows, simulated)
    photos.keep(incoming.submissions)
    answer_photos.keep(incoming.shown)
    sealing.keep(incoming.submissions)
    steps = _append(incoming.steps)
    if steps:
        revisions.touch(REPORTS.name)
    followed = _follow(_strike_authors(steps, list(upserted), incoming.submissions))
    edited = [id for id, created in upserted.items() if not created]
    if edited:
        locate(edited)
        route(edited)
    new = len(upserted) - len(edited)
    return Received(new, len({*upserted, *followed}) - new)


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


@transaction.atomic
def move(report_id: int, point: LonLat | None, by: str, at: datetime) -> Report:
    """Put the pin of a report where a person says, and locate and route it from there.

    No later version of the report moves it back. Moving it again is how that is undone; ``None`` where it had
    no point before: then it lies where nobody knows.

    Raises
    ------
    InvalidRequest
        Nobody says so, or the point is none.
    NotFound
        There is no such report.
    """
    if not by.strip():
        raise InvalidRequest("by is empty: who says where the report is must be known")
    if point and not (abs(point.lon) <= 180 and abs(point.lat) <= 90):
        raise InvalidRequest(f"point {point.lon}, {point.lat}: no longitude and latitude")
    sql.hold(PLACEMENT, shared=True)
    revisions.touch(REPORTS.name)
    report = Report.objects.select_for_update().filter(id=report_id).first()
    if report is None:
        raise NotFound(f"no report {report_id}")
    there = Point(*point, srid=4326) if point else None
    # What was declared was said of a report without this point.
    nowhere = {"placed_by": None, "kelurahan_code": None, "edition": None, "by_rule": False}
    Report.objects.filter(id=report_id).update(point=there, is_moved=True, **nowhere)
    locate([report_id])
    route([report_id])
    before = report.point
    report.refresh_from_db()
    Placement.objects.create(
        report=report,
        edition_id=report.edition_id,
        kelurahan_code=report.kelurahan_code,
        by=by.strip(),
        placed_at=at,
        is_move=True,
        from_point=before,
        point=there,
    )
    return report


def route(ids: Sequence[int]) -> list[int]:
    """Set the office that answers each report and who held it that day; returns the ids that changed."""
    params = {"ids": list(ids), "zone": settings.CITY_TIME_ZONE}
    return [id for (id,) in sql.rows("reports/route", params)]


def unknown(records: Sequence[Submission | Updates]) -> list[Submission | Updates]:
    """Return the records less the submissions that are stored just so: nothing could come of them.

    A fifth of the cost of receiving them. Those with pictures are not known: a file may have been lost.
    """
    plain = [one for one in records if isinstance(one, Submission) and not one.photos]
    params = {"pairs": json.dumps([(one.channel, one.external_id) for one in plain])}
    stored = {
        (channel, external_id): bytes(reading)
        for channel, external_id, reading in (sql.rows("reports/readings", params) if plain else ())
    }
    known = {id(one) for one in plain if stored.get((one.channel, one.external_id)) == _reading(one)}
    return [record for record in records if id(record) not in known]


def _upsert(rows: Sequence[tuple[Any, ...]], simulated: bool) -> dict[int, bool]:
    """Store submissions; returns the ids of the reports that are new (True) or newer (False)."""
    if not rows:
        return {}
    sql.fill("reports/incoming", "reports_incoming", rows)
    params = {"simulated": simulated, "reach_m": REACH_M, "zone": settings.CITY_TIME_ZONE}
    return dict(sql.rows("reports/upsert", params))


def _append(steps: Sequence[dict[str, Any]]) -> list[int]:
    """Store steps; returns the ids of those that are new."""
    if not steps:
        return []
    return [
        id for (id,) in sql.rows("reports/append", {"batch": json.dumps(steps, default=datetime.isoformat)})
    ]


def _strike_authors(
    steps: Sequence[int], reports: Sequence[int], submissions: Sequence[Submission]
) -> set[int]:
    """Strike the reports' authors out of the public words of their traces, whichever of both came first.

    Where the report is of this batch its author is known by name, else by the keyed hash alone. Returns the
    ids of the reports that have a trace: few, where a feed is read for the first time.
    """
    if not steps and not reports:
        return set()
    notes = sql.rows("reports/notes", {"steps": list(steps), "reports": list(reports)})
    authors = {(one.channel, one.external_id): one.author for one in submissions} if notes else {}
    struck = []
    for id, _, channel, external_id, by, note, author_hash in notes:
        if not author_hash:
            continue
        author = authors.get((channel, external_id), "")
        public_by, public_note = (_without(text, author, author_hash) for text in (by, note))
        if (public_by, public_note) != (by, note):
            struck.append({"id": id, "public_by": public_by, "public_note": public_note})
    if struck:
        sql.rows("reports/mask", {"batch": json.dumps(struck)})
    return {report_id for _, report_id, *_ in notes}


def _without(text: str, author: str, author_hash: str) -> str:
    return without_author(public_text(text, author), lambda name: keyed_hash(name) == author_hash)


def _follow(traced: Collection[int]) -> list[int]:
    """Give reports the status of their traces; returns the ids of those that have another one now."""
    return [id for (id,) in sql.rows("reports/follow", {"reports": list(traced)})] if traced else []


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
        one.digest or _digest(_content(one)),
        lon,
        lat,
        one.hint,
        box(*one.area).wkt if one.area else None,
        one.stands_in,
        _reading(one),
    )


def _reading(one: Submission) -> bytes:
    """Return what is the same if all is: the submission, the rules of its public text, and the secret key.

    16 bytes; keyed, for the author's name could be guessed from a plain hash.
    """
    # In the order of its fields; of the rest, pictures are rows of their own and unread fields are no one's.
    values = (
        RULES, one.channel, one.external_id, one.category, one.description,
        one.submitted_at.timestamp(), one.updated_at.timestamp(),
        one.point, one.author, one.image_url, one.digest, one.hint, one.area, one.stands_in,
    )  # fmt: skip
    said = repr(values).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, key=settings.SECRET_KEY.encode()[:64], digest_size=16).digest()


def _content(one: Submission) -> dict[str, Any]:
    """Return what tells one version of a submission from another: all but what is kept apart from it."""
    content = asdict(replace(one, photos=(), unread=()))
    del content["contact"]
    return content


def _step(trace: Updates, update: Update) -> dict[str, Any]:
    row = {"channel": trace.channel, "external_id": trace.external_id} | asdict(replace(update, photos=()))
    del row["author"], row["photos"]
    public = {"public_by": public_text(update.by, ""), "public_note": public_text(update.note, update.author)}
    return row | {"digest": update.digest or _digest(row)} | public


def _digest(row: dict[str, Any]) -> str:
    """Return the SHA-256 of a row's content in hex: equal for equal content, whatever the order of keys."""
    return hashlib.sha256(json.dumps(row, sort_keys=True, default=datetime.isoformat).encode()).hexdigest()


def keyed_hash(author: str) -> str:
    """Return what tells one citizen from another and cannot be turned back by a list of names."""
    name = " ".join(author.casefold().split())
    return hmac.digest(settings.SECRET_KEY.encode(), name.encode(), "sha256").hex()
