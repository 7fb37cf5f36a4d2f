"""What every document of the API owes to caches: one form of tag, 304, gzip."""

import gzip
import json

import pytest

ADDRESSES = [
    "/tiles",
    "/tiles/reports.json",
    "/api/map",
    "/api/locate?lon=106.8272&lat=-6.1754",
    "/api/reports?bbox=106.8,-6.2,106.9,-6.1",
    "/api/reports/{id}",
]
every_address = pytest.mark.parametrize("address", ADDRESSES)


@pytest.fixture
def get(receive_one, client):
    """Ask for an address; {id} is that of a report with a long text."""
    report = receive_one(description="Jalan rusak di depan pasar, lubangnya dalam. " * 20)

    def ask(address, **headers):
        return client.get(address.format(id=report.id), headers=headers)

    return ask


@every_address
def test_a_document_may_be_kept_by_any_cache_that_asks_each_time(get, address):
    response = get(address)
    assert response.status_code == 200
    assert response["Cache-Control"] == "public, max-age=0, stale-while-revalidate=30"
    assert response["Vary"] == "Accept-Encoding"
    assert response["Surrogate-Key"]
    assert response["ETag"].startswith('"')


@every_address
def test_a_document_is_sent_with_gzip_where_that_is_accepted(get, address):
    plain, packed = get(address), get(address, **{"Accept-Encoding": "br, gzip"})
    assert not plain.has_header("Content-Encoding")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed["Content-Type"] == plain["Content-Type"]
    assert packed["ETag"] != plain["ETag"]
    assert json.loads(plain.content)


@every_address
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_document_that_the_caller_has_already_is_304_without_a_body(get, address, encoding):
    first = get(address, **{"Accept-Encoding": encoding})
    again = get(address, **{"Accept-Encoding": encoding, "If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin"):
        assert again[name] == first[name]


@pytest.mark.parametrize(
    "address", ["/tiles", "/tiles/reports.json", "/api/reports?bbox=106.8,-6.2,106.9,-6.1"]
)
def test_the_tag_of_a_document_changes_with_what_it_says(get, receive_one, address):
    before = get(address)["ETag"]
    assert get(address)["ETag"] == before
    receive_one(external_id="2")
    assert get(address)["ETag"] != before


def test_the_tag_of_the_map_changes_with_a_setting(get, settings):
    before = get("/api/map")["ETag"]
    settings.BASE_MAP_URL = "https://tiles.example/{z}/{x}/{y}.png"
    assert get("/api/map")["ETag"] != before


def test_the_catalogue_of_another_host_is_another_document(get, settings):
    settings.ALLOWED_HOSTS = ["testserver", "map.example"]
    there = get("/tiles", Host="map.example")
    assert there["ETag"] != get("/tiles")["ETag"]
    assert "http://map.example/tiles/" in there.text
