import gzip
import io
import json

import pytest

from api.exports import reading, sending
from geoplatform.errors import Unavailable

pytestmark = pytest.mark.django_db(transaction=True)
CSV = "/api/collections/kota/export.csv"


def body(response):
    content = b"".join(response.streaming_content)
    response.close()
    return content


def test_a_text_is_compressed_on_its_way_for_who_takes_it(client, rows):
    plain = body(client.get(CSV))
    response = client.get(CSV, headers={"Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(body(response)) == plain
    table = client.get("/api/collections/kota/export.parquet", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in table
    body(table)


def test_an_export_says_what_it_is_and_where_it_is_described(client, rows):
    response = client.get(CSV)
    assert response["Content-Type"].startswith("text/csv")
    assert response["Content-Disposition"].startswith('attachment; filename="kota-20')
    assert response["Link"].startswith("<http://testserver/api/collections/kota/dictionary>; rel")
    assert response["Access-Control-Allow-Origin"] == "*"
    body(response)


def test_a_head_makes_nothing(client, rows, monkeypatch):
    monkeypatch.setattr(reading, "batches", lambda *args: pytest.fail("something was read"))
    assert client.head(CSV).status_code == 200


def test_two_exports_at_a_time_and_the_third_is_told_to_come_again(client, rows):
    first, second = client.get(CSV), client.get(CSV)
    refused = client.get(CSV)
    assert refused.status_code == 503
    assert "2 exports are being made already" in refused.json()["detail"]
    first.close()
    third = client.get(CSV)
    assert body(third) == body(second)
    assert body(client.get(CSV))


def test_one_that_is_dropped_half_way_gives_its_place_back(client, rows):
    for _ in range(5):
        response = client.get(CSV)
        next(iter(response.streaming_content))
        response.close()
    assert body(client.get(CSV))


def test_what_fails_at_once_has_a_status_and_gives_its_place_back(client, rows, settings):
    settings.EXPORT_TIMEOUT_MS = 1
    for _ in range(3):
        response = client.get("/api/collections/kelurahan/export.geojsonseq")
        if response.status_code == 200:  # the machine was quicker than a millisecond
            with pytest.raises(Unavailable):
                body(response)
    settings.EXPORT_TIMEOUT_MS = 60_000
    assert body(client.get(CSV))


@pytest.mark.parametrize("form", ["fgb", "gpkg"])
def test_a_file_that_was_sent_is_gone(client, rows, exports_folder, form):
    assert body(client.get(f"/api/collections/kota/export.{form}"))
    assert list(exports_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "status", "detail"),
    [
        ("/api/collections/nothing/export.csv", 404, "no collection 'nothing'"),
        ("/api/collections/kota/export.csv?colour=red", 400, "unknown parameter 'colour'"),
        ("/api/collections/kota/export.csv?bbox=1,2,3", 400, "bbox '1,2,3'"),
        ("/api/collections/kota/export.xlsx", 404, "there is nothing at"),
    ],
)
def test_what_cannot_be_exported_is_said(client, rows, address, status, detail):
    response = client.get(address)
    assert response.status_code == status
    assert detail in response.json()["detail"]


def test_the_dictionary_names_every_column_with_its_meaning_licence_and_day(client, rows, exported):
    said = client.get("/api/collections/petrol_stations/dictionary").json()
    assert {column["name"] for column in said["columns"]} == {
        "id", "name", "brand", "kind", "opening_hours", "simulated",
    }  # fmt: skip
    assert all(column["description"] for column in said["columns"])
    assert said["licence"].startswith("Open Database License 1.0")
    assert said["made_at"].startswith("20")
    assert said["attribution"].startswith("© OpenStreetMap contributors")
    table = client.get("/api/collections/reports/dictionary?f=csv").content.decode()
    assert "status,string," in table
    assert "waiting in_progress done" in table


def test_the_citys_own_licence_is_a_setting(client, rows, settings):
    assert client.get("/api/collections/reports/dictionary").json()["licence"] is None
    settings.DATA_LICENCE = "CC-BY-4.0"
    assert client.get("/api/collections/reports/dictionary").json()["licence"] == "CC-BY-4.0"


def test_a_stream_is_compressed_piece_by_piece():
    pieces = [json.dumps(list(range(n))).encode() for n in range(300)]
    made = list(sending.zipped(iter(pieces)))
    assert gzip.GzipFile(fileobj=io.BytesIO(b"".join(made))).read() == b"".join(pieces)
