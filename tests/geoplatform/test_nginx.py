"""deploy/nginx/geoplatform.conf, in a real nginx before a real web server."""

import getpass
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from django.conf import settings

from reports import intake
from tests.conftest import MONAS, database_url
from tests.geoplatform.test_doors import LINKS, fill
from tests.grid import tile_of
from tests.ports import free_port

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
AT = tile_of(*MONAS, 14)
PATH = f"/tiles/reports/{AT.z}/{AT.x}/{AT.y}.mvt"
PATIENCE_S = 240.0

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def answers(url: str, process: subprocess.Popen) -> None:
    """Wait until a server answers."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        assert process.poll() is None, "the server has ended"
        try:
            requests.get(f"{url}/health", timeout=5).raise_for_status()
            return
        except requests.RequestException:
            assert time.monotonic() < deadline
            # No event tells that a port listens.
            time.sleep(0.05)


@pytest.fixture
def server(transactional_city) -> Iterator[int]:
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1",
        "--no-access-log", "--log-level", "error", "geoplatform.wsgi:application",
    ]  # fmt: skip
    environment = os.environ | {"DATABASE_URL": database_url(), "GEOPLATFORM_SECRET_KEY": settings.SECRET_KEY}
    process = subprocess.Popen(command, cwd=settings.ROOT, env=environment)
    try:
        answers(f"http://127.0.0.1:{port}", process)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@pytest.fixture
def front(server, tmp_path) -> Iterator[str]:
    """Start nginx as it is configured, in a folder of its own."""
    port = free_port()
    said = Path(settings.ROOT, "deploy/nginx/geoplatform.conf").read_text(encoding="utf-8")
    for theirs, ours in (
        ("/var/cache/nginx/tiles", f"{tmp_path}/tiles"), ("127.0.0.1:8000", f"127.0.0.1:{server}"),
        ("listen 80;", f"listen 127.0.0.1:{port};"), ("peta.example.go.id", "127.0.0.1"),
        ("/var/log/nginx", f"{tmp_path}"),
    ):  # fmt: skip
        assert theirs in said
        said = said.replace(theirs, ours)
    folders = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = f"user {getpass.getuser()};\n" if os.getuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(
        f"{user}daemon off;\npid {tmp_path}/pid;\nerror_log {tmp_path}/error.log;\nworker_processes 1;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{folders}{said}\n}}\n"
    )
    command = [str(NGINX), "-p", str(tmp_path), "-e", f"{tmp_path}/error.log", "-c", f"{tmp_path}/nginx.conf"]
    process = subprocess.Popen(command)
    url = f"http://127.0.0.1:{port}"
    try:
        answers(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def get(front: str, **headers: str) -> requests.Response:
    return requests.get(f"{front}{PATH}", headers={"Accept-Encoding": "gzip", **headers}, timeout=60)


def until(is_so) -> requests.Response:
    """Ask until an answer is so, for nginx asks again only behind a second."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so(response := get(until.front)):
        assert time.monotonic() < deadline, response.headers
    return response


