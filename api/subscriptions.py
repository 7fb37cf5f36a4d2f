"""Subscriptions by API: made, looked at, asked anew, ended; each is its key's alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from access import keys
from access.models import Scope
from api import bodies, choices, params
from geoplatform.errors import InvalidRequest, NotFound
from subscriptions import deliveries, receivers, signing, subscribers
from subscriptions.collect import chosen
from subscriptions.models import Delivery, Subscription

MOST_BYTES = 100_000
LAST_ID = (1 << 63) - 1
MEMBERS = {"url", *choices.NAMES}
STATES: dict[str, dict[str, Any]] = {
    "waiting": {"sent_at": None, "dead_at": None},
    "dead": {"dead_at__isnull": False},
    "sent": {"sent_at__isnull": False},
}
View = Callable[..., HttpResponse]


def held(**methods: View) -> View:
    """Return a view of some methods for holders of a key that may write; nobody keeps its answers."""

    @csrf_exempt
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        method = request.method or ""
        allowed = ", ".join([*methods, "OPTIONS"])
        if method == "OPTIONS":
            response = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = allowed
            response["Access-Control-Allow-Headers"] = "Authorization, X-Api-Key, Content-Type"
            response["Access-Control-Max-Age"] = "86400"
            return response
        if method not in methods:
            response = HttpResponse(status=405)
            response["Allow"] = allowed
            return response
        holder = keys.require(request, Scope.WRITE)
        response = methods[method](request, holder, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response

    return wraps(next(iter(methods.values())))(view)


def _listed(request: HttpRequest, holder: keys.Holder) -> HttpResponse:
    """``GET /api/subscriptions``: those of the key; it may have so few that they are one page."""
    params.only(request, set())
    return JsonResponse({"subscriptions": [_told(one) for one in subscribers.alive(holder.id)]})


def _create(request: HttpRequest, holder: keys.Holder) -> HttpResponse:
    """``POST /api/subscriptions``: make one; its secret is in this answer alone."""
    params.only(request, set())
    said = bodies.document(request, MOST_BYTES)
    unknown = sorted(set(said) - MEMBERS)
    if unknown:
        raise InvalidRequest(f"unknown member {unknown[0]!r}: known are {', '.join(sorted(MEMBERS))}")
    url = said.get("url")
    if not isinstance(url, str):
        raise InvalidRequest("url: the address of the receiver is expected")
    receivers.check(url, settings.WEBHOOK_HOSTS)
    one = subscribers.create(holder.id, url, choices.of_document(said), timezone.now())
    response = JsonResponse({**_told(one), "secret": signing.secret(one)}, status=201)
    response["Location"] = f"/api/subscriptions/{one.id}"
    return response


def _one(request: HttpRequest, holder: keys.Holder, id: int) -> HttpResponse:
    """``GET /api/subscriptions/{id}``: how it stands with it."""
    params.only(request, set())
    return JsonResponse(_told(_of(holder, id)))


def _end(request: HttpRequest, holder: keys.Holder, id: int) -> HttpResponse:
    """``DELETE /api/subscriptions/{id}``: tell its receiver nothing more."""
    subscribers.end(_of(holder, id))
    return HttpResponse(status=204)


def _verify(request: HttpRequest, holder: keys.Holder, id: int) -> HttpResponse:
    """``POST /api/subscriptions/{id}/verify``: ask the receiver anew whether it wants to be told."""
    one = _of(holder, id)
    subscribers.ask_anew(one, timezone.now())
    return JsonResponse(_told(one), status=202)


def _deliveries(request: HttpRequest, holder: keys.Holder, id: int) -> HttpResponse:
    """``GET /api/subscriptions/{id}/deliveries[?state=&limit=&after=]``: its messages, newest first."""
    params.only(request, {"state", "limit", "after"})
    state = request.GET.get("state", "dead")
    if state not in STATES:
        raise InvalidRequest(f"state {state!r} is none of {', '.join(STATES)}")
    limit = params.whole(request, "limit", default=50, least=1, most=200)
    after = params.whole(request, "after", default=LAST_ID, least=0, most=LAST_ID)
    found = _of(holder, id).delivery_set.filter(**STATES[state], id__lt=after).order_by("-id")
    page = list(found[: limit + 1])
    following = page[limit - 1].id if len(page) > limit else None
    return JsonResponse({"deliveries": [_message(one) for one in page[:limit]], "next_after": following})


def _retry(request: HttpRequest, holder: keys.Holder, id: int, delivery: int) -> HttpResponse:
    """``POST /api/subscriptions/{id}/deliveries/{delivery}/retry``: send a dead one again."""
    if delivery > LAST_ID or not _of(holder, id).delivery_set.filter(id=delivery).exists():
        raise NotFound(f"no delivery {delivery} of subscription {id}")
    deliveries.retry([delivery])
    return JsonResponse(_message(Delivery.objects.get(id=delivery)), status=202)


all_of_key = held(GET=_listed, HEAD=_listed, POST=_create)
one_of_key = held(GET=_one, HEAD=_one, DELETE=_end)
verify = held(POST=_verify)
messages = held(GET=_deliveries, HEAD=_deliveries)
retry = held(POST=_retry)


def _of(holder: keys.Holder, id: int) -> Subscription:
    if id > LAST_ID:
        raise NotFound(f"no subscription {id} of this key")
    return subscribers.find(holder.id, id)


def _told(one: Subscription) -> dict[str, Any]:
    area = chosen(one).area
    return {
        "id": one.id,
        "url": one.url,
        "state": one.state,
        "kelurahan": one.places,
        "category": one.categories,
        "office": one.offices,
        "report": one.reports,
        "polygon": None if area is None else area.__geo_interface__,
        "created_at": one.created_at,
        "verified_at": one.verified_at,
        "error": one.error,
        "waiting": one.delivery_set.filter(**STATES["waiting"]).count(),
        "dead": one.delivery_set.filter(**STATES["dead"]).count(),
    }


def _message(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "webhook_id": str(one.number),
        "reports": len(one.body["reports"]),
        "gone": len(one.body["gone"]),
        "created_at": one.created_at,
        "attempts": one.attempts,
        "next_at": None if one.sent_at or one.dead_at else one.next_at,
        "sent_at": one.sent_at,
        "dead_at": one.dead_at,
        "error": one.error,
    }
