"""A few writes at a time, so that who reads is answered while commits wait.

A commit waits for the standby that is to have it (ADR 0126), for minutes where that one is cut off. A web
process has four threads: four writers who wait would leave nobody to answer a map (ADR 0127).
"""

from collections.abc import Callable
from threading import BoundedSemaphore

from django.http import HttpRequest, HttpResponse

from api.errors import ErrorMiddleware
from api.limits import ASKED_BY_POST, HARMLESS
from geoplatform.errors import Busy

MOST = 2
PATIENCE_S = 2.0  # a burst is over sooner


class Places:
    """Places of a process for those who write; whoever finds all taken waits a moment.

    Where a moment was too short for one, the next are refused at once until a place is given back: each that
    waited would hold the thread that is left for reading.
    """

    def __init__(self, most: int, patience_s: float) -> None:
        self.patience_s = patience_s
        self._free = BoundedSemaphore(most)
        self._are_stuck = False

    def take(self) -> None:
        """Take a place.

        Raises
        ------
        Busy
            All are taken, and none was given back in a moment.
        """
        if not self._free.acquire(timeout=0 if self._are_stuck else self.patience_s):
            self._are_stuck = True
            raise Busy("what was sent before waits to be stored: try again in a second")

    def give_back(self) -> None:
        """Give a place back."""
        self._are_stuck = False
        self._free.release()


class WritingMiddleware:
    """Gives each request that may write a place while it is answered, or refuses it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.places = Places(MOST, PATIENCE_S)
        self._errors = ErrorMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        if request.method in HARMLESS or request.path_info == ASKED_BY_POST:
            return self.get_response(request)
        try:
            self.places.take()
        except Busy as error:
            return self._errors.process_exception(request, error)
        try:
            return self.get_response(request)
        finally:
            self.places.give_back()
