"""One run of a feed: lock, fetch, keep each payload, parse, receive in batches, close the run.

A payload is kept before it is parsed, and marked as used in the transaction that stores what it says. So a
run may be killed anywhere: the next one begins with what was kept and not used, and reads the rest again.
"""

import hashlib
import json
import logging
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import DataError, transaction
from django.db.models import F
from django.utils import timezone

from geoplatform import sql
from geoplatform.errors import Conflict, FeedError, FeedUnavailable, Mixed, Rejected
from ingest import feeds, sessions
from ingest.adapter import Adapter, Cursor, Feed, Page, Payload, Record, Window
from ingest.models import Payload as Kept
from ingest.models import Rejection, Run
from layers import intake as layer_intake
from layers.record import Snapshot
from reports import intake as report_intake
from reports.models import Report
from reports.record import DONE, WITHDRAWN, Updates

logger = logging.getLogger(__name__)

BATCH = 500
# A source's clock may be this much before ours. What lies further ahead would win over all that follows.
FAST_CLOCK = timedelta(minutes=10)


@dataclass
class Tally:
    """What a run has done so far."""

    fetched: int = 0
    new: int = 0
    changed: int = 0
    rejected: int = 0
    unread: set[str] = field(default_factory=set)


Progress = Callable[[Tally], None]


def run(
    name: str,
    since: datetime | None = None,
    document: bytes | None = None,
    dry_run: bool = False,
    session: Any = None,
    progress: Progress = lambda tally: None,
    now: datetime | None = None,
) -> Run:
    """Read a feed once and store what it says.

    Parameters
    ----------
    since
        Read what changed from this instant on; without it from where the last good run got to.
    document
        Read this one document, as the feed sends it, and not the network.
    dry_run
        Do all of it, count, and take it back.
    session
        What the adapter reads from; by default what the feed's URL opens.
    progress
        Called after each batch.
    now
        The end of what is read; the present by default.

    Raises
    ------
    NotFound
        There is no such feed.
    Conflict
        Another run of this feed is under way.
    Mixed
        The feed was simulated before and is not now, or the other way round.
    FeedError
        The run could not go on; it is closed as failed, with the reason, and the next one goes on from it.
    """
    adapter = feeds.adapter(name)
    with sql.lock(f"feed:{name}") as held:
        if not held:
            raise Conflict(f"feed {name}: another run is under way")
        _refuse_a_mixture(adapter.feed)
        window = _window(adapter.feed, since, now or timezone.now())
        pages = _fetch(adapter, session, window) if document is None else _read(adapter, document)
        if not dry_run:
            return _run(adapter, window, pages, document is None, progress)
        # All that is stored is locked until it is taken back: the network is not waited for meanwhile.
        fetched = list(pages)
        with transaction.atomic():
            closed = _run(adapter, window, fetched, document is None, progress)
            transaction.set_rollback(True)
    return closed


def push(name: str, document: bytes) -> Tally:
    """Keep a document that a source sent us by itself, and store what it says.

    The payloads are kept before anything else, so that a fault behind it loses nothing: the next run of the
    feed, or the next push, takes them up.

    Raises
    ------
    NotFound
        There is no such feed.
    Mixed
        The feed was simulated before and is not now, or the other way round.
    FeedError
        What was sent is not what the feed sends; it is kept all the same, unless it has no items at all.
    """
    adapter = feeds.adapter(name)
    _refuse_a_mixture(adapter.feed)
    payloads = list(adapter.document(document))
    tally = Tally(fetched=len(payloads))
    digests = _keep(adapter.feed, payloads)
    waiting = Kept.objects.filter(feed=name, digest__in=digests, used_at=None).order_by("id")
    while batch := list(waiting[:BATCH]):
        _use(adapter, batch, tally)
    return tally


def replay(name: str, progress: Progress = lambda tally: None) -> Tally:
    """Parse and receive every kept payload of a feed again, oldest first, as after an adapter was mended."""
    adapter = feeds.adapter(name)
    tally = Tally()
    with sql.lock(f"feed:{name}") as held:
        if not held:
            raise Conflict(f"feed {name}: a run is under way")
        last = 0
        while batch := list(Kept.objects.filter(feed=name, id__gt=last).order_by("id")[:BATCH]):
            _use(adapter, batch, tally, replayed=True)
            last = batch[-1].id
            tally.fetched += len(batch)
            progress(tally)
    return tally


