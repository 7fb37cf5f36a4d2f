"""Any Open311 GeoReport v2 server: its service requests and their status, by time, and again while open."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from geoplatform.errors import FeedRefused, FeedUnavailable, Rejected
from ingest.adapter import Feed, Page, Payload, Record, Session, Window
from ingest.dialects import georeport
from ingest.reading import mapping, transports
from ingest.reading.fields import Fields, identity, instant
from ingest.reading.generic import web_address, with_status
from reports.record import STATUSES, Submission

logger = logging.getLogger(__name__)

OPTIONS = {"form", "jurisdiction_id", "window_days", "at_most", "page_name", "page_size_name", "page_size"}
OPTIONS |= {"most_pages", "updated_after", "time_zone", "category", "categories", "statuses", "ignore"}
LONGEST_DAYS = 90  # what every server answers at once, by the specification
SHORTEST = timedelta(minutes=1)
IDS = 50
IGNORED = {"service_notice", "expected_datetime", "address_id", "zipcode", "token"}


class Adapter(transports.JsonPages):
    """Asks for what came in, or with the usual extension for what changed, and for what is open here."""

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed)
        options = mapping.Options(feed)
        options.known(OPTIONS)
        self._form = options.one_of("form", ("json", "xml"), "json")
        self._jurisdiction = options.take("jurisdiction_id", str, "")
        self._longest = timedelta(days=options.whole("window_days", 1, LONGEST_DAYS, LONGEST_DAYS))
        self._at_most = options.whole("at_most", 2, 1_000_000, 1000)
        self._page_name = options.take("page_name", str, "")
        self._page_size = options.whole("page_size", 1, 100_000, 100)
        self._page_size_name = options.take("page_size_name", str, "page_size")
        extended = options.take("updated_after", bool, False)
        self._span = ("updated_after", "updated_before") if extended else ("start_date", "end_date")
        self._zone = mapping.zone(options)
        self._categories, self._category = options.categories(), options.category()
        self._statuses = options.table("statuses", STATUSES)
        self._ignore = IGNORED | set(options.take("ignore", list, []))
        if not self._categories and not self._category:
            options.refuse("category", "is missing, and categories too")

    def fetch(self, session: Session, window: Window) -> Iterator[Page]:
        """Yield pages of requests, then those that are open here and were not among them."""
        server = georeport.Server(session, self._form, self._jurisdiction)
        seen: set[str] = set()
        for since, until in georeport.windows(window.since, window.now, self._longest):
            for page in self._between(server, since, until):
                yield Page(page)
                seen.update(str(one.get("service_request_id")) for one in page if isinstance(one, dict))
        yield from self._again(server, [id for id in window.open_ids if id not in seen])

    def document(self, body: bytes) -> Iterable[Payload]:
        """Return the requests in one document, of either form."""
        is_xml = body.lstrip().startswith(b"<")
        return self.items(georeport.from_xml(body)) if is_xml else super().document(body)

    def items(self, document: Any) -> list[Payload]:
        """Return the requests of an answer."""
        return georeport.requests(document)

    def _between(self, server: Any, since: datetime, until: datetime) -> Iterator[Sequence[Payload]]:
        params = georeport.span(self._span, since, until)
        if self._page_name:
            sized = {**params, self._page_size_name: self._page_size}
            yield from self.pages(
                server, "requests", sized, self._page_name, lambda page: len(page) < self._page_size
            )
            return
        page = self.items(server.json("requests", params))
        if len(page) < self._at_most:
            yield page
        elif until - since > SHORTEST:
            # The server leaves out what is more, and says nothing of it.
            middle = since + (until - since) / 2
            yield from self._between(server, since, middle)
            yield from self._between(server, middle, until)
        else:
            raise FeedUnavailable(f"{self.feed.name}: {self._at_most} requests in a minute: raise at_most")

    def _again(self, server: georeport.Server, ids: Sequence[str]) -> Iterator[Page]:
        for start in range(0, len(ids), IDS):
            some = ids[start : start + IDS]
            try:
                yield Page(self.items(server.json("requests", {"service_request_id": ",".join(some)})))
            except FeedRefused as error:
                logger.warning("requests refused feed=%s ids=%d: %s", self.feed.name, len(some), error)

    def parse(self, payload: Payload) -> Sequence[Record]:
        """Return a request and its status."""
        fields = Fields(payload)
        if not fields.has("service_request_id") and fields.has("token"):
            raise Rejected("it has no id yet")
        external_id = identity(fields.take("service_request_id"))
        submitted_at = instant(fields.text("requested_datetime"), self._zone)
        changed = fields.text("updated_datetime", "")
        status = fields.text("status").lower()
        if status not in self._statuses:
            raise Rejected(f"unknown status {status!r}")
        by, note = fields.text("agency_responsible", ""), fields.text("status_notes", "")
        submission = Submission(
            channel=self.feed.name,
            external_id=external_id,
            category=georeport.category(fields, self._categories, self._category),
            description=fields.text("description", ""),
            submitted_at=submitted_at,
            updated_at=instant(changed, self._zone) if changed else submitted_at,
            point=georeport.point(fields),
            image_url=web_address(fields.text("media_url", "")),
            hint=fields.text("address", ""),
            digest=fields.digest(),
            unread=fields.left(self._ignore),
        )
        return with_status(submission, self._statuses[status], by, note)
