"""Which reports a reader wants listed: by place, kind, state, days and box, in the words of an address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from api import params, slow
from api.faults import said
from boundaries import editions, lookup, places
from boundaries.places import Named
from geoplatform import sql
from geoplatform.errors import InvalidRequest
from layers.grid import Bbox
from reports.models import Report, Status
from reports.record import WITHDRAWN

NAMES = ("place", "category", "status", "from", "to")
STATUSES = tuple(status for status in Status.values if status != WITHDRAWN)
LAST_ID = (1 << 63) - 1  # of a bigint
MOST_WORDS = 20  # of one filter
WORD = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Listing:
    """Filters of reports; what is empty asks for nothing. Days are those of the city, both included."""

    place: Named | None = None
    categories: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    bbox: Bbox | None = None

    def query(self) -> dict[str, str]:
        """Return the parameters of an address that asks for the same; the box is the caller's own."""
        given = {
            "place": self.place.code if self.place else "",
            "category": ",".join(self.categories),
            "status": ",".join(self.statuses),
            "from": self.since.isoformat() if self.since else "",
            "to": self.until.isoformat() if self.until else "",
        }
        return {name: text for name, text in given.items() if text}


def of_tiles(listing: Listing) -> dict[str, str]:
    """Return the filters by which tiles show the reports of a listing."""
    place = {"kelurahan": ",".join(_codes(listing.place))} if listing.place else {}
    return {**place, **{name: text for name, text in listing.query().items() if name != "place"}}


def read(request: HttpRequest) -> Listing:
    """Return what a request asks for by ``NAMES`` and ``bbox``; ``place`` is a code of any tier.

    Raises
    ------
    InvalidRequest
        A place or status that there is not, an empty word, a day that is none, a span that ends before it
        begins, a box that is none.
    """
    box = params.bbox(request) if "bbox" in request.GET else None
    return replace(of(request.GET, _place(request.GET.get("place"))), bbox=box)


def of(given: Mapping[str, str], place: Named | None) -> Listing:
    """Return a listing of a place by the other words of an address; raises as ``read``."""
    since, until = (params.day(end, given[end]) if end in given else None for end in ("from", "to"))
    if since and until and since > until:
        raise InvalidRequest(f"from {since} lies behind to {until}")
    statuses = _words(given, "status")
    for word in statuses:
        if word not in STATUSES:
            raise InvalidRequest(f"status {word!r}: known are {', '.join(STATUSES)}")
    return Listing(place, _words(given, "category"), statuses, since, until)


def shown() -> QuerySet[Any]:
    """Return the reports that the public sees, with ``shown_point``, where it sees them."""
    public = Report.objects.exclude(status=WITHDRAWN)
    return public.annotate(shown_point=Coalesce("public_point", "point"))


def page(listing: Listing, after: int, limit: int) -> tuple[list[Report], int | None]:
    """Return the newest reports of a listing below an id, and the id that the next page lies below, if any.

    Raises
    ------
    Unavailable
        It takes too long.
    """
    chosen = _chosen(listing).filter(id__lt=after).select_related("category", "case__state")
    newest = chosen.order_by("-id")[: limit + 1]  # one more says whether there is a next page

    def ask(limit_ms: int) -> list[Report]:
        with sql.bounded(limit_ms):
            return list(newest.all())

    with said(settings.QUERY_TIMEOUT_MS):
        found = slow.within(settings.QUERY_TIMEOUT_MS, ask)
    return found[:limit], found[limit - 1].pk if len(found) > limit else None


def _chosen(listing: Listing) -> QuerySet[Any]:
    chosen = shown()
    if listing.bbox:
        box = Polygon.from_bbox(listing.bbox)
        box.srid = 4326
        chosen = chosen.filter(shown_point__coveredby=box)
    if listing.place:
        chosen = chosen.filter(kelurahan_code__in=_codes(listing.place))
    if listing.categories:
        chosen = chosen.filter(category__in=listing.categories)
    if listing.statuses:
        chosen = chosen.filter(status__in=listing.statuses)
    if listing.since:
        chosen = chosen.filter(submitted_at__gte=_midnight(listing.since))
    if listing.until:
        chosen = chosen.filter(submitted_at__lt=_midnight(listing.until + timedelta(days=1)))
    return chosen


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(settings.CITY_TIME_ZONE))


def _codes(place: Named) -> list[str]:
    edition = editions.in_force(lookup.today())
    return places.inside(edition.pk, place.code) if edition else [place.code]


def _place(code: str | None) -> Named | None:
    if code is None:
        return None
    edition = editions.in_force(lookup.today())
    found = places.places(edition.pk).get(code) if edition else None
    if found is None:
        raise InvalidRequest(f"place {code!r}: no kelurahan, kecamatan or kota has that code")
    return found


def _words(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    words = tuple(given[name].split(",")) if name in given else ()
    if "" in words:
        raise InvalidRequest(f"filter {name!r} has an empty word")
    for word in words:
        if not WORD.fullmatch(word):
            raise InvalidRequest(f"{name} {word!r} is no word that could be one")
    if len(words) > MOST_WORDS:
        raise InvalidRequest(f"filter {name!r} has {len(words)} words: at most {MOST_WORDS}")
    return words
