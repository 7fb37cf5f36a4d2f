"""Following: what somebody wants to hear of, what that was last week, and three ways to hear it."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from api import choices, follows, params, slow
from api.atom import LAST_ID
from api.faults import said as limited
from boundaries import editions, lookup
from boundaries.models import Boundary, Level, Office
from casework.citizens import watching
from casework.citizens.watching import Wish
from console import modules
from console.voices.page import language, page
from console.voices.page import said as strings
from geoplatform.errors import Conflict, InvalidRequest, NotFound, TooMany
from reports.models import Category
from subscriptions.choice import Choice
from subscriptions.newest import Told, newest

FIELDS = ("kelurahan", "category", "office", "report", "polygon")
WEEK = timedelta(days=7)
SHOWN, LOOKED_AT = 8, 200
FAULTS = {TooMany: ("too_many", 429), Conflict: ("unavailable", 409)}


class Preview(NamedTuple):
    """What would have come last week: some of it, and how many, at least so many where there are more."""

    told: list[Told]
    number: int
    has_more: bool


class Group(NamedTuple):
    """A kecamatan and its kelurahan, as a list to choose from has them."""

    code: str
    name: str
    kelurahan: list[tuple[str, str]]


@gzip_page
@csrf_exempt  # no cookie: the owner of the address decides by the link that they get
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """``GET``, ``POST /follow[?kelurahan=|polygon=][&category=][&office=][&report=]``: choose, see, hear."""
    values = {name: request.GET[name].strip() for name in FIELDS if request.GET.get(name, "").strip()}
    try:
        chosen = _chosen(values)
    except InvalidRequest:
        return _page(request, values, None, "choice", 400)
    if request.method != "POST":
        return _page(request, values, chosen)
    given = request.POST
    wish = Wish(given.get("email", "").strip(), chosen, language(request), given.get("pace", "soon"))
    try:
        if given.get("website"):
            raise InvalidRequest("website: leave it empty")
        follows.count(request)
        watching.ask(wish, timezone.now())
    except (InvalidRequest, NotFound, TooMany, Conflict) as error:
        why, status = FAULTS.get(type(error), ("email", 400))
        return _page(request, values, chosen, why, status, email=wish.address)
    return page(request, "asked", here="follow")


@csrf_exempt  # the signed link is all the proof that there is
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """``GET``, ``POST /follow/confirm/{token}``: a page with a button; by it the mails begin.

    Not by opening it: mail servers open the links of a mail before anybody has read it.
    """
    try:
        watch = watching.asked(token)
        if request.method == "POST":
            watch = watching.confirm(token, timezone.now())
    except NotFound:
        return page(request, "confirm", 404, here="follow", state="gone")
    state = "confirmed" if watch.confirmed_at else "asked"
    return page(request, "confirm", here="follow", state=state)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """``GET``, ``POST /follow/stop/{token}``: a button's page; a mail program presses it, too (RFC 8058)."""
    try:
        if request.method == "POST":
            watching.stop(token)
            return page(request, "stop", here="follow", state="stopped")
        state = "asked" if watching.is_known(token) else "stopped"
    except NotFound:
        return page(request, "stop", 404, here="follow", state="gone")
    return page(request, "stop", here="follow", state=state)


def _chosen(values: Mapping[str, str]) -> Choice:
    asked = HttpRequest()
    asked.GET = QueryDict(urlencode(dict(values)))
    return choices.of_query(asked)


def _page(
    request: HttpRequest,
    values: Mapping[str, str],
    chosen: Choice | None,
    wrong: str = "",
    status: int = 200,
    email: str = "",
) -> HttpResponse:
    spoken = language(request)
    is_chosen = chosen is not None and chosen != Choice()
    query = urlencode(dict(values), safe=",")
    feed = f"/feeds/reports.atom?{query}" + ("" if spoken == "id" else f"&lang={spoken}")
    return page(
        request,
        "follow",
        status,
        config={"centre": settings.CITY_CENTRE, "bounds": settings.CITY_BOUNDS},
        here="follow",
        modules=modules.loaded_by("console/voices/follow.js"),
        values=values,
        query=query,
        wrong=strings(spoken)[f"wrong_follow_{wrong}"] if wrong else "",
        fault=wrong,
        email=email,
        groups=_groups(),
        kinds=[
            (one.code, one.name_en if spoken == "en" else one.name_id)
            for one in Category.objects.order_by(f"name_{spoken}")
        ],
        title=_title(values, spoken) if is_chosen else "",
        preview=_preview(chosen) if chosen is not None and is_chosen else None,
        feed=request.build_absolute_uri(feed) if is_chosen else "",
        document=_document(values) if is_chosen else "",
        takes_mail=watching.is_open(),
    )


def _preview(chosen: Choice) -> Preview:
    """Look at what a choice would have told last week."""
    since = timezone.now() - WEEK
    with limited(settings.QUERY_TIMEOUT_MS):
        found = slow.within(
            settings.QUERY_TIMEOUT_MS, lambda limit_ms: newest(chosen, LAST_ID, LOOKED_AT, limit_ms)
        )
    # Of one report all that is known of it: it is told when it changes, whenever it was sent.
    lately = [one for one in found if chosen.reports or one.submitted_at >= since]
    return Preview(lately[:SHOWN], len(lately), len(lately) == LOOKED_AT)


def _groups() -> list[Group]:
    """Return the kecamatan of the edition in force, each with its kelurahan, by name."""
    edition = editions.in_force(lookup.today())
    rows = Boundary.objects.filter(edition=edition, level__in=(Level.KECAMATAN, Level.KELURAHAN))
    named = list(rows.order_by("name", "code").values_list("level", "code", "name"))
    groups = {code: Group(code, name, []) for level, code, name in named if level == Level.KECAMATAN}
    for level, code, name in named:
        if level == Level.KELURAHAN and code[:8] in groups:
            groups[code[:8]].kelurahan.append((code, name))
    return list(groups.values())


def _title(values: Mapping[str, str], spoken: str) -> str:
    """Say what was chosen, by its names."""
    words, parts = strings(spoken), []
    if "report" in values:
        parts.append(words["one_report"].format(number=values["report"]))
    if "category" in values:
        kinds = Category.objects.filter(code__in=values["category"].split(",")).order_by("code")
        parts += [one.name_en if spoken == "en" else one.name_id for one in kinds]
    if "kelurahan" in values:
        codes = values["kelurahan"].split(",")
        edition = editions.in_force(lookup.today())
        names = lookup.names(edition.id, codes) if edition else {}
        parts += [f"{_tier(code)} {names[code].name}".strip() if code in names else code for code in codes]
    if "office" in values:
        offices = Office.objects.filter(code__in=values["office"].split(",")).order_by("code")
        parts += [one.title for one in offices]
    if "polygon" in values:
        parts.append(words["drawn_area"])
    return ", ".join(parts)


def _tier(code: str) -> str:
    return {13: "Kelurahan", 8: "Kecamatan"}.get(len(code), "")


def _document(values: Mapping[str, str]) -> str:
    """Return what is posted to ``/api/subscriptions`` for the same choice, as JSON."""
    said: dict[str, Any] = {"url": "https://…"}
    for name in ("kelurahan", "category", "office"):
        if name in values:
            said[name] = values[name].split(",")
    if "report" in values:
        said["report"] = [int(one) for one in values["report"].split(",")]
    if "polygon" in values:
        numbers = [params.real("polygon", part) for part in values["polygon"].split(",")]
        ring = [list(pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]
        said["polygon"] = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return json.dumps(said, ensure_ascii=False)
