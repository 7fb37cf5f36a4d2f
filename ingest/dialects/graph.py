"""What Facebook's Graph API answers where it does not answer what it was asked; pure, no Django."""

import re
from collections.abc import Mapping
from typing import Any

from geoplatform.errors import FeedUnavailable
from ingest import canonical
from ingest.adapter import Feed
from ingest.reading.fields import Fields

TOKEN = {102, 190}
WHY: dict[Any, str] = {
    460: "its owner's password was changed",
    463: "it expired",
    467: "it is no longer valid",
}
NOT_ALLOWED = {3, 10, *range(200, 300)}
TOO_MANY = {4, 17, 32, 341, 613, *range(80000, 80100)}
OLD_VERSION = {2635}
GONE = {(100, 33), (803, None)}  # code and subcode
EXPIRED_ON = re.compile(r"has expired on ([\w\-:, ]+?)\.")
REMEDY = "make a new page token (docs/how-to/connect-facebook.md) and set GEOPLATFORM_FEED_{name}_TOKEN"
# Facebook repeats a token that it cannot read; whatever might be one is struck out.
LONG_WORD = re.compile(r"[\w|\-]{25,}")


def refusal(body: str) -> Any:
    """Return the body of a refusal; None where it holds no error that can be read."""
    try:
        answer = canonical.read(body)
    except ValueError:
        return None
    return answer if error_in(answer) else None


def error_in(answer: Any) -> Mapping[str, Any] | None:
    """Return the error that an answer holds, if it holds one."""
    error = answer.get("error") if isinstance(answer, Mapping) else None
    return error if isinstance(error, Mapping) else None


def is_gone(error: Mapping[str, Any]) -> bool:
    """Say whether what was asked for is not there, or no longer shown to us: Facebook makes no difference."""
    code, subcode = error.get("code"), error.get("error_subcode")
    return (code, subcode) in GONE or (code, None) in GONE


def explained(error: Mapping[str, Any], feed: Feed, path: str) -> FeedUnavailable:
    """Return what an error means, and what to do about it; never with the token."""
    code, subcode = error.get("code"), error.get("error_subcode")
    message = str(error.get("message") or "")
    at = f"{feed.name}: {path}: error {code}" + (f"/{subcode}" if subcode else "")
    if code in TOKEN:
        found = EXPIRED_ON.search(message)
        why = f"it expired on {found[1]}" if found else WHY.get(subcode, "Facebook does not accept it")
        return FeedUnavailable(f"{at}: the page token: {why}: {REMEDY.format(name=feed.name.upper())}")
    if code in NOT_ALLOWED:
        what = "the page token lacks a permission: pages_read_engagement, pages_read_user_content"
        return FeedUnavailable(f"{at}: {what}: {REMEDY.format(name=feed.name.upper())}")
    if code in TOO_MANY:
        wait_s = float(feed.options["stay_away_s"])
        return FeedUnavailable(f"{at}: too many requests: none for {wait_s:.0f} s", wait_s)
    if code in OLD_VERSION:
        return FeedUnavailable(f"{at}: version {feed.options['version']} is no longer served: raise it")
    words = LONG_WORD.sub("...", message.replace(feed.token or "\0", "..."))[:200]
    return FeedUnavailable(f"{at}: {words or 'no reason given'}")


def data(document: Any) -> list[Any]:
    """Return the posts of a page of an edge; no content has none."""
    return [] if document is None else list(Fields(document).take("data", list))


def after(document: Any) -> str | None:
    """Return the cursor of the next page of an edge; the last one has none.

    The address of the next page is sent, too: it holds the token, and is neither followed nor kept.
    """
    paging = Fields(Fields(document).take("paging", dict, {}), "paging.")
    return paging.inner("cursors").text("after") if paging.has("next") else None
