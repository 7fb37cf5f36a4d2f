"""Reading a service request that was posted: strictly where it matters, and all of it is kept."""

import math
import re
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from geoplatform.errors import InvalidRequest, NotFound, TooLarge, Unsupported
from ingest.reading import mapping

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
MOST_BYTES = 65_536
MOST_FIELDS = 60
LONGEST = 4_000  # characters of a description, by the specification
LONGEST_WORD = 500  # of a name, an address, an attribute's own name
NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*", re.ASCII)
ATTRIBUTE = re.compile(r"attribute\[([^\]]{1,100})\](?:\[\])?")
TEXTS = {
    "description", "address_string", "address_id", "email", "device_id", "account_id", "first_name",
    "last_name", "phone", "media_url", "zipcode",
}  # fmt: skip


def request_of(request: HttpRequest) -> dict[str, Any]:
    """Return a posted request as a payload, with ``api_key`` and without ``jurisdiction_id``.

    Raises
    ------
    InvalidRequest
        A value is missing, or cannot be used.
    NotFound
        There is no such jurisdiction, or no such service.
    TooLarge, Unsupported
        More than is taken at once; a file, or another form.
    """
    fields = _fields(request)
    jurisdiction = fields.pop("jurisdiction_id", "") or settings.OPEN311_JURISDICTION
    if jurisdiction != settings.OPEN311_JURISDICTION:
        raise NotFound(
            f"jurisdiction_id {jurisdiction!r} was not found: here is {settings.OPEN311_JURISDICTION}"
        )
    code = fields.pop("service_code", "")
    if not code:
        raise InvalidRequest("service_code is missing")
    if code not in mapping.categories():
        raise NotFound(f"service_code {code!r} was not found: services lists them")
    posted: dict[str, Any] = {"service_code": code, **_place(fields)}
    posted |= {
        name: _text(name, fields.pop(name)) for name in ("api_key", *sorted(TEXTS)) if fields.get(name)
    }
    if not posted.get("media_url", "https://").lower().startswith(("https://", "http://")):
        raise InvalidRequest(f"media_url {posted['media_url'][:100]!r} is no address of the web")
    return posted | _rest(fields)


def _text(name: str, text: str) -> str:
    longest = LONGEST if name in ("description", "media_url") else LONGEST_WORD
    if len(text) > longest:
        raise InvalidRequest(f"{name} has {len(text)} characters: at most {longest} are taken")
    return text


def _fields(request: HttpRequest) -> dict[str, str]:
    """Return the fields of a form, the first value of each."""
    if (request.content_type or "") not in FORMS:
        raise Unsupported(f"Content-Type {request.content_type!r}, expected {' or '.join(FORMS)}")
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal():
        raise InvalidRequest("the header Content-Length says how long the body is")
    if int(length) > MOST_BYTES:
        raise TooLarge(f"more than {MOST_BYTES} bytes: a picture is given by media_url")
    try:
        form, files = request.POST, request.FILES
    except (BadRequest, MultiPartParserError, SuspiciousOperation):
        raise InvalidRequest("the form cannot be read") from None
    if files:
        raise Unsupported(f"{next(iter(files))} is a file: give the address of a picture as media_url")
    if len(form) > MOST_FIELDS:
        raise InvalidRequest(f"{len(form)} fields: at most {MOST_FIELDS} are taken")
    fields = {name: ", ".join(form.getlist(name)).strip() for name in form}
    # jurisdiction_id and api_key may stand in the address, as some clients have it.
    return {
        name: request.GET[name] for name in ("jurisdiction_id", "api_key") if name in request.GET
    } | fields


def _place(fields: dict[str, str]) -> dict[str, Any]:
    """Return position and address, one of which there must be; (0, 0) is what phones without a fix send."""
    lat, lon = fields.pop("lat", ""), fields.pop("long", "")
    if bool(lat) != bool(lon):
        raise InvalidRequest("lat and long: one of them is missing")
    place = {"lat": _degrees("lat", lat, 90), "long": _degrees("long", lon, 180)} if lat else {}
    if place == {"lat": 0.0, "long": 0.0}:
        place = {}
    if not place and not fields.get("address_string") and not fields.get("address_id"):
        raise InvalidRequest("lat and long are missing, and address_string and address_id too")
    return place


def _degrees(name: str, text: str, limit: float) -> float:
    value = float(text) if NUMBER.fullmatch(text) else math.nan
    if not abs(value) <= limit:
        raise InvalidRequest(f"{name} {text[:30]!r} is no number from -{limit:g} to {limit:g}")
    return value


def _rest(fields: dict[str, str]) -> dict[str, Any]:
    """Return attributes, and what the specification does not know, each apart."""
    attributes, more = {}, {}
    for name, text in fields.items():
        attribute = ATTRIBUTE.fullmatch(name)
        if attribute:
            attributes[attribute[1]] = _text("an attribute", text)
        elif text:
            more[_text("the name of a field", name)] = _text("a field", text)
    return {key: kept for key, kept in (("attribute", attributes), ("more", more)) if kept}
