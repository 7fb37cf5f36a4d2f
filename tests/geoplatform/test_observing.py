"""Faults and traces as they arrive elsewhere: a receiver takes what a process of the platform sends."""

import gzip
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest
from django.conf import settings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from geoplatform.apps import _begin
from geoplatform.errors import BadSettings
from tests.conftest import database_url

PATIENCE_S = 120
NUMBER = "0af7651916cd43dd8448eb211c80319c"
CITIZEN, PHONE, SECRET = "siti.aminah@contoh.co.id", "081234567890", "Zm9vYmFyYmF6"
# Two requests, a job, and an error that nobody foresaw, with a citizen in its words and variables.
PROGRAM = f"""
import logging
import sentry_sdk
from django.test import Client
from geoplatform import trail
from ingest import tasks
from procrastinate.contrib.django import app

told = Client().get("/api/map?q={SECRET}", headers={{"X-Request-Id": "{NUMBER}", "Cookie": "a={SECRET}"}})
assert told.status_code == 200, told
Client().get("/answers/{SECRET}", headers={{"X-Request-Id": "{NUMBER[::-1]}"}})
with trail.of("{NUMBER}"):
    tasks.replay_rejected.configure(queue="observed").defer(name="qlue", **trail.carried())
with trail.of(""):
    worker = app.with_connector(app.connector.get_worker_connector())
    worker.run_worker(queues=["observed"], wait=False, install_signal_handlers=False)
with trail.of("{NUMBER}"):
    citizen = "{CITIZEN}"
    try:
        raise RuntimeError(f"{{citizen}} or {PHONE} is not known")
    except RuntimeError:
        logging.getLogger("api").exception("unforeseen error path=%s", "/answers/{SECRET}")
sentry_sdk.flush({PATIENCE_S})  # a process that ends waits two seconds
"""


UNPACK = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


class Receiver(ThreadingHTTPServer):
    """Keeps what is posted to it, by the path."""

    def __init__(self) -> None:
        self.got: dict[str, list[bytes]] = {}
        super().__init__(("127.0.0.1", 0), Taker)


class Taker(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        body = UNPACK[self.headers.get("Content-Encoding", "")](body)
        self.server.got.setdefault(self.path, []).append(body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args) -> None:
        pass


@pytest.fixture
def receiver():
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def got(transactional_city, receiver) -> dict[str, list[bytes]]:
    """What both receive of a process that does the program; it ends when all is sent."""
    here = f"127.0.0.1:{receiver.server_address[1]}"
    environment = os.environ | {
        "DATABASE_URL": database_url(), "GEOPLATFORM_SECRET_KEY": settings.SECRET_KEY,
        "GEOPLATFORM_ALLOWED_HOSTS": "testserver",
        "OTEL_EXPORTER_OTLP_TIMEOUT": str(PATIENCE_S),
        "GEOPLATFORM_SENTRY_DSN": f"http://public@{here}/7", "GEOPLATFORM_OTLP_URL": f"http://{here}",
    }  # fmt: skip
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", PROGRAM]
    done = subprocess.run(
        command, cwd=settings.ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"replayed feed=qlue fetched=0 rejected=0 request={NUMBER}" in done.stderr
    return receiver.got


def test_faults_and_traces_are_found_by_the_number_of_the_request_and_name_nobody(got):
    (envelope,) = got["/api/7/envelope/"]
    event = json.loads(envelope.splitlines()[2])
    assert event["tags"] == {"request": NUMBER}
    assert event["logentry"]["message"] == "unforeseen error path=%s"
    (exception,) = event["exception"]["values"]
    assert exception["type"] == "RuntimeError" and exception["stacktrace"]["frames"]
    assert not {"request", "user", "breadcrumbs", "server_name", "modules", "extra"} & set(event)

    spans = [
        span
        for body in got["/v1/traces"]
        for of_process in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in of_process.scope_spans
        for span in scope.spans
    ]
    mine = [span for span in spans if span.trace_id.hex() == NUMBER]
    root, job = [span for span in mine if not span.parent_span_id]
    assert job.name == "ingest.tasks.replay_rejected"
    assert root.name == "GET /api/map"
    attributes = {one.key: one.value for one in root.attributes}
    assert attributes["http.response.status_code"].int_value == 200
    statements = [span for span in mine if span.parent_span_id == root.span_id]
    assert statements and all(
        any(one.key == "db.system.name" for one in span.attributes) for span in statements
    )
    (answer,) = [span for span in spans if span.name == "GET /answers/<str:token>"]
    assert answer.trace_id.hex() == NUMBER[::-1]

    for body in (body for bodies in got.values() for body in bodies):
        # The line of the program itself, which is our source, is not what was in it.
        for personal in (CITIZEN, PHONE, SECRET):
            assert personal.encode() not in body.replace(PROGRAM.encode(), b"")


def test_a_setting_whose_packages_are_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "geoplatform.tracing", None)
    with pytest.raises(BadSettings, match=r"GEOPLATFORM_OTLP_URL is set, and requirements-observe\.txt"):
        _begin("GEOPLATFORM_OTLP_URL", "tracing", "http://127.0.0.1:1", 1.0)
