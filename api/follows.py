"""``POST /api/follows``: e-mail, which begins by a link in a first mail and ends by one in each."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from access import limits
from access.clients import LOCAL, client
from api import bodies, choices
from casework.citizens import watching
from casework.citizens.watching import Wish
from geoplatform.errors import InvalidRequest, TooMany

MOST_BYTES = 100_000
MEMBERS = {"email", "lang", "pace", *choices.NAMES}
ASKED_AN_HOUR, HOUR_S = 20, 3600  # by one client, whatever the addresses


@csrf_exempt  # nothing is done in anybody's name: the owner of the address decides by the link that they get
@never_cache
@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """Whoever asks hears the same, whether or not the address is known here."""
    said = bodies.document(request, MOST_BYTES)
    unknown = sorted(set(said) - MEMBERS)
    if unknown:
        raise InvalidRequest(f"unknown member {unknown[0]!r}: known are {', '.join(sorted(MEMBERS))}")
    texts = {name: said.get(name, usual) for name, usual in (("email", ""), ("lang", "id"), ("pace", "soon"))}
    for name, value in texts.items():
        if not isinstance(value, str) or "\0" in value:
            raise InvalidRequest(f"{name}: a text is expected")
    count(request)
    watching.ask(
        Wish(texts["email"].strip(), choices.of_document(said), texts["lang"], texts["pace"]), timezone.now()
    )
    return JsonResponse({"asked": True}, status=202)


def count(request: HttpRequest) -> None:
    """Count what a client asks for, or raise TooMany."""
    header = request.META.get
    who = client(header("REMOTE_ADDR", ""), header("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)
    if who == LOCAL:
        return
    verdict = limits.count(limits.of_window("follows", who, ASKED_AN_HOUR, HOUR_S))
    if not verdict.passes:
        raise TooMany(f"{ASKED_AN_HOUR} an hour are taken from one address", max(1, verdict.retry_s))
