import gzip
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from api.front import Front
from geoplatform.errors import Busy
from reports import intake
from tests.conftest import MONAS
from tests.grid import tile_of

AT = tile_of(*MONAS, 12)
PATH = f"/tiles/reports/{AT.z}/{AT.x}/{AT.y}"
NUMBER = "0af7651916cd43dd8448eb211c80319c"
SURPLUS = {"content-length"}  # Django leaves it to the server where there is no body


class Asked:
    """What an application answered."""

    def __init__(self, application, path: str, method: str = "GET", query: str = "", **headers: str) -> None:
        environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "QUERY_STRING": query, **headers}
        setup_testing_defaults(environ)
        environ["HTTP_X_REQUEST_ID"] = NUMBER  # the same for whoever is asked
        environ["wsgi.input"] = io.BytesIO()
        self.status, self.headers, self.body = "", {}, b""
        pieces = application(environ, self._started)
        self.body = b"".join(pieces)

    def _started(self, status, headers, *rest) -> None:
        self.status, self.headers = status, {name.lower(): value for name, value in headers}


@pytest.fixture
def front(db, held) -> Front:
    return Front(WSGIHandler())


@pytest.fixture
def alone(held) -> Front:
    """A front behind which there is nothing."""

    def nothing(environ, start_response):
        raise AssertionError(f"{environ['PATH_INFO']} was left to Django")

    return Front(nothing)


@pytest.fixture
def both(front):
    """Ask the front and Django by itself, and return both answers."""

    def ask(*args: str, **headers: str) -> tuple[Asked, Asked]:
        return Asked(front, *args, **headers), Asked(WSGIHandler(), *args, **headers)

    return ask


@pytest.fixture
def reported(city, submission):
    intake.receive([submission(str(n)) for n in range(50)], simulated=False)


@pytest.mark.parametrize("form", ["mvt", "geojson"])
@pytest.mark.parametrize("layer", ["reports", "kelurahan", "jams"])
@pytest.mark.parametrize("encoding", ["", "gzip", "br", "gzip;q=0"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_answers_as_django_does_to_the_last_header(reported, both, layer, form, encoding, method):
    path = f"/tiles/{layer}/{AT.z}/{AT.x}/{AT.y}.{form}"
    mine, djangos = both(path, method, "", HTTP_ACCEPT_ENCODING=encoding)
    # The body of a HEAD is left out by the server that Django runs in.
    assert (mine.status, mine.body) == (djangos.status, djangos.body if method == "GET" else b"")
    assert mine.headers == djangos.headers


def test_a_tile_passes_nothing_of_django(reported, alone):
    answer = Asked(alone, f"{PATH}.mvt", HTTP_ACCEPT_ENCODING="gzip")
    assert answer.status == "200 OK"
    assert gzip.decompress(answer.body).startswith(b"\x1a")
    assert answer.headers["x-request-id"] == NUMBER


def test_what_the_caller_has_is_304_as_from_django(reported, both):
    first, _ = both(f"{PATH}.mvt")
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", "*", f'"other", {tag}'):
        mine, djangos = both(f"{PATH}.mvt", HTTP_IF_NONE_MATCH=known)
        assert (mine.status, mine.body) == ("304 Not Modified", b"") == (djangos.status, djangos.body)
        assert mine.headers == {k: v for k, v in djangos.headers.items() if k not in SURPLUS}


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/tiles/nowhere/1/0/0.mvt", "", "404"),
        ("/tiles/reports/1/2/0.mvt", "", "400"),
        ("/tiles/reports/1/0/0.mvt", "colour=red", "400"),
        ("/tiles/jams/1/0/0.mvt", "status=done", "400"),
        ("/tiles/reports/1/0/0.mvt", "from=yesterday", "400"),
        ("/tiles/reports/1/0/0.mvt", "from=2026-05-02&to=2026-05-01", "400"),
        ("/tiles/reports/1/0/0.mvt", "status=done&status=waiting", "400"),
        ("/tiles/reports.json", "", "200"),
        ("/health", "", "200"),
    ],
)
def test_what_it_cannot_answer_is_left_to_django(front, path, query, status):
    assert Asked(front, path, "GET", query).status.startswith(status)


def test_another_host_is_refused_as_by_django(front):
    assert Asked(front, f"{PATH}.mvt", HTTP_HOST="elsewhere.example").status.startswith("400")