def test_a_tile_is_kept_asked_for_again_by_its_tag_and_never_stale(front, submission):
    intake.receive([submission(str(n)) for n in range(60)], simulated=False)
    until.front = front
    first = until(lambda response: response.content)
    assert first.headers["Content-Encoding"] == "gzip"
    assert get(front).headers["X-Cache"] in ("HIT", "REVALIDATED")
    again = until(lambda response: response.headers["X-Cache"] == "REVALIDATED")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert get(front, **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    plain = get(front, **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.content == again.content
    intake.receive([submission("another")], simulated=False)
    changed = until(lambda response: response.headers["ETag"] != first.headers["ETag"])
    assert changed.content != first.content
    # Each answer has its own number, that of a kept tile too, and no caller's.
    given = {"X-Request-Id": "0af7651916cd43dd8448eb211c80319c"}
    numbers = [get(front, **given).headers["X-Request-Id"] for _ in range(3)]
    numbers.append(requests.get(f"{front}/health", headers=given, timeout=60).headers["X-Request-Id"])
    assert len({*numbers, *given.values()}) == 5
    # What each map begins with, whose address is the folder's without its last sign.
    listed = requests.get(f"{front}/tiles", allow_redirects=False, timeout=60)
    assert (listed.status_code, "reports" in listed.text) == (200, True), listed.text[:200]
    # What this nginx says of itself holds, whatever a caller writes.
    for path in ("/tiles/reports.json", "/api/collections"):
        said = requests.get(f"{front}{path}", headers={"X-Forwarded-Proto": "https"}, timeout=60).text
        assert "http://127.0.0.1" in said and "https://127.0.0.1" not in said


def spoken(front: str, sent: bytes) -> bytes:
    """Send bytes as they are, and a request that ends the connection; returns all that is answered."""
    host, _, port = front.removeprefix("http://").partition(":")
    heard = b""
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
        connection.sendall(sent + b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        while piece := connection.recv(65536):
            heard += piece
    return heard


# How much each door takes; an edition comes to the page, too, that administrators have.
MOST_MIB = {
    "/api/reports": 12, "/api/locate": 32, "/api/staff/admin/editions": 66, "/staff/admin/editions": 66,
}  # fmt: skip
INSIDE = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HEAD = b"POST /api/locate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
BODY = b"0\r\n\r\n" + INSIDE
LENGTH = str(len(BODY)).encode()
# A request within the body of another, told by two lengths, or by one that only one of two servers reads.
SMUGGLED = {
    "a length and chunks": b"Content-Length: " + LENGTH + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY,
    "another coding": b"Content-Length: " + LENGTH + b"\r\nTransfer-Encoding: xchunked\r\n\r\n" + BODY,
    "chunks behind a tab": b"Content-Length: " + LENGTH + b"\r\nTransfer-Encoding:\tchunked\r\n\r\n" + BODY,
    "two lengths": b"Content-Length: 0\r\nContent-Length: " + LENGTH + b"\r\n\r\n" + BODY,
    "a list of lengths": b"Content-Length: 0, " + LENGTH + b"\r\n\r\n" + BODY,
    "a signed length": b"Content-Length: +" + LENGTH + b"\r\n\r\n" + BODY,
    "a length behind a blank": b"Content-Length : " + LENGTH + b"\r\n\r\n" + BODY,
    "a chunk beyond all measure": b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 18 + b"\r\n" + BODY,
    "two hosts": b"Host: evil.example\r\nContent-Length: 0\r\n\r\n",
    "a header with a return alone": b"X: y\rTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
}


def test_no_request_is_smuggled_within_another_and_nothing_said_of_the_caller_is_believed(front):
    for name, sent in SMUGGLED.items():
        heard = spoken(front, HEAD + sent)
        assert re.match(rb"HTTP/1\.1 (400|501) ", heard), (name, heard[:200])
        assert b"smuggled" not in heard, name
        # The connections behind nginx are in step: each answer is that of its own question.
        for path in ("/asked/1", "/asked/2"):
            assert path in requests.get(f"{front}{path}", timeout=60).json()["detail"], name
    forged = {"X_Forwarded_Proto": "https", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    told = requests.get(f"{front}/api/collections", headers=forged, timeout=60).text
    assert "http://127.0.0.1" in told and "https://127.0.0.1" not in told and "evil" not in told
    whole = b"GET http://evil.example/api HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:80"):
        refused = requests.get(f"{front}/api", headers={"Host": host}, timeout=60)
        assert (refused.status_code, "evil" in refused.text) == (400, False), host
    assert spoken(front, whole).startswith(b"HTTP/1.1 400 ")


def test_no_caller_chooses_the_host_of_links_that_others_are_given(front):
    lured = requests.get(f"{front}/tiles/reports.json", headers={"Host": "localhost"}, timeout=60)
    assert "http://localhost/" in lured.text
    asked = requests.get(f"{front}/tiles/reports.json", timeout=60)
    assert "http://127.0.0.1/" in asked.text and "localhost" not in asked.text


def test_no_link_of_one_reader_and_no_key_is_in_a_log_of_the_proxy(front, tmp_path):
    paths = [
        *(fill(route, token="s3cret") for route in LINKS), "/open311/v2/tokens/s3cret.json",
        "/api/map?api_key=s3cret&q=s3cret", "/answers/%73%33cret",
    ]  # fmt: skip
    numbers = [requests.get(f"{front}{path}", timeout=60).headers["X-Request-Id"] for path in paths]
    log = tmp_path / "geoplatform.log"
    deadline = time.monotonic() + PATIENCE_S
    # nginx writes a line behind the answer.
    while numbers[-1] not in (said := log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert [number for number in numbers if number not in said] == []
    assert '"GET /answers/..." ' in said and '"GET /api/map" ' in said
    logs = [path.read_text() for path in tmp_path.glob("*.log")]
    assert len(logs) == 3 and not any("s3cret" in text for text in logs)


def test_what_a_door_takes_passes_the_proxy(front):
    host, _, port = front.removeprefix("http://").partition(":")
    for path, most in MOST_MIB.items():
        length = f"Content-Length: {most * 1024 * 1024}\r\n\r\n"
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\n{length}"
        with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
            connection.sendall(head.encode())
            assert connection.recv(64).startswith(b"HTTP/1.1 100 "), path


def test_nobody_fills_the_disk_of_the_proxy_by_what_no_door_takes(front):
    for path, most in MOST_MIB.items():
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {most * 1024 * 1024 + 1}\r\n\r\n"
        refused = spoken(front, head.encode())
        assert refused.startswith(b"HTTP/1.1 413 ") and b"\r\nServer: nginx\r\n" in refused, path
