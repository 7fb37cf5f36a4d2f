"""Qlue: the marker list in both its shapes, and the follow-up history of each report.

A marker bears a status but not since when; the history does, so status comes from there alone.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, ClassVar

from geoplatform.errors import FeedChanged, FeedRefused, Rejected
from ingest.adapter import Page, Payload, Record, Session, Window
from ingest.reading import transports
from ingest.reading.fields import JAKARTA, Fields, identity, instant, lonlat
from reports.record import DONE, IN_PROGRESS, WAITING, Submission, Update, Updates

logger = logging.getLogger(__name__)

WRAPPED_POST = 'give each as {"category": "<icon>", "post": {...}}'
WRAPPED_HISTORY = 'give it as {"pid": "<its id>", "history": [...]}'
STATUSES = {"wait": WAITING, "process": IN_PROGRESS, "complete": DONE}
IGNORED = {"type"} | {
    f"profile.detail.{name}" for name in ("kd_kel", "name_kel", "status", "comment_count", "tags")
}


class Adapter(transports.JsonPages):
    """Reads markers newest first until it comes to older ones, then the histories that may have grown."""

    says_none: ClassVar[bool] = True

    def fetch(self, session: Session, window: Window) -> Iterator[Page]:
        """Yield pages of markers, then pages of histories."""
        seen: list[str] = []
        for page in self._markers(session, window.since):
            yield Page(page)
            seen += [id for marker in page if (id := _id(marker))]
        yield from self._histories(session, dict.fromkeys([*seen, *window.open_ids]))

    def document(self, body: bytes) -> Iterable[Payload]:
        """Return the payloads in one document; two kinds say of themselves too little, when nobody asked."""
        payloads = list(super().document(body))
        for payload in payloads:
            names = set(payload) if isinstance(payload, dict) else set()
            if "post_id" in names:
                raise FeedChanged(f"{self.feed.name}: a post does not say its icon: {WRAPPED_POST}")
            if {"status", "timestamp"} <= names:
                raise FeedChanged(
                    f"{self.feed.name}: a history does not say of which report: {WRAPPED_HISTORY}"
                )
        return payloads

    def items(self, document: Any) -> list[Payload]:
        """Return the markers of a list, or the one history of a kept payload."""
        if document is None:
            return []
        if isinstance(document, dict):
            return [document]
        if not isinstance(document, list):
            raise FeedChanged("the marker list is no array")
        return document

    def parse(self, payload: Payload) -> Record:
        """Tell the three shapes apart by the field that only each of them has."""
        if "history" in payload:
            return self._history(Fields(payload))
        if "post" in payload:
            return self._level1(Fields(payload))
        return self._v3(Fields(payload))

    def _markers(self, session: Session, since: datetime) -> Iterator[list[Payload]]:
        if self.feed.options["shape"] == "v3":
            yield from self.pages(
                session,
                "qluein_marker_v3.php",
                {},
                self.feed.options["page_name"],
                lambda page: _ends(page, since),
            )
            return
        for icon in self.feed.options["categories"]:
            # The list itself does not say its category: what was asked for is kept with each marker.
            posts = self.items(self.ask(session, "qluein_marker_level1.php", {"category": icon}))
            yield [{"category": icon, "post": post} for post in posts]

    def _histories(self, session: Session, ids: Iterable[str]) -> Iterator[Page]:
        """Yield pages of histories; one that Qlue refuses for good does not cost the others."""
        page: list[Payload] = []
        refused: list[FeedRefused] = []
        answered = 0
        for id in ids:
            try:
                history = session.json("web_list_history_progress.php", {"pid": id})
            except FeedRefused as error:
                refused.append(error)
                logger.warning("history refused feed=%s id=%s: %s", self.feed.name, id, error)
                continue
            answered += 1
            if history:
                page.append({"pid": id, "history": history})
            if len(page) == 100:
                yield Page(page)
                page = []
        yield Page(page)
        if len(refused) > 2 and not answered:
            # Not some reports are gone but the address itself.
            raise refused[-1]

    def _v3(self, fields: Fields) -> Submission:
        external_id = identity(fields.take("id"))
        profile = fields.inner("profile")
        location, detail = profile.inner("location"), profile.inner("detail")
        suggest = detail.inner("suggest")
        submitted_at = instant(profile.take("timestamp"), JAKARTA)
        return Submission(
            channel=self.feed.name,
            external_id=external_id,
            category=self._category(suggest.take("labels", list)),
            description=detail.text("desc", ""),
            submitted_at=submitted_at,
            updated_at=submitted_at,
            point=lonlat(location.take("lng"), location.take("lat")),
            author=profile.text("username", ""),
            image_url=_https(detail.text("image", "")),
            digest=fields.digest(),
            unread=fields.left(IGNORED),
        )

    def _level1(self, fields: Fields) -> Submission:
        category = self._category([fields.text("category")])
        post = fields.inner("post")
        submitted_at = instant(post.take("post_date"), JAKARTA)
        texts = dict.fromkeys(
            text for text in (post.text("post_title", ""), post.text("post_desc", "")) if text
        )
        return Submission(
            channel=self.feed.name,
            external_id=identity(post.take("post_id")),
            category=category,
            description="\n".join(texts),
            submitted_at=submitted_at,
            updated_at=submitted_at,
            point=lonlat(post.take("loc_lng"), post.take("loc_lat")),
            author=post.text("profile_name", ""),
            image_url=_https(post.text("post_images", "")),
            digest=fields.digest(),
            unread=fields.left(),
        )

    def _history(self, fields: Fields) -> Updates:
        steps = [Fields(step, "history.") for step in fields.take("history", list)]
        updates = tuple(_update(step) for step in steps)
        unread = {name for step in steps for name in step.left({"history.username"})}
        return Updates(self.feed.name, identity(fields.take("pid")), updates, tuple(sorted(unread)))

    def _category(self, labels: list[Any]) -> str:
        categories = self.feed.options["categories"]
        icons = [str(label).removesuffix(".png") for label in labels]
        for icon in icons:
            if icon in categories:
                return str(categories[icon])
        raise Rejected(f"unknown category {labels!r}")


def _update(step: Fields) -> Update:
    status = step.text("status")
    if status not in STATUSES:
        raise Rejected(f"unknown status {status!r}")
    return Update(
        at=instant(step.take("timestamp"), JAKARTA),
        status=STATUSES[status],
        by=step.text("by", ""),
        note=step.text("description", ""),
        image_url=_https(step.text("file", "")),
        digest=step.digest(),
    )


def _ends(page: list[Payload], since: datetime) -> bool:
    """Say whether a page lies behind an instant, and so do those after it: if it runs from new to old.

    A page with a marker that cannot be read ends nothing; ``parse`` says what is wrong with it.
    """
    try:
        times = [instant(Fields(marker).inner("profile").take("timestamp"), JAKARTA) for marker in page]
    except FeedChanged:
        return False
    return max(times) < since and times[0] >= times[-1]


def _id(marker: Payload) -> str | None:
    """Return the id of a marker of either shape, None where it cannot be read, which ``parse`` will say."""
    try:
        fields = Fields(marker)
        return identity(fields.inner("post").take("post_id") if fields.has("post") else fields.take("id"))
    except FeedChanged:
        return None


def _https(url: str) -> str:
    return "https://" + url.removeprefix("http://") if url.startswith("http://") else url
