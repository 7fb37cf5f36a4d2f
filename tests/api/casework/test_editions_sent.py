"""An edition that somebody sends: read by a worker, compared, put in force, and back; bombs are refused."""

import io
import json
import zipfile
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from access.models import Entry
from boundaries import errands, uploads
from boundaries.models import Boundary, Edition, Errand
from boundaries.tasks import load_edition
from reports.models import Report
from reports.tasks import activate_edition
from tests.api.casework.conftest import HERE
from tests.api.casework.test_desk import detail

ADMIN = "/api/staff/admin"
SAID = {"title": "Batas 2026", "publisher": "Dinas Cipta Karya", "licence": "CC-BY-4.0"}
EAST = "31.71.01.1002"


@pytest.fixture
def boss(login) -> Client:
    """An administrator."""
    return login("administrator")


def drawn(west: str = HERE, east: str = EAST) -> bytes:
    """Two squares in Gambir that are two kelurahan; by default the left one has the lower code."""
    features = [
        {
            "type": "Feature",
            "properties": {"kode": code, "nama": name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[lon, -6.19], [lon + 0.02, -6.19], [lon + 0.02, -6.16], [lon, -6.16], [lon, -6.19]]
                ],
            },
        }
        for lon, code, name in ((106.81, west, "Gambir"), (106.83, east, "Cideng"))
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def send(client: Client, content: bytes, file: str = "batas.geojson", **said: str):
    query = urlencode(SAID | said | {"file": file})
    kind = {"CONTENT_TYPE": "application/octet-stream", "CONTENT_LENGTH": str(len(content))}
    return client.generic("POST", f"{ADMIN}/editions?{query}", content, kind["CONTENT_TYPE"], **kind)


def sent(client: Client, content: bytes, **parts: str) -> Errand:
    """Send a file, let the worker read it, and return what became of it."""
    answer = send(client, content, **parts)
    assert answer.status_code == 202, answer.content
    load_edition(errand=answer.json()["id"])
    return Errand.objects.get(pk=answer.json()["id"])


def test_an_edition_is_sent_read_previewed_put_in_force_and_taken_back(boss, post, case, city):
    id = case(HERE, category="road")
    errand = sent(boss, drawn(west=EAST, east=HERE))
    assert (errand.state, errand.error, errand.content) == ("done", "", None)
    edition = errand.edition
    shown = boss.get(f"{ADMIN}/editions").json()["editions"][0]
    assert (shown["id"], shown["is_in_force"], shown["counts"]) == (
        edition.id, False, {"kelurahan": 2, "kecamatan": 1, "kota": 1},
    )  # fmt: skip
    assert shown["licence"] == "CC-BY-4.0" and {"name", "ok", "value"} <= set(shown["checks"][0])
    told = boss.get(f"{ADMIN}/editions/{edition.id}/preview").json()
    assert told["reports"] == 1 and told["former"]["id"] == city.id
    assert next(one["code"] for one in told["areas"] if one["kind"] == "went") == "31.01"
    asked = post(boss, f"{ADMIN}/editions/{edition.id}/activate").json()
    activate_edition(errand=asked["id"])
    done = boss.get(f"{ADMIN}/errands/{asked['id']}").json()
    assert (done["state"], done["result"]["reports"]) == ("done", 1)
    assert Report.objects.get(pk=id).edition_id == edition.id
    assert [one["is_in_force"] for one in boss.get(f"{ADMIN}/editions").json()["editions"]] == [True, False]
    back = post(boss, f"{ADMIN}/editions/{city.id}/activate", **{"from": None}).json()
    activate_edition(errand=back["id"])
    assert Report.objects.get(pk=id).edition_id == city.id
    assert Report.objects.get(pk=id).kelurahan_code == HERE
    actions = Entry.objects.filter(action__startswith="edition.").values_list("action", flat=True)
    assert sorted(actions) == ["edition.activate", "edition.activate", "edition.upload"]


