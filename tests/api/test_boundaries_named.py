import pytest

from boundaries.models import Boundary


def test_every_place_is_listed_with_its_box(client, city):
    answer = client.get("/api/boundaries").json()
    assert answer["edition"] == {"id": city.pk, "name": city.name, "schematic": True}
    assert len(answer["boundaries"]) == Boundary.objects.filter(edition=city).count()
    gambir = next(one for one in answer["boundaries"] if one["code"] == "31.71.01.1001")
    west, south, east, north = gambir.pop("bbox")
    assert gambir == {
        "code": "31.71.01.1001", "level": "kelurahan", "name": "Gambir", "title": "Kelurahan Gambir",
        "parent": "31.71.01",
    }  # fmt: skip
    assert west < 106.82 < east
    assert south < -6.17 < north


def test_a_name_finds_what_it_may_mean_and_a_tier_one_of_them(client, city):
    found = [one["title"] for one in client.get("/api/boundaries?q=gambir").json()["boundaries"]]
    assert found == ["Kecamatan Gambir", "Kelurahan Gambir"]
    found = [
        one["title"] for one in client.get("/api/boundaries?q=gambir&level=kelurahan").json()["boundaries"]
    ]
    assert found == ["Kelurahan Gambir"]


@pytest.mark.parametrize(
    ("query", "words"), [("level=rw", "level 'rw': known are"), ("name=x", "unknown parameter 'name'")]
)
def test_what_cannot_be_used_is_400(client, city, query, words):
    answer = client.get(f"/api/boundaries?{query}")
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
