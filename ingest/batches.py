"""From a batch of kept payloads to rows: parse, receive, settle; all of it or nothing."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import DataError, transaction
from django.utils import timezone

from geoplatform.errors import FeedError, Rejected
from ingest.adapter import Adapter, Record
from ingest.kept import Kept, settle
from layers import intake as layer_intake
from layers.record import Snapshot
from reports import intake as report_intake
from reports.record import Updates

logger = logging.getLogger(__name__)

# A source's clock may be this much before ours. What lies further ahead would win over all that follows.
FAST_CLOCK = timedelta(minutes=10)


@dataclass
class Tally:
    """What a run has done so far."""

    fetched: int = 0
    new: int = 0
    changed: int = 0
    rejected: int = 0
    used: int = 0  # payloads that were not known before
    newest_at: datetime | None = None  # the latest time that the source gives to one of them
    expired: int = 0
    unread: set[str] = field(default_factory=set)


@dataclass
class Parsed:
    """What a batch of payloads says: records by whether they are simulated, and why some cannot be used."""

    used: list[Kept] = field(default_factory=list)
    records: dict[bool, list[Record]] = field(default_factory=lambda: {True: [], False: []})
    reasons: dict[int, str] = field(default_factory=dict)
    stop: FeedError | None = None

    def times(self) -> Iterator[datetime]:
        """Yield the times that the source gives to what it says."""
        for records in self.records.values():
            for record in records:
                yield from _times(record)


def use(adapter: Adapter, batch: Sequence[Kept], tally: Tally, replayed: bool = False) -> None:
    """Parse a batch and store what it says, its rejections and that it was used: all of it or nothing.

    A payload that shows that the feed changed is set aside, what came before it is stored, and the run stops;
    a replay goes on, for what it reads was sent long ago.
    """
    parsed = _parse(adapter, batch, replayed)
    before = replace(tally)
    try:
        with transaction.atomic():
            for simulated, records in parsed.records.items():
                _receive(records, simulated, tally)
            if replayed:
                # A mended adapter may read rows otherwise that were seen before: what shows them is stale.
                layer_intake.touch_all()
            settle([one.id for one in parsed.used], parsed.reasons, timezone.now())
    except DataError as error:
        # One value that no column can hold must not cost the others, nor come again for ever.
        tally.new, tally.changed = before.new, before.changed
        if len(batch) > 1:
            for one in batch:
                use(adapter, [one], tally, replayed)
            return
        reason = f"a value that cannot be stored ({type(error.__cause__).__name__})"
        settle([batch[0].id], {batch[0].id: reason}, timezone.now())
        tally.rejected += 1
        tally.used += not replayed
        return
    tally.rejected += len(parsed.reasons)
    if not replayed:
        tally.used += len(parsed.used)
        tally.newest_at = max(filter(None, [tally.newest_at, *parsed.times()]), default=None)
    if parsed.stop:
        raise parsed.stop


def _parse(adapter: Adapter, batch: Sequence[Kept], replayed: bool) -> Parsed:
    parsed = Parsed()
    for kept in batch:
        parsed.used.append(kept)
        try:
            records = _records(adapter, kept)
        except Rejected as reason:
            parsed.reasons[kept.id] = str(reason)
        except FeedError as error:
            parsed.reasons[kept.id] = str(error)
            if not replayed:
                parsed.stop = error
                break
        except Exception as error:
            # A fault of ours must not come again with each run, and keep out all that follows.
            logger.exception("adapter failed feed=%s payload=%d", adapter.feed.name, kept.id)
            parsed.reasons[kept.id] = f"our adapter failed ({type(error).__name__}); it has been logged"
        else:
            parsed.records[kept.simulated] += records
            if refused := [why for one in records if isinstance(one, Snapshot) for why in one.refused]:
                parsed.reasons[kept.id] = "; ".join(refused)
    return parsed


def _records(adapter: Adapter, kept: Kept) -> list[Record]:
    if not isinstance(kept.payload, dict):
        raise Rejected(f"the payload is {type(kept.payload).__name__}, expected an object")
    read = adapter.parse(kept.payload)
    records = list(read) if isinstance(read, Sequence) else [read]
    for record in records:
        _refuse_the_future(record, kept.fetched_at + FAST_CLOCK)
    return records


def _refuse_the_future(record: Record, latest: datetime) -> None:
    times = _times(record)
    if times and max(times) > latest:
        raise Rejected(f"time {max(times).isoformat()} lies in the future")


def _times(record: Record) -> list[datetime]:
    """Return the times that the source gives to a record."""
    if isinstance(record, Snapshot):
        return [record.taken_at]
    if isinstance(record, Updates):
        return [update.at for update in record.updates]
    return [record.submitted_at, record.updated_at]


def _receive(records: Sequence[Record], simulated: bool, tally: Tally) -> None:
    tally.unread.update(name for record in records for name in record.unread)
    snapshots = [record for record in records if isinstance(record, Snapshot)]
    others = [record for record in records if not isinstance(record, Snapshot)]
    for received in (
        layer_intake.receive(snapshots, simulated),
        report_intake.receive(others, simulated),
    ):
        tally.new += received.new
        tally.changed += received.changed
