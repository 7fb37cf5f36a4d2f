"""Who reads is answered while those who write wait for their commits."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from api.limits import ASKED_BY_POST
from api.writing import MOST, WritingMiddleware

PATIENCE_S = 120.0
asked = RequestFactory()


class Slow:
    """What answers writes to ``/push/slow`` when it is told to, and all else at once."""

    def __init__(self) -> None:
        self.begun, self.may_end = Barrier(MOST + 1), Event()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/push/slow":
            self.begun.wait(PATIENCE_S)
            assert self.may_end.wait(PATIENCE_S)
        return HttpResponse("done")


@contextmanager
def all_taken() -> Iterator[tuple[WritingMiddleware, Slow, list[Future[HttpResponse]]]]:
    slow = Slow()
    middleware = WritingMiddleware(slow)
    middleware.places.patience_s = 0.01
    with ThreadPoolExecutor(MOST) as people:
        waiting = [people.submit(middleware, asked.post("/push/slow")) for _ in range(MOST)]
        slow.begun.wait(PATIENCE_S)
        try:
            yield middleware, slow, waiting
        finally:
            slow.may_end.set()


def test_a_write_is_refused_while_all_places_wait() -> None:
    with all_taken() as (middleware, _, waiting):
        refused = middleware(asked.post("/push/quick"))
        assert (refused.status_code, refused["Retry-After"]) == (503, "1")
        assert not any(one.done() for one in waiting)
    assert [one.result().status_code for one in waiting] == [200] * MOST


@pytest.mark.parametrize(
    "request_",
    [asked.get("/api/reports"), asked.head("/"), asked.options("/"), asked.post(ASKED_BY_POST)],
    ids=["get", "head", "options", "question"],
)
def test_who_reads_is_answered_meanwhile(request_: HttpRequest) -> None:
    with all_taken() as (middleware, _, _):
        assert middleware(request_).status_code == 200


def test_after_one_was_refused_the_next_do_not_wait_until_a_place_is_given_back() -> None:
    with all_taken() as (middleware, slow, waiting):
        middleware(asked.post("/push/quick"))
        middleware.places.patience_s = 10 * PATIENCE_S  # who waited would be seen
        assert middleware(asked.post("/push/quick")).status_code == 503
        slow.may_end.set()
        assert [one.result(PATIENCE_S).status_code for one in waiting] == [200] * MOST
        assert middleware(asked.post("/push/quick")).status_code == 200


def test_a_write_that_fails_gives_its_place_back() -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    middleware = WritingMiddleware(fail)
    middleware.places.patience_s = 0
    for _ in range(MOST + 1):
        with pytest.raises(ZeroDivisionError):
            middleware(asked.post("/push/quick"))
