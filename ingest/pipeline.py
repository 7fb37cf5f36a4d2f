"""One run of a feed: lock, fetch, keep each payload, parse, receive in batches, close the run.

A payload is kept before it is parsed, and marked as used in the transaction that stores what it says. So a
run may be killed anywhere: the next one begins with what was kept and not used, and reads the rest again.
"""

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from geoplatform import sql
from geoplatform.errors import Conflict, FeedError, FeedUnavailable, Mixed
from ingest import feeds
from ingest.adapter import Adapter, Feed, Page, Window
from ingest.keeping import kept
from ingest.keeping.kept import Kept
from ingest.models import Payload, Run
from ingest.network import sessions
from ingest.reading import unsplit
from ingest.runs import health, patience, windows
from ingest.runs.batches import Tally, ahead, use, use_again
from reports import suggestions
from reports.models import Report

logger = logging.getLogger(__name__)

# Mailboxes bring a page per message: a transaction for each took thirty times as long as one for many.
WORTH = 100
WORTH_BYTES = 16_000_000
BROKEN_OFF = "A run was broken off."

Progress = Callable[[Tally], None]
Item = TypeVar("Item")


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
        window = windows.window(adapter.feed, since, now or timezone.now())
        pages = _fetch(adapter, session, window) if document is None else _read(adapter, document)
        if not dry_run:
            try:
                # An error keeps what was under way as long as it lives: the source is hung up on here.
                with closing(pages):
                    return _run(adapter, window, pages, document is None, progress)
            finally:
                suggestions.read_words()
        # All that is stored is locked until it is taken back: the network is not waited for meanwhile.
        fetched = list(pages)
        with transaction.atomic():
            closed = _run(adapter, window, fetched, document is None, progress)
            transaction.set_rollback(True)
    return closed


def push(name: str, document: bytes) -> Tally:
    """Keep a document that a source sent us by itself, and store what it says.

    The payloads are kept before anything else, so that a fault behind it loses nothing: the same document
    sent again takes up those of its payloads that wait, and ``take_up`` all others.

    Raises
    ------
    NotFound
        There is no such feed.
    Mixed
        The feed was simulated before and is not now, or the other way round.
    FeedError
        What was sent is not what the feed sends; it is kept all the same, whole where it cannot be split.
    """
    adapter = feeds.adapter(name)
    _refuse_a_mixture(adapter.feed)
    payloads, broken = _split(adapter, document)
    tally = Tally(fetched=len(payloads))
    mine, fault = _keep_all(adapter.feed, payloads), BROKEN_OFF
    try:
        for _ in use(adapter, _batches(mine), tally):
            pass
        if broken:
            raise broken
        fault = ""
    except FeedError as error:
        fault = health.sentence(error)
        raise
    finally:
        health.note(adapter.feed, tally.used, tally.newest_at, fault, timezone.now())
    return tally


def _keep_all(feed: Feed, payloads: Iterable[Any]) -> list[Kept]:
    return kept.keep(feed, kept.digested(payloads), timezone.now(), waiting_too=True)


def _split(adapter: Adapter, document: bytes) -> tuple[list[Any], FeedError | None]:
    """Return the payloads in a document that was pushed, or all of it as one and why it cannot be split."""
    try:
        return list(adapter.document(document)), None
    except FeedError as error:
        return [unsplit.whole("a pushed document", document, {})], error


def take_up(name: str) -> Tally:
    """Store what waits of a feed: what was kept when a run or a push was killed, or broke.

    Raises
    ------
    Conflict
        A run of this feed is under way, and does so itself.
    """
    adapter, tally = feeds.adapter(name), Tally()
    with sql.lock(f"feed:{name}") as held:
        if not held:
            raise Conflict(f"feed {name}: a run is under way")
        changed = _use_waiting(adapter, tally, lambda tally: None)
    fault = health.sentence(changed) if changed else ""
    health.note(adapter.feed, tally.used, tally.newest_at, fault, timezone.now())
    return tally


