"""From a batch of kept payloads to rows: parse, receive, settle; all of it or nothing."""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

from django.db import DataError, IntegrityError, OperationalError, transaction
from django.utils import timezone
from psycopg.errors import ProgramLimitExceeded

from geoplatform import sql
from geoplatform.errors import BadSettings, FeedChanged, FeedError, Rejected
from ingest.adapter import Adapter, Record
from ingest.keeping.kept import Kept, settle
from ingest.reading import unsplit
from layers import intake as layer_intake
from layers.record import Snapshot
from reports import intake as report_intake
from reports.intake import Incoming
from reports.record import Submission, Updates

logger = logging.getLogger(__name__)

# A source's clock may be this much before ours. What lies further ahead would win over all that follows.
FAST_CLOCK = timedelta(minutes=10)
SHORT_TURN_S = 0.0005

Given = TypeVar("Given")
Made = TypeVar("Made")

_turns = Lock()
_in_haste: list[None] = []
_usual: list[float] = []


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
    """What a batch of payloads says: records by whether they are simulated, and why some cannot be used.

    ``incoming`` are the reports among them, ready to be stored; ``changed`` is the first payload, and the
    error, that shows that the feed changed.
    """

    batch: Sequence[Kept]
    records: dict[bool, list[Record]] = field(default_factory=lambda: {True: [], False: []})
    incoming: dict[bool, Incoming] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    newest_at: datetime | None = None
    changed: tuple[Kept, FeedError] | None = None

    def has_snapshots(self) -> bool:
        """Say whether there is traffic or a list of places among the records."""
        return any(isinstance(record, Snapshot) for records in self.records.values() for record in records)

    def count(self) -> None:
        """Note the fields that no adapter reads, and the latest time that the source gives to a record."""
        every = [record for records in self.records.values() for record in records]
        self.unread = {name for record in every for name in record.unread}
        self.newest_at = max((at for record in every for at in _times(record)), default=None)


def use(
    adapter: Adapter, batches: Iterable[Sequence[Kept]], tally: Tally, earlier: bool = False
) -> Iterator[int]:
    """Parse batches and store what they say, their rejections and that they were used; yield how many.

    Each batch is stored whole or not at all. The next one is parsed while the database is at work.

    Raises
    ------
    FeedError
        Payloads showed that the feed changed. They are set aside, all others are judged on their own, and the
        first such error is raised when that is done: what is kept never waits for a run to come. Of payloads
        that an ``earlier`` run kept it says so.
    """
    changed: tuple[Kept, FeedError] | None = None
    for parsed in ahead(lambda batch: _parse(adapter, batch, replayed=False), batches):
        _store(adapter, parsed, tally, replayed=False)
        changed = changed or parsed.changed
        yield len(parsed.batch)
    if changed:
        one, error = changed
        raise FeedChanged(f"a payload kept earlier (id {one.id}): {error}") if earlier else error


def use_again(adapter: Adapter, batches: Iterable[Sequence[Kept]], tally: Tally) -> Iterator[int]:
    """Parse batches of a replay, and store what is not stored just so; yield how many.

    It does not stop at a payload that shows that the feed changed, for it was sent long ago.
    """
    for parsed in ahead(lambda batch: _parse(adapter, batch, replayed=True), batches):
        _store(adapter, parsed, tally, replayed=True)
        yield len(parsed.batch)


def _store(adapter: Adapter, parsed: Parsed, tally: Tally, replayed: bool) -> None:
    batch, before = parsed.batch, replace(tally)
    try:
        with transaction.atomic():
            # A run and a push may have the same payload in hand: one after the other they do no harm.
            sql.hold(f"use:{adapter.feed.name}")
            for simulated, records in parsed.records.items():
                if records:
                    _receive(records, parsed.incoming.get(simulated), simulated, tally)
            if replayed and parsed.has_snapshots():
                # A mended adapter may read rows otherwise that were seen before: what shows them is stale.
                layer_intake.touch_all()
            used = settle(batch, parsed.reasons, timezone.now())
    except (DataError, IntegrityError, OperationalError, FeedChanged) as error:
        _raise_what_no_payload_causes(error)
        # One value that no column can hold must not cost the others, nor come again for ever.
        tally.new, tally.changed = before.new, before.changed
        if len(batch) > 1:
            _store_each(adapter, parsed, tally, replayed)
            return
        reason = f"a value that cannot be stored ({type(error.__cause__).__name__})"
        if isinstance(error, FeedChanged):
            # What is stored shows it, as an answer does that lacks half of the places of the one before.
            reason, parsed.changed = str(error), (batch[0], error)
        tally.used += settle(batch, {batch[0].id: reason}, timezone.now())
        tally.rejected += 1
        return
    tally.rejected += len(parsed.reasons)
    tally.unread |= parsed.unread
    if not replayed:
        tally.used += used
        tally.newest_at = max(filter(None, [tally.newest_at, parsed.newest_at]), default=None)


