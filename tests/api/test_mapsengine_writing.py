"""Maps Engine v1: who would write is answered as Google answered for data that one may only read."""

import pytest

from access import keys

V1 = "/mapsengine/v1"
WRITES = [
    ("post", "tables"),
    ("post", "tables/upload"),
    ("patch", "tables/reports"),
    ("delete", "tables/reports"),
    ("post", "tables/reports/process"),
    ("post", "tables/reports/files"),
    ("post", "tables/reports/features/batchInsert"),
    ("post", "tables/reports/features/batchPatch"),
    ("post", "tables/reports/features/batchDelete"),
    ("post", "tables/reports/permissions/batchUpdate"),
    ("post", "layers"),
    ("post", "layers/reports/publish"),
    ("post", "maps/city/unpublish"),
    ("put", "maps/city/"),
]


def fault(answer) -> dict:
    error = answer.json()["error"]
    assert error["code"] == answer.status_code and len(error["errors"]) == 1
    assert answer["Content-Type"] == "application/json; charset=UTF-8"
    assert answer["Cache-Control"] == "no-store"
    return error["errors"][0]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_without_a_token_one_must_log_in_and_with_one_it_is_forbidden(city, client, method, path):
    ask = getattr(client, method)
    anonymous = ask(f"{V1}/{path}")
    assert anonymous.status_code == 401 and anonymous["WWW-Authenticate"] == "Bearer"
    assert fault(anonymous) == {
        "domain": "global", "reason": "required", "message": "Login Required",
        "locationType": "header", "location": "Authorization",
    }  # fmt: skip
    for token in ("key=AIza", "access_token=ya29.x"):
        refused = ask(f"{V1}/{path}?{token}")
        assert refused.status_code == 403 and fault(refused)["reason"] == "forbidden"


def test_a_bearer_that_is_nobodys_is_said_and_one_of_ours_writes_nothing_either(city, client):
    keys.forget()
    address = f"{V1}/tables/reports/features/batchInsert"
    nobody = client.post(address, HTTP_AUTHORIZATION="Bearer ya29.x")
    assert nobody.status_code == 401 and fault(nobody)["reason"] == "authError"
    _, text = keys.create("Contoh", ["write"])
    ours = client.post(address, HTTP_AUTHORIZATION=f"Bearer {text}")
    assert ours.status_code == 403 and fault(ours)["reason"] == "forbidden"
    keys.forget()


@pytest.mark.parametrize(
    "path", ["tables/upload", "tables/reports/process", "layers/reports/publish", "rasters"]
)
def test_where_one_could_only_write_there_is_nothing_to_read(city, client, path):
    answer = client.get(f"{V1}/{path}")
    assert answer.status_code == 404 and fault(answer)["reason"] == "notFound"
