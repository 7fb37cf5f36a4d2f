"""Reading the report form: strictly, field by field, and what is wrong is said beside each."""

import hashlib
import json
import math
import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from geoplatform.errors import InvalidFields, InvalidRequest, Rejected, TooLarge, Unsupported
from ingest.reading import mapping
from layers.record import LonLat
from reports import pictures
from reports.record import Photo

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
MOST_BYTES = 12_000_000
LONGEST = {"description": 2_000, "hint": 300, "contact": 200}
NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*", re.ASCII)
KEY = re.compile(r"[\w-]{16,64}", re.ASCII)
KELURAHAN = re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{4}", re.ASCII)
ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
PHONE = re.compile(r"\+?[\d\s().-]{8,24}", re.ASCII)
# A report may wait so long for a line; what a device says beyond is no time.
LONGEST_WAIT, FAST_CLOCK = timedelta(days=7), timedelta(minutes=5)
UNREADABLE = (BadRequest, MultiPartParserError, SuspiciousOperation)


@dataclass(frozen=True)
class Written:
    """What a citizen wrote, read and checked; ``key`` is of this one act of writing."""

    key: str
    category: str
    description: str
    point: LonLat | None
    kelurahan: str
    hint: str
    contact: str
    photo: Photo | None
    written_at: datetime | None

    @property
    def token(self) -> str:
        """What it is known by: the same for the same key and content, however often and late it comes."""
        photo = self.photo.digest if self.photo else ""
        said = [self.key, self.category, self.description, self.point, self.kelurahan, self.hint]
        return hashlib.sha256(json.dumps([*said, self.contact, photo]).encode()).hexdigest()[:32]


def read(request: HttpRequest, at: datetime) -> Written:
    """Return what a form says.

    Raises
    ------
    InvalidFields
        Some fields cannot be used, or are missing; all of them are named.
    InvalidRequest, TooLarge, Unsupported
        It is no form, or more than is taken.
    """
    form, wrong = fields(request), {}
    key = request.headers.get("Idempotency-Key", "").strip('"') or form.get("key", "")
    if not KEY.fullmatch(key):
        wrong["key"] = "missing"
    if form.get("website"):
        wrong["website"] = "filled"
    if form.get("category", "") not in mapping.categories():
        wrong["category"] = "missing"
    wrong |= {name: "too_long" for name, most in LONGEST.items() if len(form.get(name, "")) > most}
    point, kelurahan, fault = _place(form)
    photo, spoilt = picture(request, form)
    wrong |= {name: why for name, why in (("place", fault), ("photo", spoilt)) if why}
    if not form.get("description") and photo is None and "photo" not in wrong:
        wrong.setdefault("description", "missing")
    contact = form.get("contact", "")
    if contact and not (ADDRESS.fullmatch(contact) or PHONE.fullmatch(contact)):
        wrong.setdefault("contact", "unusable")
    if wrong:
        raise InvalidFields(wrong)
    written_at = _written_at(form.get("written_at", ""), at)
    hint = form.get("hint", "")
    return Written(
        key, form["category"], form.get("description", ""), point, kelurahan, hint, contact, photo, written_at
    )


def fields(request: HttpRequest) -> dict[str, str]:
    """Return the texts of a form, the first value of each field; raises as ``read``, but InvalidFields."""
    if (request.content_type or "") not in FORMS:
        raise Unsupported(f"Content-Type {request.content_type!r}, expected {' or '.join(FORMS)}")
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal():
        raise InvalidRequest("the header Content-Length says how long the body is")
    if int(length) > MOST_BYTES:
        raise TooLarge(f"{length} bytes, at most {MOST_BYTES} are taken")
    try:
        return {name: _clean(values[0]) for name, values in request.POST.lists()}
    except UNREADABLE:
        raise InvalidRequest("the form cannot be read") from None


def picture(request: HttpRequest, form: dict[str, str]) -> tuple[Photo | None, str]:
    """Return the picture without EXIF, as it was sent or as the page kept it; and what is wrong with it."""
    sent: Any = request.FILES.get("photo")
    try:
        if sent:
            sent.seek(0)  # who shows the form anew reads it twice
        body = sent.read() if sent else b64decode(form.get("kept_photo", ""), validate=True)
        return (pictures.clean(body), "") if body else (None, "")
    except (Rejected, ValueError):  # no base64, or no ASCII
        return None, "unreadable"


def _clean(text: str) -> str:
    return text.replace("\0", "").replace("\r\n", "\n").encode("utf-8", "replace").decode().strip()


def _place(form: dict[str, str]) -> tuple[LonLat | None, str, str]:
    """Return point and kelurahan, one of which there is unless words say where it is; and what is wrong."""
    lon, lat, kelurahan = (form.get(name, "") for name in ("lon", "lat", "kelurahan"))
    if lon or lat:
        point = _point(lon, lat)
        return (point, "", "") if point else (None, "", "outside")
    if kelurahan and not KELURAHAN.fullmatch(kelurahan):
        return None, "", "unknown"
    return None, kelurahan, "" if kelurahan or form.get("hint") else "missing"


def _point(lon: str, lat: str) -> LonLat | None:
    x, y = (float(text) if NUMBER.fullmatch(text) else math.nan for text in (lon, lat))
    west, south, east, north = settings.CITY_BOUNDS
    return LonLat(x, y) if west <= x <= east and south <= y <= north else None


def _written_at(text: str, at: datetime) -> datetime | None:
    """Return when it was written, as the device says; nothing where that cannot be."""
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return None
    if said.tzinfo is None or not at - LONGEST_WAIT <= said <= at + FAST_CLOCK:
        return None
    return min(said, at)