def _raise_what_no_payload_causes(error: Exception) -> None:
    # A value too long for an index is to Django no error of data but of the database's operation.
    if isinstance(error, OperationalError) and not isinstance(error.__cause__, ProgramLimitExceeded):
        raise error


def _store_each(adapter: Adapter, parsed: Parsed, tally: Tally, replayed: bool) -> None:
    """Store the payloads of a batch one by one, and note the first that shows that the feed changed."""
    for one in parsed.batch:
        alone = _parse(adapter, [one], replayed)
        _store(adapter, alone, tally, replayed)
        parsed.changed = parsed.changed or alone.changed


def _parse(adapter: Adapter, batch: Sequence[Kept], replayed: bool) -> Parsed:
    parsed = Parsed(batch)
    for kept in batch:
        try:
            records = _records(adapter, kept, timezone.now() if replayed else kept.fetched_at)
        except (Rejected, FeedError, BadSettings) as error:
            parsed.reasons[kept.id] = str(error)
            if isinstance(error, FeedError):
                parsed.changed = parsed.changed or (kept, error)
        except Exception as error:
            # A fault of ours must not come again with each run, and keep out all that follows.
            logger.exception("adapter failed feed=%s payload=%d", adapter.feed.name, kept.id)
            parsed.reasons[kept.id] = f"our adapter failed ({type(error).__name__}); it has been logged"
        else:
            parsed.records[kept.simulated] += records
            if refused := [why for one in records if isinstance(one, Snapshot) for why in one.refused]:
                parsed.reasons[kept.id] = "; ".join(refused)
    if not replayed:  # then all but a few are stored just so, and need not be read
        parsed.incoming = {
            key: report_intake.read(_reports(records)) for key, records in parsed.records.items()
        }
    parsed.count()
    return parsed


def ahead(work: Callable[[Given], Made], batches: Iterable[Given]) -> Iterator[Made]:
    """Yield what comes of batches, in order, while a thread without a database is busy with the next one."""
    coming: Future[Made] | None = None
    with _short_turns(), ThreadPoolExecutor(1, "ahead") as thread:
        for batch in batches:
            following = thread.submit(work, batch)
            if coming:
                yield coming.result()
            coming = following
        if coming:
            yield coming.result()


@contextmanager
def _short_turns() -> Iterator[None]:
    """Let threads take turns of half a millisecond.

    The database answers briefly and often; after each answer one waits for the other thread's turn to end,
    and at Python's 5 ms that took a quarter of all time. The last of those that want it puts it back.
    """
    with _turns:
        if not _in_haste:
            _usual.append(sys.getswitchinterval())
            sys.setswitchinterval(SHORT_TURN_S)
        _in_haste.append(None)
    try:
        yield
    finally:
        with _turns:
            _in_haste.pop()
            if not _in_haste:
                sys.setswitchinterval(_usual.pop())


def _reports(records: Iterable[Record]) -> list[Submission | Updates]:
    return [record for record in records if not isinstance(record, Snapshot)]


def _records(adapter: Adapter, kept: Kept, now: datetime) -> list[Record]:
    read = unsplit.parse(adapter, kept.payload())
    records = list(read) if isinstance(read, Sequence) else [read]
    for record in records:
        # What was ahead of its source's clock may be the past by the time of a replay.
        _refuse_the_future(record, now + FAST_CLOCK)
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


def _receive(records: Sequence[Record], incoming: Incoming | None, simulated: bool, tally: Tally) -> None:
    if incoming is None:
        incoming = report_intake.read(report_intake.unknown(_reports(records)))
    snapshots = [record for record in records if isinstance(record, Snapshot)]
    for received in (layer_intake.receive(snapshots, simulated), report_intake.store(incoming, simulated)):
        tally.new += received.new
        tally.changed += received.changed
