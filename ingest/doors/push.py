"""The push door: a feed sends its document by itself, signed with a key that only the two of us know.

docs/reference/push.md tells senders all of it.
"""

import hmac
import logging
import re
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from geoplatform.errors import (
    BadSettings,
    Conflict,
    FeedError,
    InvalidRequest,
    Mixed,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unsupported,
)
from ingest import feeds, pipeline
from ingest.models import Push

logger = logging.getLogger(__name__)

WINDOW = timedelta(minutes=5)
# A signature may be as far ahead of us as it may be behind: for so long it could come again.
KEPT = 3 * WINDOW
MOST_BYTES = 2_000_000
SHORTEST_KEY = 16
JSON_ONLY = ("application/json",)


@csrf_exempt
@never_cache
@require_POST
def push(request: HttpRequest, feed: str) -> HttpResponse:
    """Take a document of a feed, and answer when it is stored and on the map."""
    key = _key(feed)
    if not key:
        raise NotFound(f"there is nothing at {request.path}")
    body = _body(request, feed)
    signature = _verified(request, feed, key, body)
    _remember(feed, signature)
    try:
        tally = pipeline.push(feed, body)
    except FeedError as error:
        raise InvalidRequest(str(error)) from None
    except Mixed as error:
        raise Conflict(str(error)) from None
    except BaseException:
        # It was not taken: the very same message may come again.
        Push.objects.filter(signature=signature).delete()
        raise
    logger.info(
        "push taken feed=%s accepted=%d new=%d changed=%d rejected=%d",
        feed, tally.fetched, tally.new, tally.changed, tally.rejected,
    )  # fmt: skip
    return JsonResponse(
        {
            "accepted": tally.fetched,
            "new": tally.new,
            "changed": tally.changed,
            "rejected": tally.rejected,
        }
    )


def _key(feed: str) -> bytes:
    """Return the key that a feed's pushes are signed with; empty without one, or without such a feed."""
    if feed not in feeds.names():
        return b""
    variable = f"GEOPLATFORM_FEED_{feed.upper()}_PUSH_KEY"
    key = feeds.secret(variable)
    if key and len(key) < SHORTEST_KEY:
        raise BadSettings(f"{variable} has fewer than {SHORTEST_KEY} characters")
    return key.encode()


def _body(request: HttpRequest, feed: str) -> bytes:
    """Return the body, if it is not too long and of a kind that the feed sends."""
    try:
        length = int(request.headers.get("Content-Length") or "")
    except ValueError:
        raise InvalidRequest("the header Content-Length says how long the body is") from None
    if length > MOST_BYTES:
        raise TooLarge(f"{length} bytes, at most {MOST_BYTES} are taken at once")
    kinds = feeds.feed(feed).options.get("push_types", JSON_ONLY)
    if (request.content_type or "").lower() not in kinds:
        raise Unsupported(f"Content-Type {request.content_type!r}, expected {' or '.join(kinds)}")
    return request.body


def _verified(request: HttpRequest, feed: str, key: bytes, body: bytes) -> bytes:
    """Return the signature, if it is the right one and made lately.

    Whatever is wrong with it has the same answer: none helps to make a better one.
    """
    made_at = request.headers.get("X-Geoplatform-Timestamp", "")
    shown = request.headers.get("X-Geoplatform-Signature", "").strip().lower()
    made = hmac.new(key, made_at.encode() + b"." + body, "sha256")
    is_right = hmac.compare_digest(shown.encode(), f"sha256={made.hexdigest()}".encode())
    if not (is_right and _is_recent(made_at)):
        logger.warning("push refused feed=%s", feed)
        raise Unauthenticated("the signature is missing, wrong, or not of the last five minutes")
    return made.digest()


def _is_recent(made_at: str) -> bool:
    if not re.fullmatch(r"[0-9]{1,11}", made_at):
        return False
    return abs(int(made_at) - timezone.now().timestamp()) <= WINDOW.total_seconds()


def _remember(feed: str, signature: bytes) -> None:
    """Note a signature, or raise Conflict where it came before."""
    now = timezone.now()
    Push.objects.filter(received_at__lt=now - KEPT).delete()
    _, is_new = Push.objects.get_or_create(signature=signature, defaults={"feed": feed, "received_at": now})
    if not is_new:
        raise Conflict("this very message came before: sign each attempt anew")
