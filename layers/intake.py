"""How snapshots of traffic and places are stored: the only way in for the rows of this app."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, get_args

from django.db import transaction

from geoplatform import sql
from geoplatform.errors import FeedChanged
from layers import models, revisions
from layers.layer import catalogue
from layers.record import Kind, Received, Snapshot

KINDS: tuple[Kind, ...] = get_args(Kind)


def receive(snapshots: Iterable[Snapshot], simulated: bool) -> Received:
    """Store snapshots, in any order and any number of times, and close what they lack.

    A row is one version of a thing; see ``layers.models.Seen`` for how its times come about. Changed are
    those that were closed, opened again, or given another time of closing.

    Raises
    ------
    FeedChanged
        A snapshot lacks more of the places of the one before it than ``most_lost``: it was cut short, likely.
    """
    new = changed = 0
    for snapshot in snapshots:
        with transaction.atomic():
            _refuse_a_fall(snapshot)
            created = {kind: _upsert(kind, snapshot, simulated) for kind in KINDS}
            closed = dict(sql.rows("layers/close", {"feed": snapshot.feed, "taken_at": snapshot.taken_at}))
            touched = [kind for kind in KINDS if created[kind] or kind in closed]
            # A tile shows what the newest snapshot holds: a late one adds to history alone.
            if _is_newest(snapshot):
                revisions.touch(*(layer for kind in touched for layer in _shown_by(kind)))
        new += sum(created.values())
        changed += sum(closed.values())
    return Received(new, changed)


def _refuse_a_fall(snapshot: Snapshot) -> None:
    """Refuse a snapshot with so few places, beside the one before it, that the others cannot all be gone."""
    if snapshot.most_lost >= 1:
        return
    params = {"feed": snapshot.feed, "taken_at": snapshot.taken_at}
    before: int = sql.scalar("layers/pois_before", params)
    now = len({poi.external_id for poi in snapshot.pois})
    if before and before - now >= snapshot.most_lost * before:
        raise FeedChanged(
            f"{now} places, where the answer before had {before}: most_lost {snapshot.most_lost} is reached. "
            "If they are gone, set most_lost = 1 and replay what was rejected"
        )


def _is_newest(snapshot: Snapshot) -> bool:
    later = models.Snapshot.objects.filter(feed=snapshot.feed, taken_at__gt=snapshot.taken_at)
    return not later.exists()


def touch_all() -> None:
    """Say that every layer of this app may have changed, as after a replay."""
    revisions.touch(*(layer for kind in KINDS for layer in _shown_by(kind)))


def _shown_by(kind: Kind) -> list[str]:
    """Return the layers whose tiles are made of the rows of a kind."""
    return [layer.name for layer in catalogue().values() if layer.rows == kind]


def _upsert(kind: Kind, snapshot: Snapshot, simulated: bool) -> int:
    """Store the versions of one kind; returns how many were not known."""
    things: tuple[Any, ...] = getattr(snapshot, kind)
    if not things:
        return 0
    batch = json.dumps([_row(thing) for thing in things])
    params = {"feed": snapshot.feed, "taken_at": snapshot.taken_at, "simulated": simulated, "batch": batch}
    return sum(created for (created,) in sql.rows(f"layers/{kind}_upsert", params))


def _row(thing: Any) -> dict[str, Any]:
    """Return a record as JSON values, its geometry as WKT, and the digest of all of it."""
    row = asdict(thing)
    sent = row.pop("digest")
    if "line" in row:
        row["line"] = f"LINESTRING({', '.join(f'{lon!r} {lat!r}' for lon, lat in thing.line)})"
    else:
        row["point"] = f"POINT({thing.point.lon!r} {thing.point.lat!r})"
    text = json.dumps(row, sort_keys=True, default=datetime.isoformat)
    read: dict[str, Any] = json.loads(text)
    return read | {"digest": sent or hashlib.sha256(text.encode()).hexdigest()}
