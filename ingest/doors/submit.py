"""The Open311 door: an app posts a service request, which is kept, stored, placed and routed as every report.

A request whose payload is kept is taken, whatever becomes of it after: where it cannot be stored at once the
answer is a token, as the specification has it, and the worker takes up what waits.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from geoplatform import sql
from geoplatform.errors import NotFound, TooMany
from ingest.doors import api_keys, handed_in
from ingest.doors.posted import request_of
from reports import georeport
from reports.georeport import FEED

logger = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
NOTICE = "Laporan diterima. / The report was received."


@csrf_exempt
@never_cache
@require_POST
def submit(request: HttpRequest, form: str) -> HttpResponse:
    """``POST /open311/v2/requests``: take a request, and answer with its number or its token."""
    posted = request_of(request)
    client = api_keys.client(posted.pop("api_key", ""))
    now = timezone.now()
    token = _token(client, posted, now)
    known = handed_in.number(FEED, token)
    if known is None:
        _within_bounds(client, now)
        known = handed_in.take(
            FEED,
            "requests",
            {"token": token, "client": client, "requested_datetime": now.isoformat(), **posted},
        )
    logger.info("request taken client=%s token=%s number=%s", client, token, known)
    return _answer(form, {"token": token} if known is None else {"service_request_id": known})


@never_cache
@require_http_methods(["GET", "HEAD", "OPTIONS"])
def token(request: HttpRequest, token: str, form: str) -> HttpResponse:
    """``GET /open311/v2/tokens/{token}``: the number of a request, once it has one."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Access-Control-Allow-Methods": "GET, HEAD, OPTIONS"})
    number = None if "\0" in token else handed_in.number(FEED, token)
    if number is None and not handed_in.is_waiting(FEED, token):
        raise NotFound(f"token {token!r} was not found")
    body = georeport.listed(form, georeport.REQUESTS, [{"service_request_id": number, "token": token}])
    return HttpResponse(body, content_type=georeport.MEDIA_TYPES[form])


def _token(client: str, posted: Mapping[str, Any], now: datetime) -> str:
    """Return what a request is known by: the same for the same content within one hour.

    An app that got no answer posts again; a citizen who reports the same an hour later means another event.
    """
    said = json.dumps([client, now.strftime("%Y-%m-%dT%H"), posted], sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]


def _within_bounds(client: str, now: datetime) -> None:
    """Let no key post more in an hour than one may."""
    params = {"feed": FEED, "since": now - HOUR, "client": client}
    if sql.scalar("ingest/posted", params) >= settings.OPEN311_AN_HOUR:
        most = settings.OPEN311_AN_HOUR
        raise TooMany(f"api_key: {most} requests an hour are taken from one key", retry_after_s=600)


def _answer(form: str, known: Mapping[str, str]) -> HttpResponse:
    row = {**known, "service_notice": NOTICE, "account_id": None}
    body = georeport.listed(form, georeport.REQUESTS, [row])
    return HttpResponse(body, content_type=georeport.MEDIA_TYPES[form])
