"""Counts the requests that Django answers, by door and status, and how long they took."""

import re
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

ANSWERS = Counter("geoplatform_answers", "Answers of Django, by door and status.", ["door", "status"])
SECONDS = Histogram(
    "geoplatform_answer_seconds",
    "How long Django took to answer, by door.",
    ["door"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)
DOORS = ("api/staff", "api", "staff", "tiles", "open311", "mapsengine", "mapit", "push", "reports", "static")
PART = re.compile(rf"/({'|'.join(DOORS)})(?:[/.]|$)")


class CountMiddleware:
    """Counts each answer of Django; tiles and features in front of it are counted where they are made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and count."""
        began = time.perf_counter()
        response = self.get_response(request)
        door = door_of(request.path)
        ANSWERS.labels(door, str(response.status_code)).inc()
        SECONDS.labels(door).observe(time.perf_counter() - began)
        return response


def door_of(path: str) -> str:
    """Return the part of an address by which it is counted: few, whatever strangers ask for."""
    found = PART.match(path)
    return found[1] if found else "other"
