"""Threads of a forum as Atom 1.0 (RFC 4287) or RSS 2.0: entries as they stood there, and as posts; pure."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

import feedparser
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from inscriptis import get_text

from geoplatform.errors import FeedChanged
from ingest.adapter import Payload
from ingest.reading.fields import Fields

# What feedparser makes of an entry besides reading it, and what we have no use for.
MADE = {"guidislink", "authors", "link", "summary", "title", "thr_total"}
IGNORED = {"entry.rights", "entry.source", "entry.comments"}


def entries(body: bytes) -> list[Payload]:
    """Return the entries of a feed, each as what stood there.

    Raises
    ------
    FeedChanged
        The document is not well-formed, declares entities, or is neither Atom nor RSS.
    """
    try:
        fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        # feedparser would read what is left of a feed that was cut short.
        raise FeedChanged(f"no XML that can be read ({type(error).__name__})") from None
    # A file-like object: bytes would be tried as the name of a file first.
    read = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not str(read.version).startswith(("atom", "rss")):
        raise FeedChanged("neither Atom nor RSS")
    return [{"entry": _as_sent(dict.copy(entry))} for entry in read.entries]


def post(entry: Fields, id_pattern: str) -> dict[str, Any]:
    """Return an entry as the post that our own contract has for it (docs/reference/balai-warga.md).

    Parameters
    ----------
    id_pattern
        Its first group is the number of a post within the id of an entry.
    """
    id = _number(entry.text("id"), id_pattern)
    replied_to = entry.text("in_reply_to", "")
    updated_at = entry.text("updated", "")
    labels = {tag.get("scheme") or "": tag.get("term") or "" for tag in entry.take("tags", list, [])}
    pictures = [link for link in entry.take("links", list, []) if _is_picture(link)]
    place = entry.take("where", dict, {})
    lng, lat = place["coordinates"] if place.get("type") == "Point" else (None, None)
    said = {
        "thread_id": _number(replied_to, id_pattern) if replied_to else id,
        "post_id": id,
        "created_at": _iso(entry.text("published", "") or updated_at),
        "updated_at": _iso(updated_at) or None,
        "deleted": labels.pop("deleted", "") == "true",
        "author": entry.text("author", ""),
        "title": _plain(entry, "titled"),
        "body": _plain(entry, "content"),
        "lat": lat,
        "lng": lng,
        "photos": [link.get("href") for link in pictures],
        "category": labels.pop("", None),
    }
    return labels | said


def _as_sent(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry without what feedparser adds to it."""
    kept = {
        name: value
        for name, value in entry.items()
        if name not in MADE and not name.endswith(("_parsed", "_detail"))
    }
    for name in [name for name in kept if name.endswith("in-reply-to")]:
        kept["in_reply_to"] = kept.pop(name).get("ref", "")
    kept["author"] = entry.get("author_detail", {}).get("name", kept.get("author", ""))
    kept["titled"] = _words(entry.get("title_detail"))
    content = entry.get("content") or [entry.get("summary_detail")]
    kept["content"] = _words(content[0])
    return kept


def _words(detail: Mapping[str, Any] | None) -> dict[str, str]:
    return {"type": detail["type"], "value": detail["value"]} if detail else {"type": "", "value": ""}


def _plain(entry: Fields, name: str) -> str:
    """Return words without their HTML, nor what a script or a style sheet is made of."""
    words = entry.take(name, dict)
    text: str = words["value"]
    return (get_text(text) if "html" in words["type"] else text).strip()


def _number(id: str, pattern: str) -> str:
    found = re.search(pattern, id)
    if not found:
        raise FeedChanged("the id of an entry does not end as options.id_pattern says")
    return found[1]


def _iso(value: str) -> str:
    """Return a time as ISO 8601: RSS has them as e-mail does."""
    try:
        return parsedate_to_datetime(value).isoformat()
    except ValueError:
        return value


def _is_picture(link: Mapping[str, Any]) -> bool:
    return link.get("rel") == "enclosure" and str(link.get("type", "")).startswith("image/")
