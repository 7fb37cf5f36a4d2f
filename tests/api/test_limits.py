"""How often one may ask, through Django and in front of it."""

import json
import re
from types import SimpleNamespace

import pytest

from access import keys, limits
from api.front import Front
from api.limits import class_of, of_address
from geoplatform.errors import BadSettings
from tests.api.test_front import PATH, Asked
from tests.conftest import MONAS, NOON

LOCATE = f"/api/locate?lon={MONAS.lon}&lat={MONAS.lat}"
HERE = "203.0.113.7"
INJECTIONS = ("' OR 1=1 --", "%s", "{}", "../../etc/passwd", "<script>", "a\r\nX-Other: 1", "🙂", "-1", "")


@pytest.fixture(autouse=True)
def counted_from_here(settings, monkeypatch):
    """Count from nought, at an instant that lasts as long as the test: quotas fill again by the second."""
    monkeypatch.setattr(limits, "time", SimpleNamespace(time_ns=lambda: int(NOON.timestamp()) * 10**9))
    monkeypatch.setattr(keys, "KNOWN_S", 3_600.0)
    settings.LIMITS = "tiles=3,items=2,heavy=1,writing=1,other=2,keys=2"
    settings.KEY_LIMITS = "tiles=5,items=4"
    limits.table()[:] = 0
    keys.forget()
    of_address.cache_clear()
    yield
    of_address.cache_clear()
    limits.table()[:] = 0
    keys.forget()


@pytest.fixture
def front(city, held):
    def behind(environ, start_response):
        start_response("299 Behind", [])
        return [b""]

    return Front(behind)


def test_the_third_of_two_is_refused_and_told_when_to_come_again(city, client):
    first, second, third = (client.get(LOCATE, REMOTE_ADDR=HERE) for _ in range(3))
    assert (first.status_code, second.status_code, third.status_code) == (200, 200, 429)
    assert first["RateLimit-Policy"] == '"items";q=2;w=60'
    assert first["RateLimit"] == '"items";r=1;t=30'
    assert second["RateLimit"] == '"items";r=0;t=60'
    assert third["Content-Type"] == "application/problem+json"
    assert third.json()["status"] == 429 and "items" in third.json()["detail"]
    assert third["Retry-After"] == "30"
    assert third["Access-Control-Allow-Origin"] == "*"
    assert third["Cache-Control"] == "no-store"
    assert "RateLimit" in third["Access-Control-Expose-Headers"]


def test_another_address_and_another_class_have_quotas_of_their_own(city, client):
    for _ in range(3):
        client.get(LOCATE, REMOTE_ADDR=HERE)
    assert client.get(LOCATE, REMOTE_ADDR="203.0.113.8").status_code == 200
    assert client.get("/api/map", REMOTE_ADDR=HERE).status_code == 200


