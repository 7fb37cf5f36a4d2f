"""Every parameter of every question, with texts that would hurt if they were ever part of a statement."""

import json
from itertools import product

import pytest
from django.db import connection

HOSTILE = (
    "'; DROP TABLE reports_report; --",
    '" OR 1=1 --',
    "1); SELECT pg_sleep(9); --",
    "%(lon)s",
    "{0.__class__}",
    "%s%s%s",
    "\x00",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "९९",
    "1e400",
    "NaN",
    "-0",
    "a" * 5_000,
    ",,,",
)
GOOD = {
    "/api/counts": {"by": "kota"},
    "/api/heat": {"grid": "h3"},
    "/api/series": {"step": "day"},
    "/api/nearest": {"layer": "reports", "lon": "106.8", "lat": "-6.2"},
    "/api/locate": {"lon": "106.8", "lat": "-6.2"},
}
PARAMETERS = {
    "/api/counts": (
        "by",
        "category",
        "status",
        "channel",
        "kelurahan",
        "from",
        "to",
        "split",
        "geometry",
        "f",
    ),
    "/api/heat": ("grid", "resolution", "size", "bbox", "category", "status", "from", "to", "f"),
    "/api/series": ("step", "category", "status", "kelurahan", "from", "to", "split", "f"),
    "/api/nearest": (
        "layer",
        "lon",
        "lat",
        "limit",
        "within_m",
        "category",
        "text",
        "submitted_at",
        "id",
        "simulated",
        "datetime",
        "bbox",
        "bbox-crs",
        "f",
    ),
    "/api/locate": ("lon", "lat", "on"),
}
CASES = [(address, name) for address, names in PARAMETERS.items() for name in names]


@pytest.mark.parametrize(("address", "name"), CASES)
def test_a_hostile_text_is_answered_or_refused_and_does_nothing(client, mixed, address, name):
    for text in HOSTILE:
        response = client.get(address, {**GOOD[address], name: text})
        assert response.status_code in (200, 400, 404), (text, response.content)
        assert b"psycopg" not in response.content
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reports_report")
        assert cursor.fetchone() == (240,)


@pytest.mark.parametrize("address", GOOD)
def test_a_hostile_name_of_a_parameter_is_refused(client, city, address):
    for text in HOSTILE:
        assert client.get(address, {**GOOD[address], text: "1"}).status_code == 400


@pytest.mark.parametrize("kind", ["application/json", "application/geo+json", "text/csv"])
def test_a_hostile_body_is_answered_or_refused(client, city, kind):
    bodies = [*HOSTILE, *(json.dumps([[text, text]]) for text in HOSTILE), "[" * 100_000, "{}" * 3]
    for body, query in product(bodies, ("", "?on=2026-05-14")):
        response = client.post(f"/api/locate{query}", body, content_type=kind)
        assert response.status_code in (200, 400), (body[:80], response.content)
