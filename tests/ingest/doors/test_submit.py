"""The Open311 door: what an app posts is kept first, stored, placed and routed, and never lost."""

import json
import re
from collections.abc import Iterator
from io import StringIO

import pytest
from defusedxml import ElementTree
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from access import keys as access_keys
from access.models import ApiKey
from geoplatform.errors import Rejected
from ingest import feeds, pipeline
from ingest.doors import api_keys
from ingest.models import Payload, Waiting
from layers.record import LonLat
from layers.revisions import current
from reports.models import Report
from tests.conftest import MONAS, ROOT

KEY = "kunci-rahasia-untuk-uji-coba"
V2 = "/open311/v2"
FORM = "application/x-www-form-urlencoded"
POSTED = {
    "api_key": KEY,
    "jurisdiction_id": "jakarta.go.id",
    "service_code": "road",
    "lat": str(MONAS.lat),
    "long": str(MONAS.lon),
    "description": "Lubang di depan Monas, kata Melati Contoh",
    "first_name": "Melati",
    "last_name": "Contoh",
    "email": "melati@warga.example",
    "phone": "0812 0000 0000",
    "media_url": "https://photos.example/monas.jpg",
    "attribute[kedalaman]": "20 cm",
    "title": "Lubang",
}
INJECTIONS = [
    "' OR 1=1 --",
    "'); DROP TABLE reports_report; --",
    "%s",
    "{0}",
    "<b>",
    "]]>",
    "\u0000",
    "💧",
    "NaN",
]


@pytest.fixture(autouse=True)
def keys(db) -> Iterator[None]:
    access_keys.forget()
    access_keys.adopt("fixmystreet", KEY, ["write"])
    access_keys.adopt("other", "kunci-lain-yang-cukup-panjang", ["write"])
    yield
    access_keys.forget()


def post(form="json", **changed):
    fields = {name: value for name, value in (POSTED | changed).items() if value is not None}
    return Client().post(f"{V2}/requests.{form}", fields)


def number_of(answer) -> str:
    assert answer.status_code == 200, answer.content
    (row,) = answer.json()
    return row["service_request_id"]


def test_a_posted_request_is_a_report_with_place_and_office_and_shows_at_once(city):
    before = current("reports")
    answer = post()
    number = number_of(answer)
    (row,) = answer.json()
    assert row == {
        "service_request_id": number,
        "service_notice": "Laporan diterima. / The report was received.",
        "account_id": None,
    }
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "no-store" in answer["Cache-Control"]
    report = Report.objects.get(pk=number)
    assert (report.channel, report.category_id, report.kelurahan_code) == (
        "georeport",
        "road",
        "31.71.01.1001",
    )
    assert report.office_id == "kelurahan-31.71.01.1001"
    assert report.point.coords == (MONAS.lon, MONAS.lat)
    assert current("reports") > before
    (read,) = Client().get(f"{V2}/requests/{number}.json").json()
    assert (read["service_request_id"], read["agency_responsible"]) == (number, "Lurah Gambir")
    assert read["description"] == "Lubang di depan Monas, kata [nama]"


def test_all_of_a_request_is_kept_but_the_key(city):
    post()
    (payload,) = Payload.objects.filter(feed="georeport")
    kept = json.loads(payload.body)
    assert KEY not in payload.body
    assert kept["client"] == f"key-{ApiKey.objects.get(title='fixmystreet').id}"
    assert kept["attribute"] == {"kedalaman": "20 cm"}
    assert kept["more"] == {"title": "Lubang"}
    assert kept["email"] == "melati@warga.example"
    assert not Waiting.objects.exists()


def test_no_personal_data_of_who_posted_leave_again(city):
    number = number_of(post(description="Melati Contoh, melati@warga.example, 0812 0000 0000"))
    everything = [f"{V2}/requests/{number}.json", f"{V2}/requests.xml", f"/api/reports/{number}"]
    for path in everything:
        told = Client().get(path).content.decode()
        for secret in ("Melati", "warga.example", "0812", "photos.example"):
            assert secret not in told


def test_the_answer_is_xml_where_xml_was_asked_for(city):
    answer = post("xml")
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "service_requests"
    assert Report.objects.filter(pk=root.findtext("request/service_request_id")).exists()


def test_a_form_in_parts_is_taken_as_well(city):
    # Django's client sends one by default; most clients send the other.
    fields = "&".join(f"{name}={value}" for name, value in POSTED.items())
    answer = Client().post(f"{V2}/requests.json", fields.replace(" ", "+"), content_type=FORM)
    assert number_of(answer)


def test_the_same_request_posted_again_has_the_same_number(city):
    assert number_of(post()) == number_of(post("json"))
    assert Report.objects.count() == Payload.objects.count() == 1
    assert number_of(post(description="another")) != number_of(post())
    assert number_of(post(api_key="kunci-lain-yang-cukup-panjang")) != number_of(post())