def replay(name: str, progress: Progress = lambda tally: None, only_rejected: bool = False) -> Tally:
    """Parse and receive every kept payload of a feed again, oldest first, as after an adapter was mended.

    Or only those that were set aside, where nothing else can have changed.
    """
    adapter = feeds.adapter(name)
    tally = Tally()
    with sql.lock(f"feed:{name}") as held:
        if not held:
            raise Conflict(f"feed {name}: a run is under way")
        tally.expired = Payload.objects.filter(feed=name, expired_at__isnull=False).count()
        again = kept.all_of(name, kept.rejected if only_rejected else kept.after)
        for count in use_again(adapter, again, tally):
            tally.fetched += count
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
    tally, fault = Tally(), BROKEN_OFF
    try:
        changed = _use_waiting(adapter, tally, progress)
        for batches in _keep(feed, pages, run, tally):
            # Not a page ahead: what was kept is stored before the source is waited for.
            for _ in use(adapter, batches, tally):
                progress(tally)
        if is_whole:
            # A run that began later than where the last one got to leaves a gap behind it.
            former = windows.reached(feed, window.now)
            run.reached_at = window.now if former is None or window.since <= former else None
            asked = Report.objects.filter(channel=feed.name, external_id__in=window.open_ids)
            asked.update(asked_at=window.now)
        if changed:  # which is said once, and kept nothing out
            raise changed
        run.outcome, fault = "complete", ""
    except FeedError as error:
        run.outcome, run.error, fault = "failed", str(error), health.sentence(error)
        if isinstance(error, FeedUnavailable) and error.retry_after_s:
            run.retry_at = run.started_at + patience.asked(error.retry_after_s)
        raise
    except Exception as error:
        run.error = f"a fault of ours ({type(error).__name__})"
        raise
    finally:
        _close(run, tally)
        health.note(feed, tally.used, tally.newest_at, fault, timezone.now())
    return run


def _fetch(adapter: Adapter, session: Any, window: Window) -> Generator[Page, None, None]:
    if session:
        yield from adapter.fetch(session, window)
    else:
        with sessions.connect(adapter.feed) as own:
            yield from adapter.fetch(own, window)


def _read(adapter: Adapter, document: bytes) -> Generator[Page, None, None]:
    yield Page(list(adapter.document(document)))


def _keep(feed: Feed, pages: Iterable[Page], run: Run, tally: Tally) -> Iterator[Iterable[list[Kept]]]:
    """Keep each page as it comes, then its cursor; yield what is new when it is worth a transaction.

    A page that does not come is the end, but what came before it is yielded first.
    """
    new: list[Kept] = []
    try:
        for page in pages:
            tally.fetched += len(page.payloads)
            yield _keep_page(feed, page, run, new)
    except FeedError:
        if new:
            yield [new]
        raise
    if new:
        yield [new]


def _keep_page(feed: Feed, page: Page, run: Run, new: list[Kept]) -> Iterator[list[Kept]]:
    """Keep a page, and yield what is new, a batch at a time; what is not worth one yet stays in ``new``.

    The next batch is kept while the last one is parsed.
    """
    for bodies in ahead(kept.digested, _batches(page.payloads)):
        new += kept.keep(feed, bodies, timezone.now())
        if len(new) >= WORTH or sum(len(one.body) for one in new) >= WORTH_BYTES:
            yield new.copy()
            new.clear()
    if page.cursor is not None:
        run.cursor = page.cursor
        run.save(update_fields=["cursor"])


def _use_waiting(adapter: Adapter, tally: Tally, progress: Progress) -> FeedError | None:
    """Use what a run that was killed, or a push that broke, has left.

    Returns the error where some of it is of another form: no news of the source, and no reason not to ask it.
    """
    changed: FeedError | None = None
    while batch := kept.waiting(adapter.feed.name):
        try:
            for _ in use(adapter, [batch], tally, earlier=True):
                progress(tally)
        except FeedError as error:
            changed = changed or error
    return changed


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), kept.BATCH):
        yield items[start : start + kept.BATCH]


def _close(run: Run, tally: Tally) -> None:
    run.finished_at = timezone.now()
    run.outcome = run.outcome or "broken off"
    run.fetched, run.new, run.changed, run.rejected = tally.fetched, tally.new, tally.changed, tally.rejected
    run.used = tally.used
    run.unread = sorted(tally.unread)
    run.save()
    if run.unread:
        logger.warning("unread fields feed=%s fields=%s", run.feed, ",".join(run.unread))
    logger.info(
        "run closed feed=%s outcome=%s fetched=%d new=%d changed=%d rejected=%d seconds=%.1f",
        run.feed, run.outcome, run.fetched, run.new, run.changed, run.rejected,
        (run.finished_at - run.started_at).total_seconds(),
    )  # fmt: skip
