"""How feeds hand out what they have, by transport; an adapter takes the one that its feed uses."""

import base64
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar

from geoplatform.errors import FeedChanged, FeedError, FeedUnavailable
from ingest import canonical
from ingest.adapter import Cursor, Feed, Mailbox, Message, Page, Payload, Session, Window
from ingest.network.folder import changed_file
from ingest.reading import mapping, unsplit

logger = logging.getLogger(__name__)

PAGE = 500


class Documents:
    """Base of adapters whose feed hands out whole documents: one at an address, or files in a drop folder.

    Any of them may also be pushed, or read from a file.
    """

    def __init__(self, feed: Feed) -> None:
        self.feed = mapping.checked(feed)

    def fetch(self, session: Session, window: Window) -> Iterator[Page]:
        """Yield the documents that changed, in pages of a few hundred payloads.

        A file that cannot be split is yielded whole, and told once those behind it are read.
        """
        former: Cursor = window.cursor or {}
        broken: list[str] = []
        for body, cursor in session.documents(self.feed.options.get("path", ""), window.cursor):
            file, at = changed_file(former, cursor)
            former = cursor
            stamp = self.stamp(min(at or window.now, window.now))
            try:
                yield from _pages(self._stamped(self.document(body), stamp), cursor)
            except FeedError as error:
                if not file:
                    raise type(error)(f"{self.feed.name}: the document: {error}") from None
                broken.append(f"{file}: {error}")
                logger.warning("file set aside feed=%s file=%s: %s", self.feed.name, file, error)
                yield Page([unsplit.whole(file, body, stamp)], cursor)
        if broken:
            raise FeedChanged(f"{self.feed.name}: {'; '.join(broken)} (set aside)")

    def stamp(self, taken_at: datetime) -> Mapping[str, Any]:
        """Return what each payload of a document bears besides, by the time of the request or of the file."""
        return {}

    def _stamped(self, payloads: Iterable[Payload], stamp: Mapping[str, Any]) -> Iterable[Payload]:
        return ({**payload, **stamp} for payload in payloads) if stamp else payloads

    def document(self, body: bytes) -> Iterable[Payload]:
        """Return the payloads in one document."""
        raise NotImplementedError


class Messages:
    """Base of adapters whose feed is a mailbox."""

    def __init__(self, feed: Feed) -> None:
        self.feed = mapping.checked(feed)

    def fetch(self, mailbox: Mailbox, window: Window) -> Iterator[Page]:
        """Yield a page per message: one may be large."""
        for message, cursor in mailbox.messages(window.cursor):
            yield Page([self.payload(message)], cursor)

    def document(self, body: bytes) -> Iterable[Payload]:
        """Return the one payload that a message is, as in a file with the ending ``.eml``."""
        return [self.payload(Message(body))]

    def payload(self, message: Message) -> Payload:
        """Return a message as it is kept: its bytes as base64, for they need be text in no charset."""
        payload: dict[str, str | int] = {"raw": base64.b64encode(message.raw).decode()}
        return payload | ({"bytes": message.left_out_bytes} if message.left_out_bytes else {})


class JsonPages:
    """Base of adapters whose feed answers JSON, whole or in numbered pages.

    Where ``says_none`` holds, a feed that has nothing says so in its own form.
    """

    says_none: ClassVar[bool] = False

    def __init__(self, feed: Feed) -> None:
        self.feed = mapping.checked(feed)

    def document(self, body: bytes) -> Iterable[Payload]:
        """Return the payloads in one document of JSON."""
        try:
            return self.items(canonical.read(body))
        except ValueError as error:
            raise FeedChanged(f"{self.feed.name}: no JSON: {error}") from None

    def items(self, document: Any) -> list[Payload]:
        """Return the payloads in one document; overridden where the feed wraps them."""
        raise NotImplementedError

    def ask(
        self, session: Session, path: str, params: Mapping[str, str | int] | None = None, page: int = 1
    ) -> Any:
        """Return an answer; None for no content, where that can mean that there is nothing.

        Behind a first page, and from a feed that says none in its own form, it is a fault (petajakarta.org
        sends it for one): to take it for the end would leave unread what lies behind it.
        """
        document = session.json(path, params)
        if document is None and (page > 1 or self.says_none):
            raise FeedUnavailable(f"{self.feed.name}: {path}: no content" + f" on page {page}" * (page > 1))
        return document

    def pages(
        self,
        session: Session,
        path: str,
        params: Mapping[str, str | int],
        page_name: str,
        is_last: Callable[[list[Payload]], bool],
    ) -> Iterator[list[Payload]]:
        """Yield pages 1, 2, ... until one is empty, is the last, or brings nothing that is new.

        A feed that has more than ``most_pages`` of them is read no further, and the run fails and says so.

        A feed that knows no pages answers the same array for each number, and one that slips by an item
        between two requests repeats some: what came before is left out, and a page of only that ends it.
        """
        seen: set[str] = set()
        most_pages = int(self.feed.options.get("most_pages", 1000))
        for page in range(1, most_pages + 1):
            items = self.items(self.ask(session, path, {**params, page_name: page}, page))
            marks = [json.dumps(item, sort_keys=True) for item in items]
            fresh = [item for item, mark in zip(items, marks, strict=True) if mark not in seen]
            seen.update(marks)
            if not fresh:
                return
            yield fresh
            if is_last(items):
                return
        raise FeedUnavailable(
            f"{self.feed.name}: {path}: more than most_pages {most_pages}: raise it, or read from later on"
        )


def _pages(payloads: Iterable[Payload], cursor: Cursor) -> Iterator[Page]:
    """Yield payloads in pages, the last with the cursor: before it the document is not read."""
    iterator = iter(payloads)
    page = list(islice(iterator, PAGE))
    while following := list(islice(iterator, PAGE)):
        yield Page(page)
        page = following
    yield Page(page, cursor)