def test_another_method_is_refused_as_by_django(front):
    assert Asked(front, f"{PATH}.mvt", "POST").status.startswith("405")
    assert Asked(front, f"{PATH}.mvt", "OPTIONS").status.startswith("204")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("category=road", {"1", "3"}),
        ("category=road,flood", {"1", "2", "3"}),
        ("status=waiting&category=flood", {"2"}),
        ("channel=qlue", {"1", "2", "3"}),
        ("channel=x", set()),
        ("kelurahan=31.71.01.1001", {"1", "2", "3"}),
        ("from=2026-05-15", {"3"}),
        ("to=2026-05-14", {"1", "2"}),
        ("from=2026-05-14&to=2026-05-14&category=road", {"1"}),
        ("", {"1", "2", "3"}),
    ],
)
def test_a_tile_can_be_filtered(city, submission, client, query, ids):
    from datetime import timedelta

    from reports.models import Report
    from tests.conftest import NOON

    later = NOON + timedelta(days=1)
    intake.receive(
        [
            submission("1"),
            submission("2", category="flood"),
            submission("3", submitted_at=later, updated_at=later),
        ],
        simulated=False,
    )
    found = client.get(f"{PATH}.geojson?{query}").json()["features"]
    named = dict(Report.objects.values_list("id", "external_id"))
    assert {named[feature["id"]] for feature in found} == ids


def test_what_is_too_much_at_a_time_is_refused_at_once_and_not_asked_of_django(alone, monkeypatch):
    def busy(asked):
        raise Busy

    monkeypatch.setattr("api.tiles.respond", busy)
    answer = Asked(alone, f"{PATH}.mvt", query="category=road")
    assert answer.status == "503 Service Unavailable"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["retry-after"] == "1" and answer.headers["access-control-allow-origin"] == "*"
    assert json.loads(answer.body)["status"] == 503


def test_what_nobody_foresaw_is_the_problem_that_it_is_everywhere(front, monkeypatch, caplog):
    def fail(*args):
        raise KeyError("unforeseen")

    monkeypatch.setattr("layers.tiles.served", fail)
    answer = Asked(front, f"{PATH}.mvt")
    assert answer.status.startswith("500")
    assert b"something went wrong on our side" in answer.body
    assert b"unforeseen" not in answer.body
    assert "front failed" in caplog.text


@pytest.mark.parametrize(
    "path",
    ["/api/collections/reports/items", "/api/collections/jams/items", "/api/collections/kota/items",
     "/api/collections/reports/items/0", "/api/collections/nowhere/items"],
)  # fmt: skip
@pytest.mark.parametrize("query", ["", "limit=3", "limit=x", "f=html", "limit=3&category=road"])
@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_answers_features_as_django_does_to_the_last_header(reported, both, path, query, encoding, method):
    mine, djangos = both(path, method, query, HTTP_ACCEPT_ENCODING=encoding)
    assert mine.status == djangos.status
    # Where Django answers both, the server leaves the body of a HEAD out.
    assert mine.body in (djangos.body, b"" if method == "HEAD" else djangos.body)
    surplus = SURPLUS if method == "HEAD" else set()
    assert {name: value for name, value in mine.headers.items() if name not in surplus} == {
        name: value for name, value in djangos.headers.items() if name not in surplus
    }


def test_a_page_of_features_that_is_known_is_304(reported, both):
    path = "/api/collections/reports/items"
    first, _ = both(path)
    mine, djangos = both(path, HTTP_IF_NONE_MATCH=first.headers["etag"])
    assert (mine.status, mine.body) == ("304 Not Modified", b"") == (djangos.status, djangos.body)
    assert mine.headers == {key: value for key, value in djangos.headers.items() if key not in SURPLUS}


def test_a_browser_gets_a_page_from_django(reported, front):
    answer = Asked(front, "/api/collections/reports/items", HTTP_ACCEPT="text/html,*/*;q=0.8")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["/tiles/reports.json", "/api/collections", "/api/collections/reports/items"]
)
@pytest.mark.parametrize(
    ("remote", "said", "scheme"),
    [
        ("127.0.0.1", "https", "https"),
        ("", "https", "https"),
        ("127.0.0.1", "http, https", "https"),
        ("127.0.0.1", "https, http", "http"),
        ("127.0.0.1", "gopher", "http"),
        ("203.0.113.7", "https", "http"),
    ],
)
def test_links_begin_as_a_trusted_proxy_says_and_nobody_else(reported, front, path, remote, said, scheme):
    answer = Asked(front, path, REMOTE_ADDR=remote, HTTP_X_FORWARDED_PROTO=said, HTTP_HOST="localhost")
    assert answer.status == "200 OK"
    assert set(re.findall(rb"(https?)://localhost", _plain(answer))) == {scheme.encode()}


def _plain(answer: Asked) -> bytes:
    return gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body


def test_a_thread_holds_no_connection_behind_its_answer(transactional_city):
    def answered() -> tuple[str, bool]:
        status = Asked(Front(WSGIHandler()), "/api/collections/kelurahan/items", query="limit=1").status
        return status, connection.connection is None

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(answered).result() == ("200 OK", True)