def test_an_address_may_stand_for_a_position(city):
    number = number_of(post(lat=None, long=None, address_string="Jalan Kali Pasir, Cikini"))
    report = Report.objects.get(pk=number)
    assert (report.point, report.hint) == (None, "Jalan Kali Pasir, Cikini")


def test_zeros_are_no_position(city):
    assert Report.objects.get(pk=number_of(post(lat="0", long="0.0", address_id="7"))).point is None
    assert post(lat="0", long="0").status_code == 400


def test_a_key_may_stand_in_the_address(city):
    fields = {name: value for name, value in POSTED.items() if name != "api_key"}
    assert number_of(Client().post(f"{V2}/requests.json?api_key={KEY}", fields))


@pytest.mark.parametrize("key", [None, "", "x", KEY[:-1], KEY + "x", "fixmystreet", "ключ"])
def test_without_a_right_key_nothing_is_taken(city, key):
    answer = post(api_key=key)
    assert answer.status_code == 403
    assert answer.json() == [{"code": 403, "description": "api_key is missing, or nobody's"}]
    assert not Payload.objects.exists()


def test_a_key_of_the_platform_that_may_write_is_taken_and_one_that_may_not_is_not(city):
    access_keys.forget()
    _, may = access_keys.create("Contoh", ["write"])
    _, may_not = access_keys.create("Contoh", ["limits"])
    assert number_of(post(api_key=may))
    assert post(api_key=may_not).status_code == 403
    assert post(api_key=f"{access_keys.MARK}nobody").status_code == 403


def test_without_any_key_nobody_posts(city):
    access_keys.forget()
    ApiKey.objects.all().delete()
    assert post().status_code == 403
    assert post(api_key="").status_code == 403


def test_a_list_of_keys_in_the_settings_is_read_no_more_and_it_is_said_what_to_do(city, monkeypatch, caplog):
    monkeypatch.setenv("GEOPLATFORM_OPEN311_KEYS", "lama=kunci-lama-yang-cukup-panjang")
    assert post(api_key="kunci-lama-yang-cukup-panjang").status_code == 403
    api_keys.warn_of_former()
    assert "printenv GEOPLATFORM_OPEN311_KEYS | python manage.py key adopt" in caplog.text
    assert "kunci-lama" not in caplog.text


def test_keys_of_such_a_list_are_taken_over_and_go_on(city, monkeypatch):
    given = "lama=kunci-lama-yang-cukup-panjang,satu=kunci-satu-yang-cukup-panjang\n"
    for said in (
        r"key \d+ of lama: write\nkey \d+ of satu: write\n",
        "lama: known already\nsatu: known already\n",
    ):
        out = StringIO()
        monkeypatch.setattr("sys.stdin", StringIO(given))
        call_command("key", "adopt", stdout=out)
        assert re.fullmatch(said, out.getvalue())
    assert number_of(post(api_key="kunci-lama-yang-cukup-panjang"))
    assert "kunci-lama" not in str(list(ApiKey.objects.values()))


@pytest.mark.parametrize("given", ["fixmystreet", "=kunci-rahasia-untuk-uji", "a=short"])
def test_a_list_of_keys_that_cannot_be_read_is_said(city, monkeypatch, given):
    monkeypatch.setattr("sys.stdin", StringIO(given))
    with pytest.raises(CommandError, match=r"name=key|16 to 200 characters"):
        call_command("key", "adopt")


@pytest.mark.parametrize(
    ("changed", "status", "description"),
    [
        ({"service_code": None}, 400, "service_code is missing"),
        ({"service_code": "meteor"}, 404, "service_code 'meteor' was not found: services lists them"),
        ({"jurisdiction_id": "x"}, 404, "jurisdiction_id 'x' was not found: here is jakarta.go.id"),
        ({"lat": None}, 400, "lat and long: one of them is missing"),
        (
            {"lat": None, "long": None},
            400,
            "lat and long are missing, and address_string and address_id too",
        ),
        ({"lat": "106.8"}, 400, "lat '106.8' is no number from -90 to 90"),
        ({"long": "x"}, 400, "long 'x' is no number from -180 to 180"),
        (
            {"media_url": "javascript:alert(1)"},
            400,
            "media_url 'javascript:alert(1)' is no address of the web",
        ),
        ({"description": "x" * 4001}, 400, "description has 4001 characters: at most 4000 are taken"),
        ({"first_name": "x" * 501}, 400, "first_name has 501 characters: at most 500 are taken"),
        ({"attribute[x]": "x" * 501}, 400, "an attribute has 501 characters: at most 500 are taken"),
        ({"nonsense": "x" * 501}, 400, "a field has 501 characters: at most 500 are taken"),
        ({f"f{i}": "x" for i in range(60)}, 400, "73 fields: at most 60 are taken"),
    ],
)
def test_what_cannot_be_used_is_refused_and_named(city, changed, status, description):
    answer = post(**changed)
    assert (answer.status_code, answer.json()) == (status, [{"code": status, "description": description}])
    assert not Payload.objects.exists()


