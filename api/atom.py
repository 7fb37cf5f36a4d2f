"""Reports as a feed that anybody can subscribe: Atom (RFC 4287) with GeoRSS points."""

import re
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, rfc3339_date
from django.utils.html import escape
from django.utils.xmlutils import SimplerXMLGenerator

from api import choices, params, slow
from api.faults import said
from api.public import EPOCH, answer, public, tag_of
from geoplatform.errors import InvalidRequest
from subscriptions.choice import Choice
from subscriptions.newest import Gone, Told, left, newest

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
GEORSS = "http://www.georss.org/georss"
TOMBSTONE = "http://purl.org/atompub/tombstones/1.0"
TOMBSTONES, MOST_TOMBSTONES = timedelta(days=7), 200  # how long a feed says what left it, and how many
LAST_ID = (1 << 63) - 1
TITLES = {"id": "Laporan warga Jakarta", "en": "Citizens' reports of Jakarta"}
AUTHOR = "Jakarta Smart City"
# Signs that XML 1.0 cannot hold.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class GeoAtom(Atom1Feed):
    """Atom whose entries have points, and which says what left it (RFC 6721)."""

    def root_attributes(self) -> dict[str, str]:
        """Name the namespaces of GeoRSS and of tombstones."""
        return {**super().root_attributes(), "xmlns:georss": GEORSS, "xmlns:at": TOMBSTONE}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        """Say where the next page is (RFC 5005), beside what Atom wants."""
        super().add_root_elements(handler)
        if self.feed["next"]:
            handler.addQuickElement("link", "", {"rel": "next", "href": self.feed["next"]})
        for entry, left_at in self.feed["gone"]:
            handler.addQuickElement("at:deleted-entry", "", {"ref": entry, "when": rfc3339_date(left_at)})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        """Add latitude and longitude, in this order."""
        super().add_item_elements(handler, item)
        if item["point"]:
            handler.addQuickElement("georss:point", item["point"])


@public
def reports(request: HttpRequest) -> HttpResponse:
    """``GET /feeds/reports.atom[?kelurahan=&category=&bbox=|polygon=&lang=&limit=&after=]``: newest first."""
    params.only(request, {*choices.NAMES, "lang", "limit", "after"})
    lang = request.GET.get("lang", "id")
    if lang not in TITLES:
        raise InvalidRequest(f"lang {lang!r} is neither id nor en")
    limit = params.whole(request, "limit", default=50, least=1, most=200)
    after = params.whole(request, "after", default=LAST_ID, least=0, most=LAST_ID)
    chosen, more = choices.of_query(request), limit + 1  # one more says whether there is a next page
    with said(settings.QUERY_TIMEOUT_MS):
        found = slow.within(settings.QUERY_TIMEOUT_MS, lambda limit_ms: newest(chosen, after, more, limit_ms))
        # Behind the first page there are older reports, and no news of any.
        gone = [] if "after" in request.GET else _gone(chosen)
    body = _written(request, Page(found[:limit], gone, len(found) > limit), lang)
    return answer(request, tag_of(body), MEDIA_TYPE, lambda: body)


class Page(NamedTuple):
    """What a feed tells: entries, what left it lately, and whether older entries follow."""

    told: list[Told]
    gone: list[Gone]
    has_next: bool


def _gone(chosen: Choice) -> list[Gone]:
    since = timezone.now() - TOMBSTONES
    return slow.within(
        settings.QUERY_TIMEOUT_MS, lambda limit_ms: left(chosen, since, MOST_TOMBSTONES, limit_ms)
    )


def _written(request: HttpRequest, page: Page, lang: str) -> bytes:
    here, told, has_next = request.build_absolute_uri(), page.told, page.has_next
    following = request.GET.copy()
    if has_next:
        following["after"] = str(told[-1].id)
    feed = GeoAtom(
        title=TITLES[lang],
        link=request.build_absolute_uri("/"),
        description="",
        language=lang,
        author_name=AUTHOR,
        feed_url=here,
        feed_guid=here,
        next=request.build_absolute_uri(f"{request.path}?{following.urlencode(safe=',')}")
        if has_next
        else "",
        gone=[(request.build_absolute_uri(f"/api/reports/{one.id}"), one.left_at) for one in page.gone],
    )
    for one in told:
        _add(feed, request, one, lang)
    # Atom wants a time; without entries Django would say now, and no copy would ever hold.
    changed = [EPOCH, *(one.updated_at for one in told), *(one.left_at for one in page.gone)]
    feed.latest_post_date = lambda: max(changed)  # type: ignore[method-assign]
    return feed.writeString("utf-8").encode()


def _add(feed: GeoAtom, request: HttpRequest, one: Told, lang: str) -> None:
    kind = one.name_en if lang == "en" else one.name_id
    where = request.build_absolute_uri(f"/api/reports/{one.id}")
    feed.add_item(
        title=_writable(f"{kind}: {one.kelurahan}" if one.kelurahan else kind),
        link=where,
        unique_id=where,
        # Of type "html", as Django writes it: a text of a citizen's must stay one.
        description=escape(_writable(one.text)),
        pubdate=one.submitted_at,
        updateddate=one.updated_at,
        categories=(one.category, one.status),
        point=None if one.lat is None else f"{one.lat:.6f} {one.lon:.6f}",
    )


def _writable(text: str) -> str:
    return UNWRITABLE.sub("\ufffd", text)
