"""Reading what an Open311 client asks: the one jurisdiction, times, statuses, pages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from api import params
from geoplatform.errors import InvalidRequest, NotFound
from reports import georeport
from reports.models import Category

# Taken from every client, and of no meaning for who only reads.
ALWAYS = {"jurisdiction_id", "api_key", "extensions", "_"}
LONGEST = timedelta(days=90)
MOST = 1000  # of a page, and of what comes without pages
MOST_IDS = 50
DEEPEST = 10_000  # behind it pages go by ``after``


@dataclass(frozen=True)
class Page:
    """So many, behind so many others, and older than one."""

    size: int
    offset: int
    after: int


def parameters(request: HttpRequest, names: Collection[str] = ()) -> Mapping[str, str]:
    """Return the parameters of a request; unknown ones are refused, and so is another jurisdiction."""
    params.only(request, {*names, *ALWAYS})
    asked = request.GET.dict()
    for name, text in asked.items():
        if "\0" in text:
            raise InvalidRequest(f"{name} holds what no text can")
    jurisdiction = asked.get("jurisdiction_id") or settings.OPEN311_JURISDICTION
    if jurisdiction != settings.OPEN311_JURISDICTION:
        raise NotFound(
            f"jurisdiction_id {jurisdiction!r} was not found: here is {settings.OPEN311_JURISDICTION}"
        )
    return {name: text for name, text in asked.items() if name not in ALWAYS and text}


def ids(text: str) -> list[int]:
    """Return the numbers of some requests, parted by commas."""
    given = text.split(",")
    if len(given) > MOST_IDS:
        raise InvalidRequest(
            f"service_request_id names {len(given)}: at most {MOST_IDS} are answered at once"
        )
    return [params.integer("service_request_id", one.strip()) for one in given]


def categories(text: str) -> list[str]:
    """Return the codes of some services, parted by commas."""
    given = text.split(",")
    known = set(Category.objects.filter(code__in=given).values_list("code", flat=True))
    for code in given:
        if code not in known:
            raise NotFound(f"service_code {code!r} was not found: services lists them")
    return given


def statuses(text: str) -> tuple[list[str], list[str]]:
    """Return statuses as they are asked for, parted by commas, and our channels' for them."""
    words = text.split(",")
    for one in words:
        if one not in georeport.STATUSES:
            raise InvalidRequest(f"status {one!r} is none of {', '.join(georeport.STATUSES)}")
    return words, [ours for one in words for ours in georeport.STATUSES[one]]


def span(asked: Mapping[str, str], now: datetime, names: tuple[str, str]) -> tuple[datetime, datetime]:
    """Return a beginning and an end, which lie at most 90 days apart; by default the last 90 days."""
    first, last = names
    since = params.instant(first, asked[first]) if first in asked else None
    until = params.instant(last, asked[last]) if last in asked else None
    if until is None:
        until = min(since + LONGEST, now + LONGEST) if since else now + LONGEST
    if since is None:
        since = min(until, now) - LONGEST
    if until - since > LONGEST and {first, last} <= set(asked):
        raise InvalidRequest(f"{first} and {last} lie more than {LONGEST.days} days apart")
    return since, until


def present() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


def page(asked: Mapping[str, str]) -> Page:
    """Return which page is asked for: by its number, or behind the last id of the one before."""
    size = _number(asked, "page_size", MOST, MOST)
    number = _number(asked, "page", 1, DEEPEST)
    if (number - 1) * size >= DEEPEST:
        raise InvalidRequest(f"page {number} lies behind the first {DEEPEST}: go on by after")
    if "after" in asked and "page" in asked:
        raise InvalidRequest("page and after: give one of them")
    after = params.integer("after", asked["after"]) if "after" in asked else params.LARGEST
    return Page(size, (number - 1) * size, after)


def _number(asked: Mapping[str, str], name: str, default: int, most: int) -> int:
    if name not in asked:
        return default
    value = params.integer(name, asked[name])
    if not 1 <= value <= most:
        raise InvalidRequest(f"{name} {value}: it must lie between 1 and {most}")
    return value
