"""Log lines: a JSON object each, found together by the number of their request, and nobody's data in them."""

import asyncio
import json
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, connection, transaction

from geoplatform import trail
from geoplatform.logs import HIDDEN, JsonFormatter, PlainFormatter, clean

FORMS = pytest.mark.parametrize("form", [JsonFormatter(), PlainFormatter()], ids=["json", "plain"])


def record(text: str, *values: object, error: bool = False) -> logging.LogRecord:
    return logging.LogRecord(
        "ingest", logging.INFO, "x.py", 1, text, values, sys.exc_info() if error else None
    )


def test_a_line_is_a_json_object_that_says_when_what_and_for_which_request_and_job():
    with trail.of("0123456789abcdef"):
        line = json.loads(JsonFormatter().format(record("run closed\nfeed=%s fetched=%d", "qlue", 3)))
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "ingest",
        "message": "run closed\nfeed=qlue fetched=3",
        "request": "0123456789abcdef",
    }
    with trail.of(""):
        assert "request" not in json.loads(JsonFormatter().format(record("no request")))


def test_a_plain_line_has_the_number_behind_it():
    with trail.of("0123456789abcdef"):
        assert PlainFormatter().format(record("done")).endswith("ingest done request=0123456789abcdef")
    with trail.of(""):
        assert PlainFormatter().format(record("done")).endswith("ingest done")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("no mail to siti.aminah@contoh.co.id today", f"no mail to {HIDDEN}@{HIDDEN} today"),
        ("called 081234567890, or +6281234567890", f"called {HIDDEN}, or {HIDDEN}"),
        ("postgresql://city:s3cret@db.example/city", f"postgresql://{HIDDEN}@db.example/city"),
        ("unforeseen error path=/answers/Zm9vYmFy", f"unforeseen error path=/answers/{HIDDEN}"),
        ("Not Found: /follow/stop/Zm9vYmFy", f"Not Found: /follow/stop/{HIDDEN}"),
        ("GET /staff/login/city?code=abc&state=def", f"GET /staff/login/city?code={HIDDEN}&state={HIDDEN}"),
        (
            "url: /v21.0/me/feed?access_token=EAAB&limit=5 (refused)",
            f"url: /v21.0/me/feed?access_token={HIDDEN}&limit=5 (refused)",
        ),
        (
            "GET /x?a=1&client_secret=abc&oauth_token=d",
            f"GET /x?a=1&client_secret={HIDDEN}&oauth_token={HIDDEN}",
        ),
        ("Authorization: Bearer gp_0a1b2c", f"Authorization: Bearer {HIDDEN}"),
    ],
)
def test_who_somebody_is_and_what_opens_a_door_is_struck_out(said, shown):
    assert clean(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "run closed channel=qlue fetched=812345678901 changed=3 seconds=0.8",
        "lon=106.8123456789 lat=-6.0812345678",
        "job 4711 of feed=x path=/api/reports/81234567890 code=31.71.01.1001",
    ],
)
def test_numbers_places_and_codes_stay(said):
    assert clean(said) == said


@FORMS
def test_of_a_row_that_the_database_refused_nothing_is_logged(db, form):
    name = "Siti\n\nAminah"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE told (name text PRIMARY KEY)")
            cursor.execute("INSERT INTO told VALUES (%s), (%s)", [name, name])
    except IntegrityError:
        said = form.format(record("unforeseen error", error=True))
    assert "UniqueViolation" in said
    assert HIDDEN in said
    assert "Siti" not in said and "Aminah" not in said


def test_a_job_works_in_the_name_of_the_request_that_deferred_it_and_its_task_is_not_told():
    with trail.of("0123456789abcdef"):
        arguments = {"errand": 7, **trail.carried()}
    job = SimpleNamespace(id=4711, task_kwargs=arguments)

    async def call_next() -> tuple[str, int | None]:
        return await sync_to_async(lambda: (trail.request(), trail.job()))()

    # In a thread of its own, as a worker is: a browser's test may have a loop in this one.
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(asyncio.run, trail.work(call_next, SimpleNamespace(job=job), None)).result()
    assert done == ("0123456789abcdef", 4711)
    assert arguments == {"errand": 7}
    with trail.of(""):
        assert trail.carried() == {}