def _refuse_a_mixture(feed: Feed) -> None:
    """Let no simulated item meet a real one: they share ids, and one would pass for the other."""
    others = Run.objects.filter(feed=feed.name, simulated=not feed.simulated)
    if others.exclude(finished_at__isnull=False, fetched=0).exists():
        former, latter = ("real", "simulated") if feed.simulated else ("simulated", "real")
        raise Mixed(
            f"feed {feed.name}: this database holds {former} items of it, and what comes now is {latter}: "
            "use another database"
        )


def _run(adapter: Adapter, window: Window, pages: Iterable[Page], is_whole: bool, progress: Progress) -> Run:
    """Store pages as they come; where they are all of the window, the source is known up to its end."""
    feed = adapter.feed
    run = Run.objects.create(feed=feed.name, simulated=feed.simulated, started_at=timezone.now())
    tally = Tally()
    try:
        _use_waiting(adapter, tally, progress)
        for page in pages:
            tally.fetched += len(page.payloads)
            _keep(feed, page.payloads)
            if page.cursor is not None:
                run.cursor = page.cursor
                run.save(update_fields=["cursor"])
            _use_waiting(adapter, tally, progress)
        if is_whole:
            # A run that began later than where the last one got to leaves a gap behind it.
            former = _reached(feed)
            run.reached_at = window.now if former is None or window.since <= former else None
            asked = Report.objects.filter(channel=feed.name, external_id__in=window.open_ids)
            asked.update(asked_at=window.now)
        run.outcome = "complete"
    except FeedError as error:
        run.outcome, run.error = "failed", str(error)
        if isinstance(error, FeedUnavailable) and error.retry_after_s:
            run.retry_at = run.started_at + timedelta(seconds=error.retry_after_s)
        raise
    finally:
        _close(run, tally)
    return run


def _fetch(adapter: Adapter, session: Any, window: Window) -> Iterator[Page]:
    if session:
        yield from adapter.fetch(session, window)
    else:
        with sessions.connect(adapter.feed) as own:
            yield from adapter.fetch(own, window)


def _read(adapter: Adapter, document: bytes) -> Iterator[Page]:
    yield Page(list(adapter.document(document)))


def _window(feed: Feed, since: datetime | None, now: datetime) -> Window:
    return Window(since or _since(feed, now), now, _open_ids(feed), _cursor(feed))


def _cursor(feed: Feed) -> Cursor | None:
    """Return the cursor behind the last page that was kept."""
    runs = Run.objects.filter(feed=feed.name, simulated=feed.simulated, cursor__isnull=False)
    return runs.order_by("-started_at").values_list("cursor", flat=True).first()


def _since(feed: Feed, now: datetime) -> datetime:
    """Return where the last good run got to, less the time that late items may take."""
    reached = _reached(feed)
    if reached is None:
        return now - timedelta(seconds=feed.first_look_back_s)
    return reached - timedelta(seconds=feed.look_back_s)


def _reached(feed: Feed) -> datetime | None:
    """Return the instant up to which the source's state is known."""
    runs = Run.objects.filter(feed=feed.name, simulated=feed.simulated, reached_at__isnull=False)
    runs = runs.order_by("-reached_at")
    return runs.values_list("reached_at", flat=True).first()


def _open_ids(feed: Feed) -> Sequence[str]:
    """Return the reports whose trace may grow, those first that were asked for longest ago."""
    waiting = Report.objects.filter(channel=feed.name).exclude(status__in=[DONE, WITHDRAWN])
    longest_ago = F("asked_at").asc(nulls_first=True)
    ids = waiting.order_by(longest_ago, "id").values_list("external_id", flat=True)
    return list(ids[: feed.follow_at_most])


def _keep(feed: Feed, page: Iterable[Payload]) -> list[bytes]:
    """Store payloads as sent; one that is known already stays as it was, and is not used again.

    Returns the digest of each.
    """
    now = timezone.now()
    kept, digests = [], []
    for payload in page:
        body = json.dumps(payload, sort_keys=True)
        digest = hashlib.sha256(body.encode()).digest()
        digests.append(digest)
        kept.append(Kept(feed=feed.name, digest=digest, body=body, simulated=feed.simulated, fetched_at=now))
    Kept.objects.bulk_create(kept, ignore_conflicts=True, batch_size=BATCH)
    return digests


