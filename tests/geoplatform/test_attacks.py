"""What is sent to do harm, at every door that takes it: nothing is a fault of ours, and nothing comes out."""

import csv
import gzip
import io
import json
import tracemalloc
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.test import Client

from access import keys
from api.front import Front
from api.questions import forms
from casework.board import spreadsheet
from geoplatform.errors import FeedUnavailable, GeoplatformError
from ingest import feeds
from ingest.network.http import download
from tests.api.casework.conftest import case, login, office
from tests.api.casework.test_roles_and_doors import TABLE
from tests.geoplatform.test_doors import KEYS, fill

__all__ = ["case", "login", "office"]
DEEP = {
    "arrays": b"[" * 200_000,
    "objects": b'{"a":' * 100_000,
    "closed": b"[" * 100_000 + b"]" * 100_000,
    "a number of a million digits": b'{"id": ' + b"9" * 1_000_000 + b"}",
    "one text": b'{"id": "' + b"\\u0041" * 100_000 + b'"}',
}
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1")
JSON = {"content_type": "application/json"}


@pytest.mark.parametrize("kind", DEEP)
def test_no_nested_or_endless_json_is_a_fault_of_ours(case, login, kind):
    id, client = case(), login("supervisor")
    client.user.is_superuser = True
    client.user.save()
    _, key = keys.create("x", ["write"])
    for method, route in TABLE:
        if method == "POST" and not route.endswith("/photos"):
            answer = client.post(fill(route, id=id), DEEP[kind], **JSON)
            assert answer.status_code in (400, 404, 409, 413, 415), (route, answer.status_code)
    public = Client(headers={"X-Api-Key": key})
    for address in ("/api/locate", "/api/disputes", "/api/follows", *(fill(route) for route in KEYS)):
        answer = public.post(address, DEEP[kind], **JSON)
        assert 400 <= answer.status_code < 500, (address, answer.status_code)


FEEDS = (
    "qlue",
    "waze",
    "x",
    "facebook",
    "open311",
    "geojson",
    "overpass",
    "balai_warga",
    "placemarks",
    "web",
)


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("kind", ["arrays", "objects", "closed"])
def test_a_feed_that_nests_without_end_has_changed_and_breaks_nothing(feed, kind):
    with pytest.raises(GeoplatformError):
        list(feeds.adapter(feed).document(DEEP[kind]))


def test_a_body_that_is_packed_is_no_json_and_is_not_unpacked(client, city):
    body = gzip.compress(json.dumps({"points": [[106.8, -6.2]]}).encode())
    answer = client.post("/api/locate", body, headers={"Content-Encoding": "gzip"}, **JSON)
    assert answer.status_code in (400, 415)


@pytest.fixture
def bomb():
    """A server whose answer of 100 kB unpacks to 100 MB, once or, packed again, from a few hundred bytes."""
    once = gzip.compress(b"\0" * 100_000_000)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body, coding = (once, "gzip") if self.path == "/once" else (gzip.compress(once), "gzip, gzip")
            self.send_response(200)
            self.send_header("Content-Encoding", coding)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["once", "twice"])
def test_an_answer_that_unpacks_without_end_is_given_up_before_it_fills_the_memory(bomb, path):
    tracemalloc.start()
    try:
        with pytest.raises(FeedUnavailable, match="more than 1000000 bytes"):
            download(f"{bomb}/{path}", 60, max_bytes=1_000_000, allow_hosts=["127.0.0.1"])
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


PATHS = (
    "/static/../geoplatform/settings.py", "/static/..%2f..%2fmanage.py", "/static/%2e%2e/%2e%2e/etc/passwd",
    "/static//etc/passwd", "/static/console/../../../manage.py", "/static/..\\..\\manage.py",
    "/api/exports/latest/..%2f..%2f..%2fmanage.py", "/api/exports/../../manage.py",
    "/api/exports/..%2f..%2fetc/passwd",
    "/api/exports/2026-05-14/%2fetc%2fpasswd", "/embed/../../manage.py",
)  # fmt: skip


def test_no_path_leads_out_of_its_folder(client, city):
    for path in PATHS:
        answer = client.get(path)
        assert answer.status_code in (400, 404), (path, answer.status_code)


def test_no_name_of_staffs_files_leads_out_of_its_folder(login):
    client = login("supervisor")
    for name in (
        "..%2f..%2fmanage.py",
        "2026-05-14-weekly.html%00",
        "%2fetc%2fpasswd",
        "2026-05-14-weekly.py",
    ):
        assert client.get(f"/api/staff/briefs/{name}").status_code in (400, 404), name


HOSTS = (
    "evil.example",
    "localhost.evil.example",
    "localhost@evil.example",
    "localhost:80@evil.example",
    "",
    "a b",
)


def test_a_host_that_is_not_ours_is_answered_by_nothing_and_stands_in_no_link(client, city):
    for host in HOSTS:
        for address in ("/", "/tiles", "/api", "/api/collections", "/staff/login", "/feeds/reports.atom"):
            answer = client.get(address, headers={"Host": host, "X-Forwarded-Host": "evil.example"})
            assert answer.status_code == 400, (host, address)
            assert "evil" not in answer.text, (host, address)
    assert "evil" not in client.get("/api", headers={"X-Forwarded-Host": "evil.example"}).text


def test_in_front_of_django_another_host_is_not_answered_either():
    def behind(environ, start_response):
        return [b"behind"]

    asked = {"PATH_INFO": "/tiles/reports/0/0/0.mvt", "REQUEST_METHOD": "GET", "HTTP_HOST": "evil.example"}
    assert Front(behind)(asked, None) == [b"behind"]


def test_no_csv_of_ours_holds_a_formula():
    for made in (
        forms.to_csv(["name"], [[text] for text in FORMULAS]).decode(),
        spreadsheet.text(["name"], [[text] for text in FORMULAS]),
    ):
        _, *rows = csv.reader(io.StringIO(made, newline=""))
        assert [row[0] for row in rows] == [f"'{text}" for text in FORMULAS]
    assert forms.to_csv(["lon"], [[-106.8]]) == b"lon\r\n-106.8\r\n"  # a number is none


def test_every_writer_of_csv_in_the_platform_is_one_that_was_looked_at():
    from tests.test_docs import OURS, ROOT

    writers = {
        f"{path.relative_to(ROOT)}"
        for app in OURS
        for path in (ROOT / app).rglob("*.py")
        if "csv.writer(" in path.read_text("utf-8") or "DictWriter(" in path.read_text("utf-8")
    }
    # The points that a caller sent go back to them as they came, with codes of ours beside.
    assert {one for one in writers if not one.startswith("fixtures/")} == {
        "api/questions/forms.py", "api/questions/points_sent.py", "casework/board/spreadsheet.py",
    }  # fmt: skip
