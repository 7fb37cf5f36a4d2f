"""Tweets of X API v2, read; pure, no Django."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from geoplatform.errors import FeedChanged, Rejected
from ingest.adapter import Payload
from ingest.reading.fields import Fields, identity, instant, lonlat, number
from layers.record import LonLat
from reports.record import Bbox

EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, UTC)  # of X's ids: their upper bits count ms from here
IGNORED = {"lang", "attachments", "possibly_sensitive", "reply_settings"}


@dataclass(frozen=True)
class Account:
    """One that speaks, or is spoken to, as far as a payload names it."""

    id: str = ""
    username: str = ""
    name: str = ""

    @property
    def words(self) -> str:
        """All that it is called by."""
        return f"{self.username} {self.name}".strip()


@dataclass(frozen=True)
class Tweet:
    """A tweet in our terms; ``id`` is that of its first version, and stays while it is edited.

    ``answers`` is the id of the tweet that it replies to, ``answered`` whose that is; both empty in none.
    """

    id: str
    text: str
    posted_at: datetime
    edited_at: datetime
    author: Account
    conversation_id: str
    answers: str
    answered: Account
    hashtags: tuple[str, ...]
    point: LonLat | None
    area: Bbox | None
    hint: str
    image_url: str
    digest: str
    unread: tuple[str, ...]


def born(id: str) -> datetime:
    """Return when an id was given out, to the millisecond."""
    try:
        return EPOCH + timedelta(milliseconds=int(id) >> 22)
    except (ValueError, OverflowError):
        raise FeedChanged(f"a tweet's id {id[:40]!r} is none") from None


def refers(payload: Payload, kind: str) -> str:
    """Return the id of the tweet that a tweet refers to as ``retweeted``, ``quoted`` or ``replied_to``."""
    references = part(payload.get("tweet")).get("referenced_tweets") or []
    found = (part(one).get("id") for one in references if part(one).get("type") == kind)
    return str(next(found, ""))


def author(payload: Payload) -> Account:
    """Return who wrote a tweet."""
    user = part(payload.get("user"))
    id = part(payload.get("tweet")).get("author_id")
    return Account(str(id or ""), str(user.get("username") or ""), str(user.get("name") or ""))


def read(payload: Payload) -> Tweet:
    """Read a tweet with what was joined to it.

    Raises
    ------
    FeedChanged
        A field that must be there is not, or has another form.
    Rejected
        Its position or its place's box is not on Earth.
    """
    whole = Fields(payload)
    fields = whole.inner("tweet")
    sent_id = identity(fields.take("id", str))
    history = fields.take("edit_history_tweet_ids", list, [sent_id])
    first_id = identity(history[0]) if history else sent_id
    at = instant(fields.take("created_at", str))
    fields.take("author_id", str)
    fields.take("referenced_tweets", list, [])
    answers = refers(payload, "replied_to")
    # What answers nothing began its conversation.
    conversation_id = identity(fields.take("conversation_id", str, *([] if answers else [first_id])))
    entities = fields.take("entities", dict, {})
    long = fields.take("note_tweet", dict, {})
    point = _point(fields)
    place = Fields(whole.take("place", dict, {}), "place.")
    whole.take("user", dict, {})
    return Tweet(
        id=first_id,
        # The three signs that X escapes; what else looks like an entity was typed so.
        text=html.unescape(str(long.get("text") or fields.text("text"))).strip(),
        posted_at=at if first_id == sent_id else born(first_id),
        edited_at=at,
        author=author(payload),
        conversation_id=conversation_id,
        answers=answers,
        answered=_named(fields.text("in_reply_to_user_id", ""), entities),
        hashtags=tuple(str(part(tag).get("tag")).casefold() for tag in _tags(entities, long)),
        point=point,
        area=None if point else _box(place),
        hint=place.text("full_name", ""),
        image_url=_picture(whole.take("media", list, [])),
        digest=whole.digest(),
        unread=whole.left({f"tweet.{name}" for name in (*IGNORED, "text")}),
    )


def _point(fields: Fields) -> LonLat | None:
    """Return where the author's device was, where the author let it say so; GeoJSON, longitude first."""
    geo = Fields(fields.take("geo", dict, {}), "tweet.geo.")
    if not geo.has("coordinates"):
        return None
    geometry = geo.inner("coordinates")
    coordinates = geometry.take("coordinates", list)
    if geometry.text("type") != "Point" or len(coordinates) != 2:
        raise FeedChanged("field tweet.geo.'coordinates' is no point")
    return lonlat(*coordinates)


def _box(place: Fields) -> Bbox | None:
    """Return the box of a place: west, south, east, north; a shop's is one point, and still a place's."""
    if not place.has("geo"):
        return None
    sides = place.inner("geo").take("bbox", list, [])
    if not sides:
        return None
    if len(sides) != 4:
        raise FeedChanged(f"field place.geo.'bbox' has {len(sides)} sides")
    west, south, east, north = (number(side) for side in sides)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Rejected(f"box {west}, {south}, {east}, {north} is not on Earth")
    return west, south, east, north


def _picture(media: Sequence[Any]) -> str:
    """Return the address of the first picture, or of the first frame of a video."""
    addresses = (part(one).get("url") or part(one).get("preview_image_url") for one in media)
    return str(next((address for address in addresses if address), ""))


def _named(id: str, entities: Mapping[str, Any]) -> Account:
    """Return an account by its id, with the name that the tweet's own words call it."""
    mentions = by("id", entities.get("mentions"))
    return Account(id, str(mentions.get(id, {}).get("username") or ""))


def _tags(entities: Mapping[str, Any], long: Mapping[str, Any]) -> list[Any]:
    return [*(entities.get("hashtags") or []), *(part(long.get("entities")).get("hashtags") or [])]


def by(key: str, objects: Any) -> dict[str, Mapping[str, Any]]:
    """Return objects by one of their fields; those without it are left out."""
    return {str(one[key]): one for one in objects or [] if part(one).get(key)}


def part(value: Any) -> Mapping[str, Any]:
    """Return a value that is to be an object; what is none has no fields."""
    return value if isinstance(value, Mapping) else {}