def _use_waiting(adapter: Adapter, tally: Tally, progress: Progress) -> None:
    waiting = Kept.objects.filter(feed=adapter.feed.name, used_at=None).order_by("id")
    while batch := list(waiting[:BATCH]):
        _use(adapter, batch, tally)
        progress(tally)


@dataclass
class Parsed:
    """What a batch of payloads says: records by whether they are simulated, and why some cannot be used."""

    used: list[Kept] = field(default_factory=list)
    records: dict[bool, list[Record]] = field(default_factory=lambda: {True: [], False: []})
    reasons: dict[int, str] = field(default_factory=dict)
    stop: FeedError | None = None


def _use(adapter: Adapter, batch: Sequence[Kept], tally: Tally, replayed: bool = False) -> None:
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
            _settle(parsed.used, parsed.reasons)
    except DataError as error:
        # One value that no column can hold must not cost the others, nor come again for ever.
        tally.new, tally.changed = before.new, before.changed
        if len(batch) > 1:
            for kept in batch:
                _use(adapter, [kept], tally, replayed)
            return
        _settle(batch, {batch[0].id: f"a value that cannot be stored ({type(error.__cause__).__name__})"})
        tally.rejected += 1
        return
    tally.rejected += len(parsed.reasons)
    if parsed.stop:
        raise parsed.stop


def _parse(adapter: Adapter, batch: Sequence[Kept], replayed: bool) -> Parsed:
    parsed = Parsed()
    for kept in batch:
        parsed.used.append(kept)
        try:
            payload = _clean(json.loads(kept.body))
            if not isinstance(payload, dict):
                raise Rejected(f"the payload is {type(payload).__name__}, expected an object")
            record = adapter.parse(payload)
            _refuse_the_future(record, kept.fetched_at + FAST_CLOCK)
        except Rejected as reason:
            parsed.reasons[kept.id] = str(reason)
        except FeedError as error:
            parsed.reasons[kept.id] = str(error)
            if not replayed:
                parsed.stop = error
                break
        else:
            parsed.records[kept.simulated].append(record)
            if isinstance(record, Snapshot) and record.refused:
                parsed.reasons[kept.id] = "; ".join(record.refused)
    return parsed


def _refuse_the_future(record: Record, latest: datetime) -> None:
    if isinstance(record, Snapshot):
        times = [record.taken_at]
    elif isinstance(record, Updates):
        times = [update.at for update in record.updates]
    else:
        times = [record.submitted_at, record.updated_at]
    if times and max(times) > latest:
        raise Rejected(f"time {max(times).isoformat()} lies in the future")


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


def _settle(used: Sequence[Kept], reasons: dict[int, str]) -> None:
    """Mark payloads as used, and make the rejections of these payloads exactly the reasons given."""
    now = timezone.now()
    ids = [kept.id for kept in used]
    Kept.objects.filter(id__in=ids, used_at=None).update(used_at=now)
    Rejection.objects.filter(payload__in=ids).exclude(payload__in=reasons).delete()
    Rejection.objects.bulk_create(
        [Rejection(payload_id=id, reason=reason, rejected_at=now) for id, reason in reasons.items()],
        update_conflicts=True,
        unique_fields=["payload"],
        update_fields=["reason"],
    )


def _clean(value: Any) -> Any:
    """Return JSON without what PostgreSQL cannot hold: NUL and lone surrogates are replaced, NaN is null."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(item) for name, item in value.items()}
    return value


def _close(run: Run, tally: Tally) -> None:
    run.finished_at = timezone.now()
    run.outcome = run.outcome or "broken off"
    run.fetched, run.new, run.changed, run.rejected = tally.fetched, tally.new, tally.changed, tally.rejected
    run.unread = sorted(tally.unread)
    run.save()
    if run.unread:
        logger.warning("unread fields feed=%s fields=%s", run.feed, ",".join(run.unread))
    logger.info(
        "run closed feed=%s outcome=%s fetched=%d new=%d changed=%d rejected=%d seconds=%.1f",
        run.feed, run.outcome, run.fetched, run.new, run.changed, run.rejected,
        (run.finished_at - run.started_at).total_seconds(),
    )  # fmt: skip
