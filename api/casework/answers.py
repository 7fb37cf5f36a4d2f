"""The link below an answer: its reader sees what was answered, disputes it, or wants to hear no more."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats, timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from access import audit
from access.audit import Origin
from api.casework import tries
from api.casework.receipts import apart
from api.listing import shown
from api.words import LANGUAGES, words
from boundaries.models import Boundary
from casework.citizens import links
from casework.duplicates import clusters
from casework.models import State
from casework.steps import answered, disputes
from geoplatform.errors import Conflict, Forbidden, InvalidRequest, NotFound
from reports.models import Report

SHOWN = 5  # of what was answered, the last


@csrf_exempt  # the link is all the proof that there is, and all that is needed
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """``GET``, ``POST /answers/{token}[?lang=en]``: a page; ``act`` is ``dispute``, ``stop`` or ``hear``."""
    language = _language(request)
    said = words("answers", language)
    try:
        report = _report(request, token)
    except (Forbidden, NotFound):
        return _page(request, language, {}, 404)
    made: dict[str, Any] = {}
    if request.method == "POST":
        made = _act(request, report, token, said)
    status = made.pop("status", 200)
    return _page(request, language, _shown(report, language) | made, status)


def _report(request: HttpRequest, token: str) -> Report:
    id = tries.report_of(request, token, timezone.now())
    found: Report | None = shown().select_related("category").filter(pk=id).first()
    if found is None:
        raise NotFound("no such report")
    return found


def _act(request: HttpRequest, report: Report, token: str, said: Mapping[str, str]) -> dict[str, Any]:
    """Do what a button says; returns what the page says of it."""
    # A mail program's one click (RFC 8058) names no button.
    act = "stop" if "List-Unsubscribe" in request.POST else request.POST.get("act")
    at = timezone.now()
    # Neither address nor browser: the audit is kept for ever, and what it says of citizens with it.
    who = Origin(f"citizen:{report.pk}")
    if act in ("stop", "hear"):
        with transaction.atomic():
            clusters.stop(report.pk, at) if act == "stop" else clusters.hear(report.pk)
            audit.record(f"follower.{act}", who, at, f"report:{report.pk}")
        return {}
    text = request.POST.get("text", "").replace("\0", "")
    try:
        with transaction.atomic():
            case = disputes.by_token(token, text, at)
            audit.record("case.dispute", who, at, f"report:{case}")
    except InvalidRequest:
        return {"problem": said["no_words"], "text": text, "status": 400}
    except (Conflict, NotFound):
        # Disputed or closed meanwhile, which the page says; else somebody has it in hand.
        return {"problem": said["busy"], "text": text, "status": 409}
    return {"news": said["thanks"]}


def _shown(report: Report, language: str) -> dict[str, Any]:
    """Return what the page says of a report, as it is now."""
    lead = clusters.lead_of(report.pk)
    state = State.objects.filter(case=lead).first() or State.objects.get(pk="collected")
    place = Boundary.objects.filter(edition=report.edition_id, code=report.kelurahan_code or "").first()
    return {
        "report": report,
        "category": report.category.name_id if language == "id" else report.category.name_en,
        "kelurahan": place.name if place else "",
        "sent": _instant(report.submitted_at, language),
        "said": [
            {"by": one.by, "at": _instant(one.at, language), "text": one.text}
            for one in answered.said(lead)[-SHOWN:]
        ],
        "state": state.name_id if language == "id" else state.name_en,
        "may_dispute": state.code in links.disputable(),
        "standing": words("answers", language)[_standing(state)],
        "has_stopped": clusters.has_stopped(report.pk),
    }


def _standing(state: State) -> str:
    """Return the key of what is said where nothing can be disputed."""
    if state.family == "disputed":
        return "disputed"
    return "waiting" if state.open311 == "open" else "closed"


def _page(request: HttpRequest, language: str, shown: Mapping[str, Any], status: int) -> HttpResponse:
    known = {"language": language, "words": words("answers", language), **shown}
    response = render(request, "api/answer.html", known, status=status)
    response["Content-Language"] = language
    return apart(response)


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("lang")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def _instant(at: datetime, language: str) -> str:
    """Return an instant as people of the city read it."""
    with translation.override(language):
        local = at.astimezone(ZoneInfo(settings.CITY_TIME_ZONE))
        form = "j F Y H.i" if language == "id" else "j F Y H:i"
        # Day and hour may stand on two lines, the hour and its zone may not.
        day, _, hour = formats.date_format(local, form).rpartition(" ")
        return f"{day} {hour}\N{NO-BREAK SPACE}{words('answers', language)['zone']}"