def test_other_forms_and_files_and_floods_of_bytes_are_refused(city, tmp_path):
    answer = Client().post(f"{V2}/requests.json", json.dumps(POSTED), content_type="application/json")
    assert answer.status_code == 415
    picture = tmp_path / "a.jpg"
    picture.write_bytes(b"x")
    with picture.open("rb") as file:
        answer = Client().post(f"{V2}/requests.json", {**POSTED, "media": file})
    assert answer.json()[0]["description"] == "media is a file: give the address of a picture as media_url"
    assert Client().post(f"{V2}/requests.json", "x" * 70_000, content_type=FORM).status_code == 413
    assert not Payload.objects.exists()


@pytest.mark.parametrize(
    ("content_type", "body", "length"),
    [
        ("multipart/form-data", b"x", None),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken", None),
        ("multipart/form-data; boundary=" + "x" * 300, b"x", None),
        (f"{FORM}; charset=utf-16", b"service_code=road", None),
        (FORM, b"%ff%fe=%00&&&==", None),
        (FORM, b"service_code=road", "many"),
        (FORM, b"service_code=road", "-1"),
        ("", b"service_code=road", None),
        ("text/plain", b"service_code=road", None),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(city, content_type, body, length):
    more = {} if length is None else {"CONTENT_LENGTH": length}
    answer = Client().generic("POST", f"{V2}/requests.json", body, content_type=content_type, **more)
    assert answer.status_code in (400, 415), answer.content
    assert answer.json()[0]["code"] == answer.status_code
    assert not Payload.objects.exists()


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize(
    "field", sorted({*POSTED, "address_string", "address_id", "device_id", "zipcode"} - {"api_key"})
)
def test_nothing_that_is_injected_is_more_than_text(city, field, text):
    answer = post(**{field: text})
    assert answer.status_code in (200, 400, 404), answer.content
    assert Report.objects.count() == (answer.status_code == 200)
    assert b"psycopg" not in answer.content


def test_the_key_is_no_way_in_either(city):
    for text in INJECTIONS:
        assert post(api_key=text).status_code == 403


def test_one_key_may_post_so_many_requests_an_hour_and_another_its_own(city, settings):
    settings.OPEN311_AN_HOUR = 2
    assert number_of(post(description="1"))
    assert number_of(post(description="2"))
    answer = post(description="3")
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")
    assert answer.json()[0]["description"] == "api_key: 2 requests an hour are taken from one key"
    assert number_of(post(description="2"))  # what is known already costs nothing
    assert number_of(post(description="3", api_key="kunci-lain-yang-cukup-panjang"))


def test_a_request_that_cannot_be_stored_at_once_has_a_token_and_is_stored_later(city, monkeypatch):
    def broken(*given, **named):
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "use", broken)
        (row,) = post().json()
    assert "service_request_id" not in row
    token = row["token"]
    assert not Report.objects.exists()
    waiting = Client().get(f"{V2}/tokens/{token}.json")
    assert waiting.json() == [{"service_request_id": None, "token": token}]
    pipeline.take_up("georeport")
    report = Report.objects.get()
    (row,) = Client().get(f"{V2}/tokens/{token}.json").json()
    assert row == {"service_request_id": str(report.pk), "token": token}
    xml = ElementTree.fromstring(Client().get(f"{V2}/tokens/{token}.xml").content)
    assert xml.findtext("request/service_request_id") == str(report.pk)


def test_a_request_that_could_not_even_be_kept_is_an_error(city, monkeypatch):
    def broken(*given, **named):
        raise OperationalError("gone")

    monkeypatch.setattr(pipeline.kept, "keep", broken)
    answer = post()
    assert (answer.status_code, answer.json()[0]["code"]) == (503, 503)


def test_a_request_that_the_adapter_sets_aside_is_refused_and_kept(city, monkeypatch):
    def rejects(self, payload):
        raise Rejected("no")

    monkeypatch.setattr(f"{feeds.adapter('georeport').__class__.__module__}.Adapter.parse", rejects)
    assert post().status_code == 400
    assert Payload.objects.count() == 1


def test_recorded_requests_are_read_with_no_field_left():
    adapter = feeds.adapter("georeport")
    body = (ROOT / "fixtures" / "feeds" / "georeport" / "requests_edges.json").read_bytes()
    first, second = (adapter.parse(payload) for payload in adapter.document(body))
    assert (first.unread, second.unread) == ((), ())
    assert (first.author, first.point, first.category) == ("Melati Contoh", LonLat(106.8272, -6.1754), "road")
    assert (second.author, second.point, second.hint) == ("", None, "Jalan Kali Pasir, Cikini")


def test_options_say_that_one_may_post(city):
    answer = Client().options(f"{V2}/requests.json")
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS, POST"
    answer = Client().options(f"{V2}/tokens/x.json")
    assert (answer.status_code, answer["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS")
