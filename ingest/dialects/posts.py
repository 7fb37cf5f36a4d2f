"""Posts of a Facebook page, as the Graph API sends them, read; pure, no Django.

A payload holds the ``post`` and the ``page`` that it was found on, both as sent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.adapter import Payload
from ingest.reading.fields import Fields, identity, instant, lonlat
from layers.record import LonLat

HASHTAG = re.compile(r"#(\w+)")
IGNORED = {"page", "post.permalink_url", "post.is_hidden", "post.story", "post.status_type"}


@dataclass(frozen=True)
class Post:
    """A post in our terms; ``point`` is that of the place which its author chose, ``hint`` its name."""

    id: str
    parent_id: str
    text: str
    created_at: datetime
    updated_at: datetime
    author: str
    hashtags: tuple[str, ...]
    point: LonLat | None
    hint: str
    image_url: str
    digest: str
    unread: tuple[str, ...]


def read(payload: Payload) -> Post:
    """Read a post.

    Raises
    ------
    FeedChanged
        A field that must be there is not, or has another form.
    Rejected
        Its place is not on Earth.
    """
    whole = Fields(payload)
    fields = whole.inner("post")
    text = fields.text("message", "")
    # Facebook names nobody to a token without the permission for it.
    author = Fields(fields.take("from", dict, {}), "post.from.").text("name", "")
    point, hint = _place(Fields(fields.take("place", dict, {}), "post.place."))
    return Post(
        id=identity(fields.take("id", str)),
        parent_id=fields.text("parent_id", ""),
        text=text,
        created_at=instant(fields.take("created_time", str)),
        updated_at=instant(fields.take("updated_time", str)),
        author=author,
        hashtags=tuple(HASHTAG.findall(text.casefold())),
        point=point,
        hint=hint,
        image_url=fields.text("full_picture", ""),
        digest=whole.digest(),
        unread=whole.left(IGNORED),
    )


def id_of(payload: Payload) -> str:
    """Return the id of a post, empty where it has none."""
    return str(_part(payload.get("post")).get("id") or "")


def is_own(payload: Payload) -> bool:
    """Say whether a post is by the page that it stands on."""
    page, author = (_part(payload.get("page")), _part(_part(payload.get("post")).get("from")))
    return bool(author.get("id")) and author.get("id") == page.get("id")


def is_answer(payload: Payload) -> bool:
    """Say whether a post belongs to another one."""
    return bool(_part(payload.get("post")).get("parent_id"))


def _place(place: Fields) -> tuple[LonLat | None, str]:
    where = Fields(place.take("location", dict, {}), "post.place.location.")
    words = (place.text("name", ""), where.text("street", ""), where.text("city", ""))
    hint = ", ".join(dict.fromkeys(word for word in words if word))
    if not (where.has("longitude") and where.has("latitude")):
        return None, hint
    return lonlat(where.take("longitude"), where.take("latitude")), hint


def _part(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
