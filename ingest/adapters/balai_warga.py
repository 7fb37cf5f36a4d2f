"""Balai warga, the forum of the city's portal: posts by JSON or as Atom and RSS, by our own contract.

docs/reference/balai-warga.md is that contract. A thread is a report: its first post is what the citizen said,
the others are what followed. A post is one payload, and the same one whichever way it came.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from geoplatform.errors import FeedChanged, Rejected
from ingest import canonical
from ingest.adapter import Payload, Record
from ingest.dialects import forum
from ingest.reading import mapping, transports
from ingest.reading.fields import Fields, identity, instant, lonlat
from layers.record import LonLat
from reports.record import DONE, IN_PROGRESS, WAITING, WITHDRAWN, Submission, Update, Updates


class Adapter(transports.Documents):
    """Reads documents of posts."""

    def document(self, body: bytes) -> Iterable[Payload]:
        """Return the posts of a document of either kind."""
        if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return forum.entries(body)
        try:
            document = Fields(canonical.read(body))
        except ValueError as error:
            raise FeedChanged(f"no JSON: {error}") from None
        if document.take("version", int) != 1:
            raise FeedChanged("another version than 1")
        posts: list[Payload] = document.take("posts", list)
        return posts

    def parse(self, payload: Payload) -> Record:
        """Return the report that a first post is, or what a later one adds to it."""
        if "entry" in payload:
            entry = Fields(payload).inner("entry")
            post = Fields(forum.post(entry, self.feed.options["id_pattern"]))
            unread: tuple[str, ...] = entry.left(forum.IGNORED)
        else:
            post, unread = Fields(payload), ()
        thread_id, post_id = identity(post.take("thread_id")), identity(post.take("post_id"))
        created_at = instant(post.take("created_at"))
        updated_at = instant(post.take("updated_at", default=post.take("created_at")))
        if post.take("deleted", bool, False):
            if not post.has("updated_at"):
                raise Rejected("a deleted post says by updated_at when that was")
            return self._deleted(thread_id, post_id, updated_at)
        said = self._said(post, thread_id, created_at, updated_at)
        if thread_id != post_id:
            return self._follows(post, said, post_id, unread)
        if post.text("office", ""):
            raise Rejected("a thread that an office opened is no report")
        return Submission(**said, digest=Fields(payload).digest(), unread=(*unread, *post.left({"status"})))

    def _said(
        self, post: Fields, thread_id: str, created_at: datetime, updated_at: datetime
    ) -> dict[str, Any]:
        photos = post.take("photos", list, [])
        if not all(str(url).startswith(("https://", "http://")) for url in photos):
            raise Rejected("a photo is no address of the web")
        code = post.text("kelurahan_code", "")
        texts = dict.fromkeys(text for text in (post.text("title"), post.text("body")) if text)
        return {
            "channel": self.feed.name,
            "external_id": thread_id,
            "category": self._category(post.text("category", "")),
            "description": "\n".join(texts),
            "submitted_at": created_at,
            "updated_at": updated_at,
            "point": _point(post),
            "author": post.text("author"),
            "image_url": photos[0] if photos else "",
            "hint": f"kelurahan {code}" if code else "",
        }

    def _follows(self, post: Fields, said: dict[str, Any], post_id: str, unread: Sequence[str]) -> Updates:
        """Return a later post as a step of the trace; only an office's can change the status."""
        office, status = post.text("office", ""), post.text("status", "") or None
        if status and not office:
            raise Rejected("a status without an office that gives it")
        if status not in (None, WAITING, IN_PROGRESS, DONE):
            raise Rejected(f"unknown status {status!r}")
        step = Update(
            at=said["updated_at"],
            status=status,
            by=office,
            note=post.text("body"),
            image_url=said["image_url"],
            digest=_version(said["external_id"], post_id, said["updated_at"]),
            author="" if office else said["author"],
        )
        stand_in = None if office else Submission(**said | {"description": step.note}, stands_in=True)
        left = (*unread, *post.left())
        return Updates(self.feed.name, said["external_id"], (step,), left, stand_in)

    def _deleted(self, thread_id: str, post_id: str, at: datetime) -> Updates:
        # What was said in a later post stays in the trace: it is appended, and never edited.
        step = Update(at, WITHDRAWN, by="", note="", digest=_version(thread_id, post_id, at))
        return Updates(self.feed.name, thread_id, (step,) if thread_id == post_id else ())

    def _category(self, label: str) -> str:
        options = self.feed.options
        code = str(options["categories"].get(label.casefold(), label) if label else options["category"])
        if code not in mapping.categories():
            raise Rejected(f"unknown category {label!r}")
        return code


def _point(post: Fields) -> LonLat | None:
    lng, lat = post.take("lng", default=None), post.take("lat", default=None)
    return None if lng is None and lat is None else lonlat(lng, lat)


def _version(thread_id: str, post_id: str, updated_at: datetime) -> str:
    return hashlib.sha256(f"{thread_id}/{post_id}/{updated_at.isoformat()}".encode()).hexdigest()
