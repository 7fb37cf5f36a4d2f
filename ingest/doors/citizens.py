"""The door of the report form: what citizens write is kept, stored, placed and routed as every report.

Nothing is asked of who they are, and no cookie is set: so there is nothing that a forged form could do in
anybody's name, and no CSRF token.
"""

import logging
from base64 import b64encode
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from access import limits
from access.clients import LOCAL, client
from geoplatform.errors import NotFound, TooMany
from ingest.doors import handed_in, written
from ingest.doors.written import Written
from reports import placing, sealing
from reports.models import Report

logger = logging.getLogger(__name__)

FEED = "web"
HOUR_S = 3600
CITIZEN = "citizen"  # who says where a report is that its author placed by a name


class Receipt(NamedTuple):
    """What a report is known by, and its number, which it has once it is stored."""

    token: str
    number: int | None


@csrf_exempt
@never_cache
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """``POST /api/reports``: a report as a form, with a key; sent again it is the same report."""
    at = timezone.now()
    got = receive(written.read(request, at), sender(request), at)
    response = JsonResponse(_said(request, got), status=202 if got.number is None else 201)
    response["Location"] = request.build_absolute_uri(f"/api/receipts/{got.token}")
    return response


@never_cache
@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """``GET /api/receipts/{token}``: the number of a report, once it has one."""
    return JsonResponse(_said(request, find(token)))


def receive(said: Written, who: str, at: datetime) -> Receipt:
    """Take a report; one that came before is not taken twice, nor counted.

    Parameters
    ----------
    who
        The client, by address; LOCAL is not counted.

    Raises
    ------
    TooMany
        This client has sent as many as are taken in an hour.
    InvalidRequest, Conflict
        As ``handed_in.take``.
    """
    token = said.token
    known = handed_in.number(FEED, token)
    if known is None:
        _within_bounds(who)
        known = handed_in.take(FEED, "reports", _payload(said, token, at))
        if known:
            _place(int(known), said.kelurahan, at)
        logger.info("report taken token=%s number=%s", token, known)
    return Receipt(token, int(known) if known else None)


def is_known(said: Written) -> bool:
    """Say whether a report came before, and is stored."""
    return handed_in.number(FEED, said.token) is not None


def find(token: str) -> Receipt:
    """Return the receipt of a token, or raise NotFound."""
    known = None if "\0" in token else handed_in.number(FEED, token)
    if known is None and not handed_in.is_waiting(FEED, token):
        raise NotFound(f"token {token!r} was not found")
    return Receipt(token, int(known) if known else None)


def sender(request: HttpRequest) -> str:
    """Return the client that a request is from."""
    header = request.META.get
    return client(header("REMOTE_ADDR", ""), header("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)


def _said(request: HttpRequest, got: Receipt) -> dict[str, Any]:
    page = request.build_absolute_uri(f"/report-a-problem/received/{got.token}")
    return {"token": got.token, "report": got.number, "page": page}


def _within_bounds(who: str) -> None:
    if who == LOCAL:
        return
    most = settings.REPORTS_AN_HOUR
    verdict = limits.count(limits.of_window("reports", who, most, HOUR_S))
    if not verdict.passes:
        raise TooMany(f"{most} reports an hour are taken from one address", max(1, verdict.retry_s))


def _payload(said: Written, token: str, at: datetime) -> dict[str, Any]:
    photo = said.photo
    given: dict[str, Any] = {
        "token": token,
        "requested_datetime": at.isoformat(),
        "written_at": said.written_at and said.written_at.isoformat(),
        "category": said.category,
        "description": said.description,
        "lon": said.point and said.point.lon,
        "lat": said.point and said.point.lat,
        "kelurahan": said.kelurahan,
        "hint": said.hint,
        "contact": sealing.seal(said.contact),
        "photo": photo
        and {"jpeg": b64encode(photo.body).decode(), "digest": photo.digest, "looks": photo.looks},
    }
    return {name: value for name, value in given.items() if value not in (None, "")}


def _place(number: int, kelurahan: str, at: datetime) -> None:
    """Declare the kelurahan that the citizen chose by its name, where no point says more."""
    if kelurahan and Report.objects.filter(pk=number, point=None).exists():
        placing.declare(number, kelurahan, CITIZEN, at)