def test_all_addresses_of_a_64_are_one(city, client):
    found = [client.get(LOCATE, REMOTE_ADDR=f"2001:db8::{n}").status_code for n in (1, 2, 3)]
    assert found == [200, 200, 429]
    assert client.get(LOCATE, REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


def test_behind_a_trusted_proxy_the_one_that_it_names_is_counted(city, client, settings):
    settings.TRUSTED_PROXIES = ("198.51.100.1",)
    of_address.cache_clear()
    proxied = {"REMOTE_ADDR": "198.51.100.1"}
    for n in range(3):
        # What a caller wrote in front is nobody's.
        said = f"192.0.2.{n}, {HERE}"
        last = client.get(LOCATE, **proxied, HTTP_X_FORWARDED_FOR=said)
    assert last.status_code == 429
    assert client.get(LOCATE, **proxied, HTTP_X_FORWARDED_FOR="203.0.113.8").status_code == 200


def test_this_machine_itself_is_not_counted(city, client):
    found = [client.get(LOCATE) for _ in range(5)]
    assert {response.status_code for response in found} == {200}
    assert not found[0].has_header("RateLimit")


def test_probes_are_not_counted(city, client):
    assert {client.get("/health", REMOTE_ADDR=HERE).status_code for _ in range(5)} == {200}


def test_off_counts_nobody(city, client, settings):
    settings.LIMITS = "off"
    of_address.cache_clear()
    assert {client.get(LOCATE, REMOTE_ADDR=HERE).status_code for _ in range(5)} == {200}


def test_what_cannot_be_read_as_limits_is_said(settings):
    settings.LIMITS = "tiles=many"
    with pytest.raises(BadSettings, match="GEOPLATFORM_LIMITS: 'tiles=many'"):
        limits.of_address("tiles", HERE)


def test_a_key_with_the_scope_has_higher_limits_whatever_its_address(city, client):
    _, text = keys.create("Contoh", ["limits"])
    found = [
        client.get(LOCATE, REMOTE_ADDR=f"203.0.113.{n}", HTTP_AUTHORIZATION=f"Bearer {text}")
        for n in range(5)
    ]
    assert [response.status_code for response in found] == [200, 200, 200, 200, 429]
    assert found[0]["RateLimit-Policy"] == '"items";q=4;w=60'


def test_a_key_without_the_scope_has_those_of_its_address(city, client):
    _, text = keys.create("Contoh", ["write"])
    found = [client.get(LOCATE, REMOTE_ADDR=HERE, HTTP_X_API_KEY=text).status_code for _ in range(3)]
    assert found == [200, 200, 429]


def test_a_key_that_is_nobodys_is_refused_and_so_is_who_tries_many(city, client):
    found = [client.get(LOCATE, REMOTE_ADDR=HERE, HTTP_X_API_KEY=f"gp_{n}") for n in range(3)]
    assert [response.status_code for response in found] == [401, 401, 429]
    assert found[0]["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("text", INJECTIONS)
def test_whatever_stands_in_the_place_of_a_key_or_an_address_breaks_nothing(city, client, text):
    answer = client.get(LOCATE, REMOTE_ADDR=HERE, HTTP_X_API_KEY=text, HTTP_X_FORWARDED_FOR=text)
    assert answer.status_code in (200, 401)
    assert client.get(LOCATE, HTTP_AUTHORIZATION=f"Bearer {text}").status_code in (200, 401)


def test_tiles_in_front_of_django_are_counted_alike(front):
    found = [Asked(front, f"{PATH}.mvt", REMOTE_ADDR=HERE) for _ in range(4)]
    assert [answer.status[:3] for answer in found] == ["200", "200", "200", "429"]
    assert found[0].headers["ratelimit-policy"] == '"tiles";q=3;w=60'
    assert [answer.headers["ratelimit"][:11] for answer in found[:3]] == [f'"tiles";r={n}' for n in (2, 1, 0)]
    assert json.loads(found[3].body)["status"] == 429
    assert found[3].headers["retry-after"] == "20"
    assert found[3].headers["access-control-allow-origin"] == "*"


def test_a_304_says_what_is_left_too(front):
    tag = Asked(front, f"{PATH}.mvt", REMOTE_ADDR=HERE).headers["etag"]
    again = Asked(front, f"{PATH}.mvt", REMOTE_ADDR=HERE, HTTP_IF_NONE_MATCH=tag)
    assert again.status.startswith("304") and again.headers["ratelimit"].startswith('"tiles";r=1')


def test_a_tile_with_a_key_that_is_not_known_yet_is_left_to_django_and_then_not(front):
    _, text = keys.create("Contoh", ["limits"])
    assert Asked(front, f"{PATH}.mvt", REMOTE_ADDR=HERE, HTTP_X_API_KEY=text).status.startswith("299")
    keys.find(text)
    answer = Asked(front, f"{PATH}.mvt", REMOTE_ADDR=HERE, HTTP_X_API_KEY=text)
    assert answer.status.startswith("200") and answer.headers["ratelimit-policy"] == '"tiles";q=5;w=60'


def test_what_the_front_leaves_to_django_is_counted_once(city, client):
    from django.core.handlers.wsgi import WSGIHandler

    answer = Asked(Front(WSGIHandler()), "/tiles/nowhere/1/0/0.mvt", REMOTE_ADDR=HERE)
    assert answer.status.startswith("404") and answer.headers["ratelimit"].startswith('"tiles";r=2')


def test_the_body_of_a_refused_head_is_empty(front):
    for _ in range(4):
        answer = Asked(front, f"{PATH}.mvt", "HEAD", REMOTE_ADDR=HERE)
    assert answer.status.startswith("429") and answer.body == b""


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/tiles/reports/3/1/2.mvt", "tiles"),
        ("GET", "/api/collections/reports/tiles/WebMercatorQuad/3/2/1", "tiles"),
        ("GET", "/api/collections/reports/tiles/WebMercatorQuad", "items"),
        ("GET", "/tiles/reports.json", "other"),
        ("GET", "/tiles", "other"),
        ("GET", "/api/collections/reports/items", "items"),
        ("GET", "/api/collections/reports/export.parquet", "heavy"),
        ("GET", "/api/changes", "heavy"),
        ("GET", "/api/counts", "heavy"),
        ("GET", "/api/counts.csv", "heavy"),
        ("GET", "/api/heat", "heavy"),
        ("GET", "/api/locate", "items"),
        ("POST", "/api/locate", "heavy"),
        ("GET", "/api/reports", "items"),
        ("GET", "/open311/v2/requests.json", "items"),
        ("POST", "/open311/v2/requests.json", "writing"),
        ("POST", "/api/subscriptions", "writing"),
        ("DELETE", "/api/subscriptions/1", "writing"),
        ("GET", "/feeds/reports.atom", "items"),
        ("OPTIONS", "/api/locate", "other"),
        ("POST", "/api/staff/cases/1/steps", "other"),
        ("POST", "/api/disputes", "writing"),
        ("POST", "/push/qlue", ""),
        ("GET", "/health", ""),
        ("GET", "/", "other"),
    ],
)
def test_each_request_has_a_class(method, path, name):
    assert class_of(method, path) == name


def test_the_shipped_limits_can_be_read():
    from geoplatform import settings as shipped

    for text in (shipped.LIMITS, shipped.KEY_LIMITS):
        assert re.fullmatch(r"(?:[a-z]+=\d+,?)+", text)
