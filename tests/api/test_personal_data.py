"""What citizens must never find of themselves: every public address is asked, and every answer searched."""

import gzip
import io
import re
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from pyarrow import parquet

from api.exports.making import MEDIA_TYPES
from layers import intake as layers_intake
from layers.layer import catalogue
from layers.record import Alert, Irregularity, Jam, LonLat, Poi, Snapshot
from reports import intake
from reports.models import Report
from reports.record import Submission, Update, Updates
from staff.doors import is_staff
from tests.grid import tile_of

# Asked for by name: where these alone are run, no other test would have the database made.
pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
HERE = LonLat(106.8272, -6.1754)
LINE = (HERE, LonLat(106.83, -6.18))
AUTHOR = "Ratnaningsih Wirokusumo"
USERNAME = "wirokusumo_77"
# Somebody whom the author names.
NEIGHBOUR = "Tukirin Sastrowardoyo"
# One number, as people in Jakarta write it; and a landline, an identity card.
PHONES = (
    "081298765432",
    "0812-9876-5432",
    "0812 9876 5432",
    "0812.9876.5432",
    "+6281298765432",
    "+62 812-9876-5432",
    "62 812 9876 5432",
    "(+62) 81298765432",
    "(0812) 9876 5432",
    "0 8 1 2 9 8 7 6 5 4 3 2",
    "0812 - 9876 - 5432",
    "WA:081298765432.",
)
LANDLINE = "(021) 98765432"
IDENTITY = "3171019876543210"
E_MAILS = ("ratna.wiro@surat.example", "RATNA.WIRO@SURAT.EXAMPLE", "ratna.wiro+lapor@surat.example.co.id")
WORDS = (
    f"Jalan rusak di depan pasar. Saya {AUTHOR}, telepon {LANDLINE}, KTP {IDENTITY}. {AUTHOR.upper()} lagi."
    f" Hubungi pak RT {NEIGHBOUR} {PHONES[1]}, @{NEIGHBOUR[:7]}_77 atau wa {PHONES[0]} ({NEIGHBOUR})."
    f" Nomor: {'; '.join(PHONES)}. Surat: {', '.join(E_MAILS)}"
)
NOTE = f"Pelapor sudah dihubungi di {', '.join(PHONES)} dan {' atau '.join(E_MAILS)}; KTP {IDENTITY}"
SUBMISSION = Submission(
    channel="qlue",
    external_id="1",
    category="road",
    description=WORDS,
    submitted_at=NOON,
    updated_at=NOON,
    point=HERE,
    author=AUTHOR,
    image_url="https://photos.example/ratnaningsih-98765432.jpg",
    unread=("wirokusumo",),
)
BY_USERNAME = Submission(
    channel="qlue",
    external_id="2",
    category="tree",
    description=f"Pohon tumbang, salam {USERNAME}",
    submitted_at=NOON,
    updated_at=NOON,
    point=HERE,
    author=USERNAME,
)
TRACE = Updates(
    "qlue",
    "1",
    (
        Update(
            NOON + timedelta(hours=1),
            "done",
            "Kelurahan Gambir",
            NOTE,
            "https://photos.example/wirokusumo.jpg",
        ),
    ),
)
TOLD = {"reportBy": AUTHOR, "contact:phone": "081298765432", "email": E_MAILS[0]}
SNAPSHOT = Snapshot(
    "waze",
    NOON,
    alerts=(Alert("wirokusumo-1", "HAZARD", "", "", WORDS, 7, NOON, HERE, TOLD),),
    jams=(Jam("wirokusumo-2", 3, 8.5, 120, 900, "", NOON, LINE, TOLD),),
    irregularities=(Irregularity("wirokusumo-3", "LARGE", 5.0, 25.0, 300, 1500, "", NOON, LINE, TOLD),),
    pois=(
        Poi("wirokusumo/4", "fuel", "", "", HERE, TOLD),
        Poi("wirokusumo/5", "cafe", "", "", HERE, TOLD),
    ),
)
# What is left of each secret when it is searched for, in lower case: names, e-mails, image addresses.
SECRETS = ("ratna", "wirokusumo", "tukirin", "sastrowardoyo", "surat.example", "photos.example")
# Digits that every form of the number, the landline and the identity card share.
DIGITS = "9876543"