def test_a_preview_says_from_where_to_where_open_reports_go(boss, case):
    ids = [case(HERE, category="road") for _ in range(2)]
    here = Boundary.objects.get(code=HERE).label
    other = EAST if here.x < 106.83 else HERE
    edition = sent(boss, drawn(west=EAST, east="31.71.01.1003")).edition
    told = boss.get(f"{ADMIN}/editions/{edition.id}/preview").json()
    (move,) = told["moves"]
    assert (move["former"], move["reports"], move["example"]) == (HERE, 2, max(ids))
    assert move["code"] == (EAST if other == EAST else "31.71.01.1003")
    assert (told["moved"], told["open_moved"], move["former_name"]) == (2, 2, "Gambir")


def test_what_cannot_be_read_is_told_with_its_reason_and_its_file_is_let_go(boss):
    errand = sent(boss, b'{"type": "Feature"}')
    assert (errand.state, errand.content, errand.edition) == ("failed", None, None)
    assert errand.error == "edition.geojson is a Feature, not a GeoJSON FeatureCollection"
    assert Edition.objects.count() == 1


def test_a_zip_that_unpacks_to_too_much_is_refused_before_it_does(boss, monkeypatch):
    monkeypatch.setattr("boundaries.archive.MAX_BYTES", 1_000_000)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.shp", bytes(2_000_000))
    assert len(held.getvalue()) < 10_000
    errand = sent(boss, held.getvalue(), file="batas.zip")
    assert errand.state == "failed" and "unpack to 2000000 bytes" in errand.error


@pytest.mark.parametrize(
    ("parts", "status", "words"),
    [
        ({"file": "batas.exe"}, 400, "file 'batas.exe': its name ends with one of"),
        ({"licence": ""}, 400, "licence ''"),
        ({"crs": "WGS84", "file": "batas.geojson"}, 400, "crs 'WGS84' is not of the form EPSG:<number>"),
        ({"colour": "red"}, 400, "unknown parameter 'colour'"),
    ],
)
def test_what_is_not_said_rightly_is_refused_at_the_door(boss, parts, status, words):
    answer = send(boss, drawn(), **parts)
    assert answer.status_code == status and words in answer.json()["detail"]
    assert not Errand.objects.exists()


def test_a_file_that_is_empty_or_too_large_is_refused(boss, monkeypatch):
    assert "is empty" in detail(send(boss, b""))[1]
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    assert detail(send(boss, drawn()))[0] == 413
    form = boss.post(f"{ADMIN}/editions", {"file": "x"})
    assert form.status_code == 415


def test_an_errand_is_done_once_and_one_whose_worker_was_killed_has_failed(boss):
    id = send(boss, drawn()).json()["id"]
    load_edition(errand=id)
    load_edition(errand=id)
    assert Edition.objects.count() == 2
    stuck = errands.ask("load", "user:1", timezone.now(), {"file": "x"})
    errands.begin(stuck.pk)
    Errand.objects.filter(pk=stuck.pk).update(began_at=timezone.now() - timedelta(hours=2))
    assert boss.get(f"{ADMIN}/errands/{stuck.pk}").json()["state"] == "failed"


def test_one_edition_at_a_time_is_put_in_force(boss, post, city):
    first = post(boss, f"{ADMIN}/editions/{city.id}/activate").json()
    status, words = detail(post(boss, f"{ADMIN}/editions/{city.id}/activate"))
    assert (status, f"errand {first['id']} puts edition {city.id} in force" in words) == (409, True)
    Errand.objects.filter(pk=first["id"]).update(
        state="running", began_at=timezone.now() - timedelta(hours=2)
    )
    assert post(boss, f"{ADMIN}/editions/{city.id}/activate").status_code == 202


def test_an_edition_that_cannot_be_put_in_force_says_why(boss, post, city):
    errand = sent(boss, drawn())
    asked = post(boss, f"{ADMIN}/editions/{errand.edition_id}/activate", **{"from": "2026-05-01"}).json()
    activate_edition(errand=asked["id"])
    asked = post(boss, f"{ADMIN}/editions/{city.id}/activate", **{"from": "2026-06-01"}).json()
    activate_edition(errand=asked["id"])
    done = Errand.objects.get(pk=asked["id"])
    assert done.state == "failed" and "was in force until" in done.error
    assert post(boss, f"{ADMIN}/editions/999/activate").status_code == 404
