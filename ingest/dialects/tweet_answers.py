"""What X API v2 answers: tweets with what belongs to them, or what is wrong; pure, no Django."""

import logging
from collections.abc import Mapping
from typing import Any

from geoplatform.errors import FeedChanged, FeedUnavailable
from ingest import canonical
from ingest.adapter import Payload
from ingest.dialects.tweets import by, part
from ingest.reading.fields import Fields, identity

logger = logging.getLogger(__name__)


def joined(document: Mapping[str, Any]) -> list[Payload]:
    """Return the tweets of an answer, each with what ``includes`` holds of its place, author and media.

    The objects are as they were sent; what is not there is left out.
    """
    includes = part(document.get("includes"))
    places = by("id", includes.get("places"))
    users = by("id", includes.get("users"))
    media = by("media_key", includes.get("media"))
    payloads: list[Payload] = []
    for tweet in document.get("data") or []:
        sent = part(tweet)
        payload = {"tweet": tweet}
        if place := places.get(str(part(sent.get("geo")).get("place_id"))):
            payload["place"] = place
        if user := users.get(str(sent.get("author_id"))):
            payload["user"] = user
        keys = part(sent.get("attachments")).get("media_keys") or []
        if shown := [media[str(key)] for key in keys if str(key) in media]:
            payload["media"] = shown
        payloads.append(payload)
    return payloads


def ids(document: Mapping[str, Any]) -> list[str]:
    """Return the ids that an answer names; what is none is passed over."""
    named = [part(document.get("meta")).get("newest_id")]
    named += [part(tweet).get("id") for tweet in document.get("data") or []]
    return [id for id in named if isinstance(id, str) and id.isdecimal()]


def next_token(document: Mapping[str, Any]) -> str | None:
    """Return the token of the next page of an answer; the last one has none."""
    token: str | None = Fields(document.get("meta"), "meta.").take("next_token", str, None)
    return token


def user_id(document: Any, feed: str) -> str:
    """Return the id of the account that was asked for by its name."""
    fields = Fields(document)
    if not fields.has("data") and fields.has("errors"):
        raise FeedUnavailable(f"{feed}: {told(document)}")
    return identity(fields.inner("data").take("id", str))


def checked(document: Any, feed: str) -> Mapping[str, Any]:
    """Return an answer that holds tweets, or none; what it says of parts that it lacks is logged.

    Raises
    ------
    FeedUnavailable
        It holds nothing but what is wrong.
    FeedChanged
        It is not what X answers.
    """
    fields = Fields(document)
    errors = fields.take("errors", list, [])
    if not fields.has("data") and not fields.has("meta") and (errors or fields.has("title")):
        raise FeedUnavailable(f"{feed}: {told(document)}")
    if errors:
        kinds = sorted({str(part(error).get("title") or "no title") for error in errors})
        logger.warning("partial errors feed=%s count=%d kinds=%s", feed, len(errors), ",".join(kinds))
    count = Fields(fields.take("meta"), "meta.").take("result_count", int)
    if len(fields.take("data", list, [])) < min(count, 1):
        raise FeedChanged(f"no field 'data', and {count} results")
    return part(document)


def explained(error: FeedUnavailable) -> FeedUnavailable:
    """Return a refusal with the words in which X gave it; they hold what was asked for, and no token."""
    try:
        words = told(canonical.read(error.answer))
    except ValueError:
        return error
    return FeedUnavailable(f"{error}: {words}", error.retry_after_s, error.answer)


def told(problem: Any) -> str:
    """Return what X says is wrong, in one line."""
    said = part(problem)
    errors = [part(one) for one in said.get("errors") or []]
    words = [said.get("title"), said.get("detail")]
    words += [one.get("message") or one.get("detail") for one in errors]
    return " / ".join(dict.fromkeys(str(word) for word in words if word)) or "no reason given"