def store_secrets():
    """Store what holds personal data in every place that could."""
    intake.receive([SUBMISSION, BY_USERNAME, TRACE], simulated=False)
    layers_intake.receive([SNAPSHOT], simulated=False)


@pytest.fixture
def secrets(city):
    """The city with secrets in it."""
    store_secrets()


def routes(patterns, prefix=""):
    """Return the route of every address of the platform, and its parameters."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif not isinstance(pattern.pattern, RegexPattern):  # of which doors() has those with rows
            yield route, sorted(pattern.pattern.converters)


def addresses():
    """Return every public address, each parameter filled in with all that could show a secret."""
    places = [
        {"z": z, "x": x, "y": y, "column": x, "row": y}
        for z, x, y in (tile_of(*HERE, z) for z in (0, 9, 14, 22))
    ]
    values = {
        "layer": [{"layer": name} for name in catalogue()],
        "form": [{"form": form} for form in ("mvt", "geojson")],
        "id": [{"id": id} for id in Report.objects.values_list("id", flat=True)],
        "photo": [{"photo": 1}],
        "number": [{"number": 1}],
        "code": [{"code": "31.71.01.1001"}, {"code": "kelurahan-31.71.01.1001"}],
        "on": [{"on": "2026-05-14"}],
        "username": [{"username": "nobody"}],
        "z": places,
        "feed": [{"feed": "qlue"}],
        "collection": [{"collection": name} for name in catalogue()],
        "delivery": [{"delivery": 1}],
        "matrix": [{"matrix": "WebMercatorQuad"}],
        "extension": [{"extension": form} for form in MEDIA_TYPES],
        "day": [{"day": "latest"}],
        "name": [{"name": "reports.csv"}],
        "cell": [{"cell": "all:all:due"}],
        "year": [{"year": 2027}],
        "cell_name": [{"cell_name": "all:all:due"}],
        "token": [{"token": "x"}],
        "question": [{"question": "counts"}],
    }
    for route, names in routes(get_resolver().url_patterns):
        assert set(names) <= {*values, "x", "y", "row", "column"}, f"say what to fill into {route}"
        for filled in product(*(values[name] for name in names if name in values)):
            found = {key: value for part in filled for key, value in part.items()}
            yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda name, found=found: str(found[name[1]]), route)


def doors():
    """Return the addresses that answer rows in the shapes of others."""
    ids = list(Report.objects.values_list("id", flat=True))
    since = "start_date=2026-05-01T00:00:00Z"
    yield from (f"/mapsengine/v1/tables/{name}/features?maxResults=1000" for name in catalogue())
    yield from (f"/mapsengine/v1/tables/reports/features/{id}" for id in ids)
    for form in ("json", "xml"):
        yield f"/open311/v2/requests.{form}?{since}"
        yield f"/open311/v2/servicerequestupdates.{form}?{since}"
        yield from (f"/open311/v2/requests/{id}.{form}" for id in ids)
    yield f"/mapit/point/4326/{HERE.lon},{HERE.lat}"


def text_of(response):
    """Return headers and body of an answer as text, whatever its form."""
    body = b"".join(response) if response.streaming else response.content
    if response.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return f"{response.headers}\n{body.decode(errors='replace')}"


def found_in(text):
    """Return the secrets that a text holds; digits are looked for however they are grouped."""
    bare = re.sub(r"(?<=\d)[\s().-]+(?=\d)", "", text)
    return [secret for secret in SECRETS if secret in text.lower()] + [DIGITS] * (DIGITS in bare)


@pytest.fixture(scope="module")
def answers(django_db_setup, django_db_blocker):
    """Return what every public address answers, by address; asked once, for nothing changes it."""
    with django_db_blocker.unblock(), transaction.atomic():
        store_secrets()
        client = Client()
        found = {address: whole(client.get(address)) for address in asked()}
        transaction.set_rollback(True)
    return found


def asked():
    """Return all that is asked: every address, and some with questions."""
    return [
        *addresses(),
        *doors(),
        "/?lang=en",
        f"/api/locate?lon={HERE.lon}&lat={HERE.lat}",
        "/api/reports?bbox=106.8,-6.2,106.9,-6.1",
        "/api/counts?by=kelurahan&split=category,status",
        "/api/series?step=year&from=2026-01-01&to=2026-12-31",
        *(f"/api/nearest?layer={layer}&lon={HERE.lon}&lat={HERE.lat}" for layer in ("reports", "alerts")),
        *(
            f"/api/nearest?layer=reports&lon={HERE.lon}&lat={HERE.lat}&f={form}"
            for form in ("geojson", "csv")
        ),
    ]


def whole(response):
    """Read a stream to its end at once: only a few are open at a time."""
    if response.streaming:
        response.streaming_content = [b"".join(response)]
    return response


def test_the_search_finds_each_secret_where_it_is():
    for secret in (
        AUTHOR,
        USERNAME,
        NEIGHBOUR,
        *PHONES,
        LANDLINE,
        IDENTITY,
        *E_MAILS,
        str(SUBMISSION.image_url),
    ):
        assert found_in(f"kata {secret} kata"), secret


def test_every_kind_of_address_is_asked(answers):
    asked = set(answers)
    assert {"/", "/health", "/ready", "/tiles", "/api/map", "/api/locate", "/tiles/reports.json"} <= asked
    tiles = [address for address in asked if address.endswith((".mvt", ".geojson"))]
    assert len(tiles) == len(catalogue()) * 2 * 4
    assert all(answers[address].status_code == 200 for address in tiles)


def test_the_rows_that_hold_secrets_are_shown(answers):
    for layer in ("reports", "alerts", "jams", "irregularities", "petrol_stations", "restaurants"):
        assert answers[f"/tiles/{layer}/9/407/264.geojson"].json()["features"]
        assert answers[f"/tiles/{layer}/9/407/264.mvt"].content
    told = [text_of(response) for address, response in answers.items() if address.startswith("/api/reports/")]
    assert any("Jalan rusak di depan pasar" in text for text in told)
    assert any("Pelapor sudah dihubungi di" in text for text in told)
    for path in ("/mapsengine/v1/tables/reports/", "/open311/v2/requests."):
        shown = [text_of(response) for address, response in answers.items() if address.startswith(path)]
        assert any("Jalan rusak di depan pasar" in text for text in shown)
    listed = answers["/api/reports?bbox=106.8,-6.2,106.9,-6.1"].json()["features"]
    assert any("Jalan rusak di depan pasar" in feature["properties"]["text"] for feature in listed)


def test_no_name_phone_or_e_mail_of_a_citizen_is_in_any_public_answer(answers):
    leaks = {
        address: found for address, response in answers.items() if (found := found_in(text_of(response)))
    }
    assert leaks == {}


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_no_name_phone_or_e_mail_of_a_citizen_is_in_any_export(
    transactional_city, client, settings, tmp_path, form
):
    settings.EXPORTS = tmp_path
    intake.receive([SUBMISSION, BY_USERNAME, TRACE], simulated=False)
    layers_intake.receive([SNAPSHOT], simulated=False)
    for name in ("reports", "jams", "petrol_stations"):
        content = b"".join(client.get(f"/api/collections/{name}/export.{form}"))
        text = str(parquet.read_table(io.BytesIO(content)).to_pylist()) if form == "parquet" else ""
        text += content.decode(errors="replace")
        assert name != "reports" or "Jalan rusak di depan pasar" in text
        assert found_in(text) == []


def test_no_public_answer_sets_a_cookie(answers):
    kept = {address for address, response in answers.items() if response.cookies}
    assert {address for address in kept if not is_staff(address)} == set()


def test_no_public_answer_may_be_kept_per_user(answers):
    varied = {address for address, response in answers.items() if "Cookie" in response.get("Vary", "")}
    assert {address for address in varied if not is_staff(address)} == set()


def test_the_author_is_stored_as_a_hash_alone(secrets):
    with connection.cursor() as cursor:
        cursor.execute("SELECT author_hash FROM reports_report ORDER BY external_id")
        hashes = [row[0] for row in cursor.fetchall()]
    assert len(set(hashes)) == 2
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in hashes)
