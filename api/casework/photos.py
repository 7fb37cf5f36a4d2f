"""The photos of a case: the problem before, and what the office shows of its work; looked at, and shown."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from api import params
from api.casework import one
from api.casework.door import Asked, door
from casework.desk import photos
from casework.desk.photos import Pictured
from casework.models import Case
from geoplatform.errors import InvalidRequest, NotFound, Rejected, TooLarge, Unsupported
from reports import pictures

MOST_BYTES = 10_000_000
BARE = "default-src 'none'; sandbox"


def _listed(asked: Asked, id: int) -> Any:
    """``GET /api/staff/cases/{id}/photos``: its photos, oldest first, and what speaks against each."""
    params.only(asked.request, set())
    return {"photos": _shown(id, seen(asked, one.look(asked, id)))}


def seen(asked: Asked, case: Case) -> list[Pictured]:
    """Return the photos of a case that somebody may look at: those of the work, and a citizen's where needed.

    How far from a sensitive report each was taken is for who may see where that is.
    """
    found = photos.seen_by(asked.user, case.pk)
    return found if one.is_exact(asked, case) else [photos.veiled(photo) for photo in found]


def _shown(case_id: int, found: Iterable[Pictured]) -> list[dict[str, Any]]:
    return [
        {
            "id": photo.id, "role": photo.role, "shown_at": photo.shown_at, "taken_at": photo.taken_at,
            "distance_m": photo.distance_m,
            # A picture that was thrown away is a row still, and says so.
            "picture": f"/api/staff/cases/{case_id}/photos/{photo.id}" if photo.is_kept else None,
            "doubts": [
                {
                    "kind": doubt.kind, "name": {"id": doubt.name_id, "en": doubt.name_en},
                    "amount": doubt.amount, "most": doubt.most, "unit": doubt.unit,
                    "earlier": doubt.earlier_photo_id and {
                        "case": doubt.earlier_report_id, "photo": doubt.earlier_photo_id,
                        "at": doubt.earlier_at,
                    },
                }
                for doubt in photo.doubts
            ],
        }
        for photo in found
    ]  # fmt: skip


def _picture(asked: Asked, id: int, photo: int) -> HttpResponse:
    """``GET /api/staff/cases/{id}/photos/{photo}``: the picture, without EXIF; the look is recorded."""
    params.only(asked.request, set())
    case = one.look(asked, id)
    found = next((known for known in seen(asked, case) if known.id == photo), None)
    body = found and found.is_kept and photos.body(found)
    if found is None or not body:
        raise NotFound(f"case {id} has no photo {photo}, or it was thrown away")
    asked.record("case.photo", f"report:{id}", photo=photo)
    response = HttpResponse(body, content_type=found.media_type)
    response["Content-Security-Policy"] = BARE
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _show(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/photos``: show a picture of the work; its EXIF is read, and left out."""
    case = one.hold_own(asked, id)
    try:
        picture, _ = pictures.read(asked.said["picture"])
    except Rejected as error:
        raise InvalidRequest(str(error)) from None
    made = photos.show(case, picture, asked.at)
    asked.record("case.show", f"report:{id}", photo=made.pk)
    (shown,) = _shown(id, [known for known in photos.of_case(id) if known.id == made.pk])
    return JsonResponse(shown, status=201)


def _body(request: HttpRequest) -> dict[str, Any]:
    """Return the picture that was posted as it is, without reading more than may be sent."""
    params.only(request, set())
    if not (request.content_type or "").lower().startswith("image/"):
        raise Unsupported(f"Content-Type {request.content_type!r}, expected a picture: image/jpeg")
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TooLarge(f"more than {MOST_BYTES} bytes")
    if not pictures.is_picture(body):
        raise InvalidRequest("the body is no picture of a kind that cameras make")
    return {"picture": body}


ANSWER = "casework.answer|casework.triage|casework.supervise"
of_case = door(_body, GET=("casework.view_case", _listed), POST=(ANSWER, _show))
picture = door(GET=("casework.view_case", _picture))
