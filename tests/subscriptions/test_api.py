"""Subscriptions by API: each is its key's alone."""

import json

import pytest

from access import keys
from subscriptions import subscribers
from subscriptions.models import Subscription

URL = "https://hook.example.org/reports"
INJECTIONS = ("' OR 1=1 --", "%s", "%%", "{}", "31.71%", "$(id)", "../..", "<script>", "\0", "🙂", "1e400")


@pytest.fixture
def post(client, bearer):
    def send(document, **more):
        body = document if isinstance(document, str) else json.dumps(document)
        return client.post("/api/subscriptions", body, **{"content_type": "application/json"} | bearer | more)

    return send


def test_what_is_made_is_told_with_its_secret_this_once(city, client, post, bearer):
    made = post(
        {"url": URL, "kelurahan": ["31.71.01.1001"], "category": ["road"], "bbox": [106, -7, 107, -6]}
    )
    assert made.status_code == 201
    said = made.json()
    assert said["secret"].startswith("whsec_") and said["state"] == "unverified"
    assert made["Location"] == f"/api/subscriptions/{said['id']}"
    again = client.get(made["Location"], **bearer)
    assert again.json() == {name: value for name, value in said.items() if name != "secret"}
    assert again["Cache-Control"] == "private, no-store"
    listed = client.get("/api/subscriptions", **bearer).json()["subscriptions"]
    assert listed == [again.json()]
    assert said["polygon"]["type"] == "Polygon"


def test_without_a_key_that_may_write_there_is_nothing(city, client):
    assert client.get("/api/subscriptions").status_code == 401
    assert client.post("/api/subscriptions", "{}", content_type="application/json").status_code == 401
    _, text = keys.create("Contoh", ["limits"])
    assert client.get("/api/subscriptions", HTTP_X_API_KEY=text).status_code == 403
    assert client.get("/api/subscriptions", HTTP_X_API_KEY="gp_wrong").status_code == 401


def test_what_is_another_keys_is_not_there(city, client, post):
    id = post({"url": URL}).json()["id"]
    _, text = keys.create("Other", ["write"])
    other = {"HTTP_X_API_KEY": text}
    assert client.get("/api/subscriptions", **other).json() == {"subscriptions": []}
    assert client.get(f"/api/subscriptions/{id}", **other).status_code == 404
    assert client.delete(f"/api/subscriptions/{id}", **other).status_code == 404
    assert client.get(f"/api/subscriptions/{id}/deliveries", **other).status_code == 404
    assert client.post(f"/api/subscriptions/{id}/verify", **other).status_code == 404
    assert client.post(f"/api/subscriptions/{id}/deliveries/1/retry", **other).status_code == 404


def test_what_ended_is_there_no_more(city, client, post, bearer):
    id = post({"url": URL}).json()["id"]
    assert client.delete(f"/api/subscriptions/{id}", **bearer).status_code == 204
    assert client.get(f"/api/subscriptions/{id}", **bearer).status_code == 404


def test_a_key_has_so_many_at_most(city, post, monkeypatch):
    monkeypatch.setattr(subscribers, "MOST", 2)
    assert [post({"url": URL}).status_code for _ in range(3)] == [201, 201, 409]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"url": 7},
        {"url": "http://hook.example.org/"},
        {"url": "https://169.254.169.254/"},
        {"url": URL, "colour": "red"},
        {"url": URL, "kelurahan": "31.71"},
        {"url": URL, "kelurahan": ["Gambir"]},
        {"url": URL, "kelurahan": ["31.71"] * 301},
        {"url": URL, "category": ["nothing"]},
        {"url": URL, "category": [1]},
        {"url": URL, "bbox": [1, 2, 3]},
        {"url": URL, "bbox": [True, 1, 2, 3]},
        {"url": URL, "bbox": [1, 2, 1, 2]},
        {"url": URL, "bbox": [1e308, 2, 3, 4]},
        {"url": URL, "bbox": [106, -7, 107, -6], "polygon": {}},
        {"url": URL, "polygon": {}},
        {"url": URL, "polygon": {"type": "Polygon", "coordinates": []}},
        {"url": URL, "polygon": {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}},
        {"url": URL, "polygon": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0]]]}},
        {"url": URL, "polygon": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, "1"]]]}},
        {
            "url": URL,
            "polygon": {"type": "Polygon", "coordinates": [[[n / 300, n * n / 1e6] for n in range(300)]]},
        },
        [],
        "{",
        "[" * 100_000,
    ],
)
def test_what_cannot_be_used_is_a_400_that_says_so(city, post, said):
    response = post(said)
    assert response.status_code in (400, 413)
    assert response["Content-Type"] == "application/problem+json" and response.json()["detail"]
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("name", ["url", "kelurahan", "category", "bbox", "polygon"])
def test_an_injected_statement_is_a_value_that_cannot_be_used(city, post, name, text):
    said = {"url": URL} | {name: text if name in ("url", "bbox", "polygon") else [text]}
    assert post(said).status_code == 400


@pytest.mark.parametrize("text", INJECTIONS)
def test_an_injected_state_or_page_is_refused(city, client, post, bearer, text):
    id = post({"url": URL}).json()["id"]
    for name in ("state", "limit", "after", "else"):
        assert client.get(f"/api/subscriptions/{id}/deliveries", {name: text}, **bearer).status_code == 400


def test_another_type_is_415_and_a_longer_body_413(city, post):
    assert post("url=x", content_type="application/x-www-form-urlencoded").status_code == 415
    assert post(json.dumps({"url": URL}) + " " * 100_000).status_code == 413


def test_a_number_that_no_row_has_is_404(city, client, bearer):
    assert client.get(f"/api/subscriptions/{10**30}", **bearer).status_code == 404


def test_options_and_another_method_are_answered(city, client, bearer):
    assert client.options("/api/subscriptions")["Access-Control-Allow-Methods"] == "GET, HEAD, POST, OPTIONS"
    assert client.put("/api/subscriptions", **bearer).status_code == 405
    assert client.head("/api/subscriptions", **bearer).status_code == 200
