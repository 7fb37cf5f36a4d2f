"""Shared caches: what they may keep, for how long, and by which keys they are told to drop it."""

import pytest

from api.public import LIVE
from api.surrogates import keys_of
from layers.layer import catalogue
from tests.api.test_every_answer import BOX, QUERIES
from tests.api.test_personal_data import addresses, doors, secrets, text_of
from tests.conftest import MONAS
from tests.grid import tile_of

__all__ = ["secrets"]
TIERS = {"kelurahan", "kecamatan", "kota"}
AT = tile_of(*MONAS, 14)
POINT = f"{MONAS.lon},{MONAS.lat},{MONAS.lon},{MONAS.lat}"


def test_every_answer_that_may_be_kept_says_how_long_by_what_it_differs_and_by_which_keys_it_is_dropped(
    secrets, client
):
    kept = 0
    for address in [*addresses(), *doors()]:
        query = QUERIES.get(address.lstrip("/"), ("",))[0]
        answer = client.get(f"{address}?{query}" if query else address)
        how = answer.get("Cache-Control", "")
        if answer.status_code != 200 or not how.startswith("public"):
            text_of(answer)
            assert how in ("no-store", "private, no-store") or answer.status_code in (302, 307, 401), address
            continue
        kept += 1
        assert how == LIVE or "max-age=300, stale-while-revalidate" in how, address
        assert answer["Surrogate-Key"], address
        # Pages are sent as they are, whatever the caller takes.
        is_page = answer["Content-Type"].startswith("text/html")
        assert is_page or "Accept-Encoding" in answer.get("Vary", ""), address
        text_of(answer)  # one that is streamed holds a place until it is read
    assert kept > 50


@pytest.mark.parametrize(
    ("path", "query", "keys"),
    [
        ("/tiles", "", set(catalogue())),
        ("/tiles/jams.json", "", {"jams"}),
        ("/tiles/jams/style.json", "", {"jams"}),
        ("/api/collections/kota", "", {"kota"}),
        ("/api/collections", "", {"release"}),
        ("/api/reports", f"bbox={POINT}", {"reports", f"reports-14-{AT.x}-{AT.y}"}),
        ("/api/heat", "", {"reports"}),
        ("/api/heat", f"bbox={POINT}", {"reports", f"reports-14-{AT.x}-{AT.y}"}),
        ("/api/heat", "bbox=1", {"reports"}),
        ("/api/heat", "bbox=106,-7,107,-6", {"reports"}),
        ("/api/counts", "by=kota", {"reports", *TIERS}),
        ("/api/changes", "by=kota", {"reports", *TIERS}),
        ("/api/reports/12", "", {"reports"}),
        ("/reports/12", "lang=en", {"reports"}),
        ("/reports", "place=31.71", {"reports", *TIERS}),
        ("/answers", "", {"reports", *TIERS}),
        ("/api/answers", "", {"reports", *TIERS}),
        ("/api/boundaries", "q=gambir", TIERS),
        ("/", "", TIERS),
        ("/feeds/reports.atom", "", {"reports"}),
        ("/open311/v2/requests.xml", "", {"reports"}),
        ("/open311/v2/services.json", "", {"release"}),
        ("/api/nearest", "layer=restaurants&lon=1&lat=1", {"restaurants"}),
        ("/embed/preview.png", "layers=jams,alerts", {"jams", "alerts"}),
        ("/embed/preview.png", "layers=nowhere", set(catalogue())),
        ("/api/locate", "lon=1&lat=1", TIERS),
        ("/mapit/areas/KEL", "", TIERS),
        ("/mapsengine/v1/tables/jams/features", "", {"jams"}),
        ("/mapsengine/v1/tables", "", set(catalogue())),
        ("/api/docs", "", {"release"}),
    ],
)
def test_an_answer_bears_the_keys_of_the_layers_and_blocks_that_it_is_made_of(path, query, keys):
    assert set(keys_of(path, query).split()) == keys


@pytest.mark.parametrize("address", ["/health", "/ready"])
def test_no_cache_keeps_how_it_stands(city, client, address):
    assert client.get(address)["Cache-Control"] == "no-store"


def test_a_report_in_a_box_of_many_blocks_is_told_by_its_layer(city, client):
    assert client.get(f"/api/reports?bbox={BOX}")["Surrogate-Key"] == "reports"
