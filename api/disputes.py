"""A citizen's word against an answer: whoever has the link that the answer bears may dispute it."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from access import audit
from access.audit import Origin
from api import bodies, params
from api.casework import tries
from casework.steps import disputes
from geoplatform.errors import InvalidRequest

MOST_BYTES = 20_000


@csrf_exempt  # the token is all the proof that there is, and all that is needed
@require_http_methods(["POST"])
def dispute(request: HttpRequest) -> HttpResponse:
    """``POST /api/disputes``: open a case anew, by ``token`` and ``text``; its office has it again."""
    params.only(request, set())
    token, text = _said(request)
    at = timezone.now()
    report_id = tries.report_of(request, token, at)
    with transaction.atomic():
        case = disputes.by_token(token, text, at)
        audit.record("case.dispute", Origin(f"citizen:{report_id}"), at, f"report:{case}")
    response = JsonResponse({"report": report_id, "disputed_at": at}, status=202)
    response["Cache-Control"] = "no-store"
    return response


def _said(request: HttpRequest) -> tuple[str, str]:
    said = bodies.document(request, MOST_BYTES)
    if set(said) != {"token", "text"}:
        raise InvalidRequest("the body has token and text, and nothing else")
    if not all(isinstance(value, str) and "\0" not in value for value in said.values()):
        raise InvalidRequest("token and text are texts")
    return said["token"], said["text"]
