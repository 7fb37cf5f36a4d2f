"""The report form: a page that needs no JavaScript, and needs no line where there is some."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from api.questions import places
from boundaries import lookup
from casework.citizens import links, replies
from console import modules
from console.voices import similar, worker
from console.voices.page import language, page, said
from geoplatform.errors import InvalidFields, InvalidRequest, NotFound, TooLarge, TooMany, Unsupported
from ingest.doors import citizens, written
from ingest.doors.written import Written
from reports import categories, sealing
from reports.models import Category, Report
from reports.record import WITHDRAWN, Photo

HOME = "/report-a-problem/"
SEARCH = "search"  # the button that looks for the place that words mean
SURE = "sure"  # the button of who looked at similar reports, and means another problem
REFUSED = {
    TooLarge: ("too_large", 413),
    Unsupported: ("unreadable", 415),
    InvalidRequest: ("unreadable", 400),
}


@gzip_page
@csrf_exempt  # no cookie, no account: a forged form could do nothing in anybody's name
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    """``GET``, ``POST /report-a-problem/[?category=][&lang=]``: the form, and what was written on it."""
    if request.method != "POST":
        return _form(request, {"category": request.GET.get("category", "")})
    try:
        values = written.fields(request)
    except (TooLarge, Unsupported, InvalidRequest) as error:
        why, status = REFUSED[type(error)]
        return _form(request, {}, {"photo": why}, status)
    at = timezone.now()
    try:
        report = written.read(request, at)
    except InvalidFields as error:
        wrong = {} if SEARCH in values else dict(error.fields)
        photo, _ = written.picture(request, values)
        return _form(request, values, wrong, 400 if wrong else 200, photo=photo)
    return _taken(request, report, values, at)


def _taken(request: HttpRequest, report: Written, values: dict[str, str], at: datetime) -> HttpResponse:
    """Take a report that can be used, unless its citizen looks for a place or has not seen similar ones."""
    if SEARCH in values:
        return _form(request, values, photo=report.photo)
    if report.point and SURE not in values and not citizens.is_known(report):
        alike = similar.find(report.category, report.point, at)
        if alike:
            return _form(request, values, photo=report.photo, similar=alike)
    try:
        got = citizens.receive(report, citizens.sender(request), at)
    except TooMany as error:
        response = _form(request, values, {"form": "too_many"}, 429, photo=report.photo)
        response["Retry-After"] = str(error.retry_after_s)
        return response
    spoken = "" if "lang" not in request.GET else f"?lang={language(request)}"
    response = HttpResponseRedirect(f"{HOME}received/{got.token}{spoken}")
    response.status_code = 303
    return response


@csrf_exempt  # who has the address of a receipt is its author, and no cookie says more
@require_http_methods(["GET", "HEAD", "POST"])
def received(request: HttpRequest, token: str) -> HttpResponse:
    """``GET``, ``POST /report-a-problem/received/{token}``: the number of a report, and what comes next.

    The button makes the link that speaks for the report, and leads there.
    """
    number = citizens.find(token).number
    if number is None:
        return page(request, "received", here="report", report=None)
    shown = Report.objects.exclude(status=WITHDRAWN).select_related("category", "office")
    report = shown.filter(pk=number).first()
    if report is None:
        raise NotFound(f"no report {number}")
    spoken = language(request)
    if request.method == "POST":
        response = HttpResponseRedirect(f"/answers/{links.token(number, timezone.now())}?lang={spoken}")
        response.status_code = 303
        return response
    tiers = (
        lookup.tiers(report.edition_id, report.kelurahan_code)
        if report.edition_id and report.kelurahan_code
        else {}
    )
    kind = _name(report.category, spoken)
    return page(request, "received", here="report", report=report, kind=kind, tiers=tiers)


def _form(
    request: HttpRequest,
    values: Mapping[str, str],
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
    *,
    photo: Photo | None = None,
    similar: list[similar.Similar] | None = None,
) -> HttpResponse:
    """Show the form with all that was written on it, and what is wrong beside each field."""
    spoken = language(request)
    words = said(spoken)
    return page(
        request,
        "form",
        status,
        config=_config(words),
        here="report",
        modules=modules.loaded_by("console/voices/form.js"),
        values={"key": str(uuid4()), **values},
        wrong={name: words[f"wrong_{name}_{why}"] for name, why in (wrong or {}).items()},
        kinds=_kinds(spoken),
        places=places.find(values["hint"]) if SEARCH in values and values.get("hint") else None,
        similar=similar,
        kept_photo=b64encode(photo.body).decode() if photo else "",
        takes_contacts=sealing.keys() is not None,
        sends_mail=replies.is_open(),
        days=settings.ANONYMISE_DAYS,
    )


def _config(words: Mapping[str, str]) -> dict[str, Any]:
    return {
        "centre": settings.CITY_CENTRE,
        "bounds": settings.CITY_BOUNDS,
        "similar": {
            "within_m": similar.WITHIN_M,
            "limit": similar.MOST,
            **similar.query(timezone.now()),
        },
        "worker": worker.ADDRESS,
    }


def _kinds(spoken: str) -> list[tuple[str, str]]:
    """Return code and name of each kind of problem, what is reported most first."""
    known = {one.code: one for one in Category.objects.all()}
    return [(code, _name(known[code], spoken)) for code in categories.in_order() if code in known]


def _name(category: Category, spoken: str) -> str:
    return category.name_en if spoken == "en" else category.name_id
