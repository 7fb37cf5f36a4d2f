"""Open311 GeoReport v2, the side that reads: what its clients ask, in both forms."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from defusedxml import ElementTree
from django.db import connection

from casework.steps import workflow
from casework.steps.workflow import Step
from ingest import feeds, pipeline
from layers.record import LonLat
from reports import intake
from reports.models import Category, Report
from reports.record import WITHDRAWN, Update, Updates
from tests.conftest import MONAS

V2 = "/open311/v2"
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
REQUEST = {
    "service_request_id",
    "status",
    "status_notes",
    "service_name",
    "service_code",
    "description",
    "agency_responsible",
    "service_notice",
    "requested_datetime",
    "updated_datetime",
    "expected_datetime",
    "address",
    "address_id",
    "zipcode",
    "lat",
    "long",
    "media_url",
}
INJECTIONS = [
    "' OR 1=1 --",
    "1; DROP TABLE reports_report",
    "1) UNION SELECT author_hash FROM reports_report --",
    "%s",
    "%(v0)s",
    "{v0}",
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "]]>",
    "\u0000",
    "9" * 400,
    "NaN",
    "-1",
]


@pytest.fixture
def ask(client) -> Callable[..., list]:
    def get(path, **params):
        answer = client.get(f"{V2}/{path}.json", params)
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"] == "application/json; charset=utf-8"
        assert answer["Access-Control-Allow-Origin"] == "*"
        return answer.json()

    return get


@pytest.fixture
def five(city, submission) -> list[Report]:
    """Five reports, a day apart, the last of yesterday; one is done, one without a point."""
    sent = [
        submission(
            str(i),
            category=category,
            description=f"laporan {i}",
            submitted_at=NOW - (5 - i) * DAY,
            updated_at=NOW - (5 - i) * DAY,
            point=None if i == 3 else LonLat(MONAS.lon, MONAS.lat + i * 0.01),
        )
        for i, category in enumerate(("road", "flood", "road", "tree", "garbage"))
    ]
    steps = (
        Update(NOW - 4 * DAY, "in_progress", "Kelurahan Gambir", "Petugas menuju lokasi."),
        Update(NOW - 3 * DAY, "done", "Kelurahan Gambir", "Selesai."),
        Update(NOW - 2 * DAY, None, "Kelurahan Gambir", "Terima kasih."),
    )
    intake.receive([*sent, Updates("qlue", "0", steps)], simulated=False)
    return list(Report.objects.order_by("id"))


def texts(found):
    return [one["description"] for one in found]


def test_discovery_leads_to_the_service_in_both_forms(city, client):
    found = client.get("/open311/discovery.json").json()
    (endpoint,) = found["endpoints"]
    assert endpoint["url"] == "http://testserver/open311/v2"
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["formats"] == ["application/json", "text/xml"]
    xml = ElementTree.fromstring(client.get(f"{V2}/discovery.xml").content)
    assert [one.text for one in xml.findall("endpoints/endpoint/formats/format")] == endpoint["formats"]


def test_the_simulated_city_is_a_test(city, client, submission):
    intake.receive([submission("1")], simulated=True)
    assert client.get("/open311/discovery.json").json()["endpoints"][0]["type"] == "test"


def test_every_category_is_a_service(city, ask, client):
    services = ask("services")
    assert [one["service_code"] for one in services] == sorted(Category.objects.values_list("pk", flat=True))
    road = next(one for one in services if one["service_code"] == "road")
    assert road == {
        "service_code": "road",
        "service_name": "Jalan rusak",
        "description": "Damaged road",
        "metadata": False,
        "type": "realtime",
        "keywords": "jalan rusak,damaged road",
        "group": "kelurahan",
    }
    xml = ElementTree.fromstring(client.get(f"{V2}/services.xml").content)
    assert [one.findtext("service_code") for one in xml.findall("service")] == [
        one["service_code"] for one in services
    ]
    assert xml.findtext("service/metadata") == "false"


def test_a_service_has_a_definition_without_attributes(city, ask, client):
    assert ask("services/road") == {"service_code": "road", "attributes": []}
    xml = ElementTree.fromstring(client.get(f"{V2}/services/road.xml").content)
    assert (xml.tag, xml.findtext("service_code"), len(xml.find("attributes"))) == (
        "service_definition",
        "road",
        0,
    )


def test_a_request_has_every_field_of_the_specification(five, ask):
    (found,) = ask(f"requests/{five[0].pk}")
    assert set(found) == REQUEST
    assert found == {
        "service_request_id": str(five[0].pk),
        "status": "closed",
        "status_notes": "Terima kasih.",
        "service_name": "Jalan rusak",
        "service_code": "road",
        "description": "laporan 0",
        "agency_responsible": "Lurah Gambir",
        "service_notice": None,
        "requested_datetime": f"{NOW - 5 * DAY:%Y-%m-%dT%H:%M:%SZ}",
        "updated_datetime": f"{NOW - 2 * DAY:%Y-%m-%dT%H:%M:%SZ}",
        "expected_datetime": None,
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": -6.1754,
        "long": 106.8272,
        "media_url": None,
    }


def test_json_and_xml_say_the_same(five, ask, client):
    answer = client.get(f"{V2}/requests.xml")
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    xml = ElementTree.fromstring(answer.content)
    assert xml.tag == "service_requests"
    told = [{part.tag: part.text for part in one} for one in xml.findall("request")]
    assert told == [
        {name: None if value is None else str(value) for name, value in one.items()}
        for one in ask("requests")
    ]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"service_code": "road"}, [2, 0]),
        ({"service_code": "road,tree"}, [3, 2, 0]),
        ({"status": "open"}, [4, 3, 2, 1]),
        ({"status": "closed"}, [0]),
        ({"status": "open,closed"}, [4, 3, 2, 1, 0]),
        ({"start_date": f"{NOW - 3 * DAY:%Y-%m-%dT%H:%M:%SZ}"}, [4, 3, 2]),
        ({"end_date": f"{NOW - 3 * DAY:%Y-%m-%dT%H:%M:%SZ}"}, [2, 1, 0]),
        ({"start_date": "2016-01-01T00:00:00Z"}, []),
        ({"updated_after": f"{NOW - 2 * DAY:%Y-%m-%dT%H:%M:%SZ}"}, [4, 3, 0]),
        ({"bbox": "106.82,-6.17,106.83,-6.15"}, [2, 1]),
        ({"jurisdiction_id": "jakarta.go.id", "api_key": "any", "extensions": "true"}, [4, 3, 2, 1, 0]),
        ({"page": "2", "page_size": "2"}, [2, 1]),
        ({"page": "4", "page_size": "2"}, []),
    ],
)
def test_requests_are_chosen_by_each_parameter(five, ask, params, expected):
    assert texts(ask("requests", **params)) == [f"laporan {i}" for i in expected]


def test_some_requests_may_be_asked_for_by_their_numbers_however_old(five, ask, submission):
    intake.receive([submission("old", description="alt", submitted_at=NOW - 400 * DAY)], simulated=False)
    old = Report.objects.get(external_id="old").pk
    asked = ask("requests", service_request_id=f"{old},{five[1].pk}", status="closed")
    assert texts(asked) == ["alt", "laporan 1"]
    assert "alt" not in texts(ask("requests"))


def test_pages_behind_one_another_neither_leave_out_nor_repeat(five, client):
    found, there = [], f"{V2}/requests.json?page_size=2&status=open"
    while there:
        answer = client.get(there)
        found += texts(answer.json())
        link = answer.headers.get("Link", "")
        assert link == "" or link.endswith('; rel="next"')
        there = link.partition(">")[0].removeprefix("<http://testserver")
    assert found == ["laporan 4", "laporan 3", "laporan 2", "laporan 1"]


def test_updates_tell_what_became_of_requests(five, ask, client):
    updates = ask("servicerequestupdates")
    assert [(one["status"], one["description"]) for one in updates] == [
        ("closed", "Kelurahan Gambir: Terima kasih."),
        ("closed", "Kelurahan Gambir: Selesai."),
        ("open", "Kelurahan Gambir: Petugas menuju lokasi."),
    ]
    assert {one["service_request_id"] for one in updates} == {str(five[0].pk)}
    since = f"{NOW - 3 * DAY:%Y-%m-%dT%H:%M:%SZ}"
    assert len(ask("servicerequestupdates", start_date=since)) == 2
    assert ask("servicerequestupdates", service_request_id=str(five[1].pk)) == []
    xml = ElementTree.fromstring(client.get(f"{V2}/servicerequestupdates.xml").content)
    assert [one.findtext("update_id") for one in xml.findall("request_update")] == [
        one["update_id"] for one in updates
    ]


def test_withdrawn_requests_and_their_updates_are_gone(five, ask, client):
    intake.receive([Updates("qlue", "0", (Update(NOW, WITHDRAWN, "", ""),))], simulated=False)
    assert "laporan 0" not in texts(ask("requests"))
    assert ask("servicerequestupdates") == []
    assert client.get(f"{V2}/requests/{five[0].pk}.json").status_code == 404


def test_what_xml_has_no_place_for_does_not_break_it(city, submission, client):
    said = "a\x0bb & <c> ]]> \ufffe 💧"
    intake.receive([submission("1", description=said, submitted_at=NOW, updated_at=NOW)], simulated=False)
    xml = ElementTree.fromstring(client.get(f"{V2}/requests.xml").content)
    assert xml.findtext("request/description") == "a\ufffdb & <c> ]]> \ufffd 💧"


@pytest.mark.parametrize(
    ("path", "status", "description"),
    [
        ("requests/1.json", 404, "service_request_id 1 was not found"),
        ("requests/x.json", 400, "service_request_id 'x' is no whole number that can be used"),
        ("services/x.json", 404, "service_code 'x' was not found: services lists them"),
        ("requests.json?jurisdiction_id=x", 404, "jurisdiction_id 'x' was not found: here is jakarta.go.id"),
        ("requests.json?status=done", 400, "status 'done' is none of open, closed"),
        ("requests.json?service_code=x", 404, "service_code 'x' was not found: services lists them"),
        ("requests.json?start_date=x", 400, "start_date 'x' is no instant (YYYY-MM-DDTHH:MM:SSZ)"),
        (
            "requests.json?start_date=2016-01-01T00:00:00Z&end_date=2017-01-01T00:00:00Z",
            400,
            "start_date and end_date lie more than 90 days apart",
        ),
        ("requests.json?page=20&page_size=1000", 400, "page 20 lies behind the first 10000: go on by after"),
        ("requests.json?page=2&after=1", 400, "page and after: give one of them"),
        ("requests.json?page_size=1001", 400, "page_size 1001: it must lie between 1 and 1000"),
        ("requests.json?bbox=1,2", 400, "bbox '1,2' is not four numbers, or six"),
        ("tokens/x.json", 404, "token 'x' was not found"),
        ("nothing.json", 404, "there is nothing at /open311/v2/nothing.json"),
    ],
)
def test_an_error_is_a_list_of_code_and_description_in_both_forms(city, client, path, status, description):
    answer = client.get(f"{V2}/{path}")
    assert answer.status_code == status
    assert answer.json() == [{"code": status, "description": description}]
    answer = client.get(f"{V2}/{path.replace('.json', '.xml')}")
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    xml = ElementTree.fromstring(answer.content)
    assert (xml.tag, xml.findtext("error/code")) == ("errors", str(status))
    assert xml.findtext("error/description") == description.replace(".json", ".xml")


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize(
    "path",
    [
        "services/{}.xml",
        "requests/{}.json",
        "tokens/{}.xml",
        "requests.json?{}=1",
        *(
            f"requests.xml?{name}={{}}"
            for name in (
                "jurisdiction_id",
                "service_request_id",
                "service_code",
                "start_date",
                "end_date",
                "status",
                "updated_after",
                "updated_before",
                "bbox",
                "page",
                "page_size",
                "after",
                "api_key",
                "extensions",
            )
        ),
        *(
            f"servicerequestupdates.json?{name}={{}}"
            for name in ("service_request_id", "start_date", "after")
        ),
    ],
)
def test_nothing_that_is_injected_is_more_than_text(city, receive_one, client, path, text):
    receive_one()
    answer = client.get(f"{V2}/{path.format(quote(text, safe=''))}")
    assert answer.status_code in (200, 400, 404), answer.content
    assert Report.objects.count() == 1
    for inside in (b"psycopg", b"Traceback", b"syntax error", b"analyst."):
        assert inside not in answer.content
    if answer["Content-Type"].startswith("text/xml"):
        ElementTree.fromstring(answer.content)


def test_no_personal_data_leave_by_this_door(city, submission, client):
    secrets = {"author": "Rahasia Sekali", "description": "dari Rahasia Sekali, 0812 3456 7890, a@rahasia.id"}
    sent = submission(
        "1", **secrets, image_url="https://photos.example/x.jpg", submitted_at=NOW, updated_at=NOW
    )
    step = Update(NOW, None, "", "kata Rahasia Sekali 0812 3456 7890", author="Rahasia Sekali")
    intake.receive([sent, Updates("qlue", "1", (step,))], simulated=False)
    for path in ("requests", "servicerequestupdates"):
        told = client.get(f"{V2}/{path}.json").content.decode()
        assert json.loads(told)
        for secret in ("Rahasia", "0812", "rahasia.id", "photos.example"):
            assert secret not in told


def test_a_question_that_takes_too_long_is_ended_and_says_what_to_do(five, client, settings, monkeypatch):
    settings.QUERY_TIMEOUT_MS = 50
    monkeypatch.setattr(
        "api.open311.requests.SELECT", "SELECT pg_sleep(2) WHERE {} IS NOT NULL LIMIT {} OFFSET {}"
    )
    monkeypatch.setattr("api.open311.requests._put", lambda terms, given: None)
    monkeypatch.setattr("api.selection.Terms.add", lambda *given: None)
    answer = client.get(f"{V2}/requests.json")
    assert answer.status_code == 503
    assert answer.json()[0]["description"].startswith("the database gave no answer in time")


def test_requests_cost_as_many_statements_whatever_their_number(five, ask, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        ask("requests")


def test_head_and_options_are_answered_and_an_answer_that_is_known_is_304(five, client):
    path = f"{V2}/requests.json"
    tag = client.get(path)["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.head(path).content == b""
    asked = client.options(path)
    assert (asked.status_code, asked["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS, POST")
    refused = client.delete(path)
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert refused.json()[0]["code"] == 405


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_client_that_reads_other_servers_reads_this_one(
    transactional_city, submission, live_server, settings, tmp_path, form
):
    """The platform's own reader of Open311, which was written against the specification and other cities."""
    sent = [submission(str(i), submitted_at=NOW - i * DAY, updated_at=NOW - i * DAY) for i in range(1, 4)]
    intake.receive(sent, simulated=False)
    table = tmp_path / "feeds.toml"
    table.write_text(
        f'[ours]\nadapter = "open311"\ntitle = "ours"\nowner = "we"\nurl = "{live_server.url}/open311/v2"\n'
        f'cadence_s = 60\nallow_hosts = ["localhost"]\n[ours.options]\nform = "{form}"\n'
        'jurisdiction_id = "jakarta.go.id"\npage_name = "page"\npage_size = 2\n'
        '[ours.options.categories]\nroad = "road"\n'
        '[ours.options.statuses]\nopen = "waiting"\nclosed = "done"\n',
        encoding="utf-8",
    )
    settings.FEEDS_FILE = str(table)
    feeds._toml.cache_clear()
    pipeline.run("ours")
    read = Report.objects.filter(channel="ours")
    numbers = {str(one) for one in Report.objects.filter(channel="qlue").values_list("pk", flat=True)}
    assert set(read.values_list("external_id", flat=True)) == numbers
    assert set(read.values_list("public_text", flat=True)) == {"Jalan rusak di depan pasar"}
    assert {one.point.coords for one in read} == {(MONAS.lon, MONAS.lat)}


def test_the_indexes_by_time_are_there(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%USING brin%'")
        names = {name for (name,) in cursor.fetchall()}
    assert {"report_submitted", "source_update_at"} <= names


def test_what_the_city_has_in_hand_is_as_open_as_its_case_whatever_the_channel_says(five, ask):
    workflow.collect(NOW)
    done, closed = five[0], five[1]
    workflow.change_one(Step(closed.id, "no_problem", "Bukan masalah"), "user:1", {"triage"}, NOW)
    said = {one["service_request_id"]: one["status"] for one in ask("requests")}
    assert (said[str(done.id)], said[str(closed.id)]) == ("open", "closed")  # the first is not resolved yet
    workflow.follow(NOW)
    found = ask("requests", status="closed")
    assert {one["service_request_id"] for one in found} == {str(done.id), str(closed.id)}
    assert {one["status"] for one in ask("requests", status="open")} == {"open"}
