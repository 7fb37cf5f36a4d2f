"""Every address of staff, asked by every role: who is let in, who is not, and what an official never sees."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone

from access.models import Entry
from api.admin import urls as admin
from api.casework import urls as casework
from casework.escalation import runs
from casework.models import Case
from casework.steps import disputes
from staff import roles
from tests.api.casework.conftest import HERE, THERE
from tests.conftest import NOON

WHO = ("official", "triage", "supervisor", "governor", "auditor", "administrator")
# Which roles each address lets in, by method: the table that people read, held against what the code does.
VIEW = set(WHO)
TRIAGE, DECIDE, ANSWER = {"triage", "supervisor"}, {"supervisor", "governor"}, {"official"}
STEP = TRIAGE | DECIDE | ANSWER
BOARD = {"triage", "supervisor", "governor", "auditor"}
ADMIN = {"administrator"}
ALL = VIEW - {"official"}
NAMED = {
    "question": "counts",
    "photo": "1",
    "name": "qlue",
    "cell_name": "all:all:due",
    "number": "1",
    "code": "x",
    "username": "nobody",
    "on": "2026-01-02",
    "year": "2026",
}
TABLE = {
    ("GET", "api/staff/work-lists"): VIEW,
    ("GET", "api/staff/cases"): VIEW,
    ("GET", "api/staff/cases/points"): VIEW,
    ("GET", "api/staff/views"): VIEW,
    ("POST", "api/staff/views"): VIEW,
    ("DELETE", "api/staff/views/<int:id>"): VIEW,
    ("POST", "api/staff/cases/steps"): STEP,
    ("GET", "api/staff/cases/pause-reasons"): VIEW,
    ("GET", "api/staff/cases/<int:id>"): VIEW,
    ("GET", "api/staff/cases/<int:id>/context"): VIEW,
    ("GET", "api/staff/cases/<int:id>/precedents"): VIEW,
    ("POST", "api/staff/cases/<int:id>/steps"): STEP,
    ("POST", "api/staff/cases/<int:id>/undo"): STEP,
    ("POST", "api/staff/cases/undo"): STEP,
    ("GET", "api/staff/cases/<int:id>/alternatives"): VIEW,
    ("POST", "api/staff/cases/<int:id>/alternatives"): TRIAGE | DECIDE,
    ("POST", "api/staff/cases/<int:id>/choice"): DECIDE,
    ("POST", "api/staff/cases/<int:id>/pass-on"): ANSWER,
    ("POST", "api/staff/cases/<int:id>/accept"): ANSWER | TRIAGE,
    ("POST", "api/staff/cases/<int:id>/assign"): DECIDE,
    ("POST", "api/staff/cases/<int:id>/pause"): {"supervisor"},
    ("POST", "api/staff/cases/<int:id>/resume"): {"supervisor"},
    ("POST", "api/staff/cases/<int:id>/place"): TRIAGE,
    ("GET", "api/staff/cases/<int:id>/places"): VIEW,
    ("POST", "api/staff/cases/<int:id>/answers"): TRIAGE | ANSWER,
    ("GET", "api/staff/cases/<int:id>/photos"): VIEW,
    ("POST", "api/staff/cases/<int:id>/photos"): TRIAGE | ANSWER,
    ("GET", "api/staff/cases/<int:id>/photos/<int:photo>"): VIEW,
    ("POST", "api/staff/cases/<int:id>/apart"): TRIAGE,
    ("POST", "api/staff/cases/<int:id>/merge"): TRIAGE,
    ("POST", "api/staff/merges/<int:id>/unmerge"): TRIAGE,
    ("POST", "api/staff/cases/<int:id>/verdict"): {"supervisor"},
    ("GET", "api/staff/offices"): VIEW,
    ("GET", "api/staff/offices/<str:code>"): VIEW,
    ("GET", "api/staff/answer-templates"): VIEW,
    ("GET", "api/staff/rules"): VIEW,
    ("GET", "api/staff/rules/try"): VIEW,
    ("GET", "api/staff/figures"): BOARD,
    ("POST", "api/staff/figures"): BOARD,
    ("DELETE", "api/staff/figures/<int:id>"): BOARD,
    ("GET", "api/staff/jam-hours"): BOARD,
    ("GET", "api/staff/questions/<str:question>"): BOARD,
    ("GET", "api/staff/audit"): {"auditor", "administrator"},
    ("GET", "api/staff/board"): BOARD,
    ("GET", "api/staff/board/cells/<str:cell_name>"): BOARD,
    ("GET", "api/staff/board/places"): BOARD,
    ("GET", "api/staff/board/waiting"): BOARD,
    ("GET", "api/staff/calendar"): BOARD,
    ("GET", "api/staff/brief.html"): BOARD,
    ("GET", "api/staff/brief.pdf"): BOARD,
    ("GET", "api/staff/brief.csv"): BOARD,
    ("GET", "api/staff/briefs"): BOARD,
    ("GET", "api/staff/briefs/<str:name>"): BOARD,
    ("GET", "api/staff/feeds"): ALL,
    ("GET", "api/staff/feeds/<str:name>"): ALL,
    ("GET", "api/staff/feeds/<str:name>/runs"): ALL,
    ("GET", "api/staff/feeds/<str:name>/payloads"): ALL,
    ("GET", "api/staff/feeds/<str:name>/payloads/<int:id>"): ALL,
    ("POST", "api/staff/feeds/<str:name>/replay"): {"supervisor", "administrator"},
    ("GET", "api/staff/admin/editions"): VIEW,
    ("POST", "api/staff/admin/editions"): ADMIN,
    ("GET", "api/staff/admin/editions/<int:id>/preview"): ADMIN,
    ("POST", "api/staff/admin/editions/<int:id>/activate"): ADMIN,
    ("GET", "api/staff/admin/errands/<int:id>"): VIEW,
    ("GET", "api/staff/admin/offices"): VIEW,
    ("GET", "api/staff/admin/offices/<str:code>"): ADMIN,
    ("POST", "api/staff/admin/offices/<str:code>/terms"): ADMIN,
    ("POST", "api/staff/admin/offices/<str:code>/contacts"): ADMIN,
    ("POST", "api/staff/admin/terms/<int:id>/end"): ADMIN,
    ("POST", "api/staff/admin/terms/<int:id>/drop"): ADMIN,
    ("GET", "api/staff/admin/gaps"): VIEW,
    ("POST", "api/staff/admin/rules"): ADMIN,
    ("GET", "api/staff/admin/rules/past"): VIEW,
    ("POST", "api/staff/admin/rules/<int:number>/end"): ADMIN,
    ("POST", "api/staff/admin/rules/<int:number>/move"): ADMIN,
    ("GET", "api/staff/admin/deadlines"): VIEW,
    ("POST", "api/staff/admin/deadlines"): ADMIN,
    ("POST", "api/staff/admin/deadlines/<int:id>/end"): ADMIN,
    ("GET", "api/staff/admin/norms"): VIEW,
    ("POST", "api/staff/admin/norms"): ADMIN,
    ("GET", "api/staff/admin/holidays"): VIEW,
    ("POST", "api/staff/admin/holidays"): ADMIN,
    ("POST", "api/staff/admin/holidays/<str:on>/drop"): ADMIN,
    ("POST", "api/staff/admin/years/<int:year>"): ADMIN,
    ("POST", "api/staff/admin/years/<int:year>/drop"): ADMIN,
    ("POST", "api/staff/admin/pause-reasons"): ADMIN,
    ("GET", "api/staff/admin/ladders"): VIEW,
    ("POST", "api/staff/admin/ladders"): ADMIN,
    ("GET", "api/staff/admin/categories"): VIEW,
    ("POST", "api/staff/admin/categories/<str:code>"): ADMIN,
    ("GET", "api/staff/admin/weights"): VIEW,
    ("POST", "api/staff/admin/weights"): ADMIN,
    ("POST", "api/staff/admin/answer-templates"): ADMIN,
    ("GET", "api/staff/admin/accounts"): ADMIN,
    ("POST", "api/staff/admin/accounts"): ADMIN,
    ("POST", "api/staff/admin/accounts/<str:username>"): ADMIN,
    ("POST", "api/staff/admin/accounts/<str:username>/disable"): ADMIN,
    ("POST", "api/staff/admin/accounts/<str:username>/enable"): ADMIN,
    ("POST", "api/staff/admin/accounts/<str:username>/password"): ADMIN,
    ("POST", "api/staff/admin/accounts/<str:username>/forget-device"): ADMIN,
    ("GET", "api/staff/admin/keys"): ADMIN,
    ("POST", "api/staff/admin/keys"): ADMIN,
    ("POST", "api/staff/admin/keys/<int:id>/revoke"): ADMIN,
    ("GET", "api/staff/admin/audit/verify"): {"auditor", "administrator"},
}


def doors() -> list[tuple[str, str]]:
    """Return every method and address of staff that there is."""
    return [
        (method, f"api/staff/{prefix}{one.pattern}")
        for prefix, patterns in (("", casework.urlpatterns), ("admin/", admin.urlpatterns))
        for one in patterns
        if isinstance(one, URLPattern) and hasattr(one.callback, "doors")
        for method in one.callback.doors
    ]


def ask(client: Client, method: str, route: str, id: int, **parts: object):
    address = "/" + re.sub(r"<\w+:(\w+)>", lambda name: {"id": str(id), **NAMED}.get(name[1], name[0]), route)
    if method == "GET":
        return client.get(address, **parts)
    if route.endswith("/photos"):
        return client.post(address, b"\xff\xd8\xff", content_type="image/jpeg", **parts)
    if method == "DELETE":
        return client.delete(address, **parts)
    return client.post(address, {}, content_type="application/json", **parts)


def test_the_table_has_every_address_and_no_other():
    assert set(doors()) == set(TABLE)


def test_the_table_has_every_role(city):
    assert set(WHO) == set(roles.names())


@pytest.mark.parametrize("bearer", [{}, {"X-CSRFToken": "x"}, {"Cookie": "staff_session=0123456789abcdef"}])
def test_nobody_comes_in_without_a_session(db, client, bearer):
    for method, route in TABLE:
        answer = ask(client, method, route, 1, headers=bearer)
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json"), route
        assert answer["WWW-Authenticate"].startswith("Session")
        assert "no-store" in answer["Cache-Control"]


def test_nobody_comes_in_without_the_second_factor(case, login, settings):
    id, client = case(), login("supervisor")
    settings.SECOND_FACTOR = "all"
    for method, route in TABLE:
        answer = ask(client, method, route, id)
        assert (answer.status_code, "second factor" in answer.json()["detail"]) == (403, True), route


@pytest.mark.parametrize("role", WHO)
def test_each_role_is_let_in_where_the_table_says(case, login, role):
    id, client = case(), login(role, HERE if role == "official" else None)
    for (method, route), roles_let_in in TABLE.items():
        answer = ask(client, method, route, id)
        assert (answer.status_code == 403) is (role not in roles_let_in), (method, route, answer.content)
        assert answer.status_code != 500, answer.content
        assert answer["Cache-Control"] == "private, no-store" and "Cookie" in answer["Vary"]


def test_an_official_of_another_office_hears_nothing_of_a_case(case, login):
    id, client = case(), login("official", THERE)
    for (method, route), roles_let_in in TABLE.items():
        answer = ask(client, method, route, id)
        assert "0812" not in answer.content.decode(), route
        if "<int:id>" in route:
            assert answer.status_code == (404 if "official" in roles_let_in else 403), answer.content


# What an official reads of the case of another office, of which they were told as that did not answer.
TOLD = {
    ("GET", "api/staff/cases/<int:id>"),
    ("GET", "api/staff/cases/<int:id>/context"),
    ("GET", "api/staff/cases/<int:id>/precedents"),
    ("GET", "api/staff/cases/<int:id>/photos"),
}


def test_who_was_told_that_an_office_does_not_answer_reads_the_case_and_does_nothing(case, login):
    id = case()
    runs.escalate(NOON + timedelta(days=2))  # the lurah and the camat
    camat, wali_kota = login("official", "31.71.01"), login("official", "31.71")
    for (method, route), roles_let_in in TABLE.items():
        if "<int:id>" not in route:
            continue
        answer = ask(camat, method, route, id)
        expected = 200 if (method, route) in TOLD else 404 if "official" in roles_let_in else 403
        assert (answer.status_code, "0812" in answer.content.decode()) == (expected, False), (method, route)
        if (method, route) in TOLD:
            assert ask(wali_kota, method, route, id).status_code == 404, route
    shown = camat.get(f"/api/staff/cases/{id}").json()
    assert (shown["report"]["is_masked"], shown["steps"]) == (True, [])
    assert camat.get("/api/staff/cases").json()["cases"] == []
    assert Entry.objects.filter(action="case.look").count() == 0


def test_who_was_told_does_not_read_the_words_of_a_dispute(case, login, post):
    id, lurah = case(), login("official", HERE)
    runs.escalate(NOON + timedelta(days=2))
    post(lurah, f"/api/staff/cases/{id}/steps", to="answered", text="Sudah kami kerjakan")
    disputes.dispute(id, "Belum, masih berlubang di depan warung", "citizen", timezone.now())
    camat = login("official", "31.71.01")
    for client, words in ((lurah, "Belum, masih berlubang di depan warung"), (camat, "")):
        disputed = client.get(f"/api/staff/cases/{id}").json()["changes"][-1]
        assert (disputed["to"], disputed["text"]) == ("disputed", words)
    assert "depan warung" not in camat.get(f"/staff/cases/{id}").content.decode()


def test_who_was_told_sees_the_page_of_the_case_without_anything_to_do(case, login):
    id = case()
    runs.escalate(NOON + timedelta(days=2))
    page = login("official", "31.71.01").get(f"/staff/cases/{id}")
    assert (page.status_code, "0812-3456" in page.content.decode()) == (200, False)
    assert 'data-call="cases/' not in page.content.decode()


def test_an_official_lists_and_counts_the_own_cases_alone(case, login):
    mine, _other = case(HERE), case(THERE)
    client = login("official", HERE)
    assert [one["id"] for one in client.get("/api/staff/cases").json()["cases"]] == [mine]
    counts = {one["code"]: one["count"] for one in client.get("/api/staff/work-lists").json()["work_lists"]}
    assert counts["new"] == 1
    assert [one["id"] for one in client.get("/api/staff/cases?worklist=new").json()["cases"]] == [mine]


def test_an_official_takes_no_step_with_the_case_of_another_office(case, login, post):
    id = case(THERE)
    answer = post(
        login("official", HERE), "/api/staff/cases/steps", steps=[{"id": id, "to": "answered", "text": "x"}]
    )
    assert answer.json()["refused"] == [{"id": id, "code": "absent", "reason": "there is no such case"}]
    assert Case.objects.get(pk=id).state_id == "collected"


@pytest.mark.parametrize(
    ("role", "is_whole"),
    [("official", True), ("triage", True), ("auditor", True), ("governor", False), ("administrator", False)],
)
def test_unmasked_words_are_shown_where_needed_and_each_look_is_recorded(case, login, role, is_whole):
    id = case()
    client = login(role, HERE if role == "official" else None)
    said = client.get(f"/api/staff/cases/{id}").json()["report"]
    assert ("0812-3456-7890" in said["text"], said["is_masked"]) == (is_whole, not is_whole)
    looks = list(Entry.objects.filter(action="case.look").values_list("by", "subject"))
    assert looks == ([(client.user.mark, f"report:{id}")] if is_whole else [])


@pytest.mark.parametrize("address", ["/api/staff/cases", "/api/staff/cases?worklist=new"])
def test_no_list_shows_unmasked_words(case, login, address):
    id = case()
    answer = login("supervisor").get(address)
    assert [one["id"] for one in answer.json()["cases"]] == [id]
    assert "0812-3456" not in answer.content.decode()


def test_a_change_without_the_token_of_the_session_is_refused(case, login):
    id, client = case(), Client(enforce_csrf_checks=True)
    client.force_login(login("triage").user)
    said, address = {"to": "selected"}, f"/api/staff/cases/{id}/steps"
    refused = client.post(address, said, content_type="application/json")
    assert (refused.status_code, "CSRF" in refused.json()["detail"]) == (403, True)
    token = client.get("/api/staff/me").json()["csrf_token"]
    taken = client.post(address, said, content_type="application/json", headers={"X-CSRFToken": token})
    assert (taken.status_code, taken.json()["state"]["code"]) == (200, "selected")
    # In another browser the same token is none.
    other = Client(enforce_csrf_checks=True)
    other.force_login(login("supervisor").user)
    stolen = other.post(address, said, content_type="application/json", headers={"X-CSRFToken": token})
    assert stolen.status_code == 403


def test_who_was_disabled_is_out_at_once(case, login):
    client = login("triage")
    assert client.get("/api/staff/me").status_code == 200
    client.user.is_active = False
    client.user.save()
    assert client.get("/api/staff/me").status_code == 401


@pytest.mark.parametrize("address", ["/api/reports?bbox=106,-7,107,-6", "/tiles", "/api/feeds"])
def test_the_public_addresses_take_no_notice_of_a_session(case, login, address):
    case()
    answer = login("triage").get(address)
    assert "Cookie" not in answer.get("Vary", "") and not answer.cookies


def test_other_methods_and_bodies_are_refused_in_the_form_of_every_error(case, login):
    id, client = case(), login("triage")
    wrong = client.delete(f"/api/staff/cases/{id}")
    assert (wrong.status_code, wrong["Allow"]) == (405, "GET, OPTIONS")
    form = client.post(f"/api/staff/cases/{id}/steps", {"to": "selected"})
    assert form.status_code == 415
    broken = client.post(f"/api/staff/cases/{id}/steps", "{", content_type="application/json")
    assert (broken.status_code, broken.json()["detail"]) == (400, "the body is no JSON")
    for said in ([], 1, None):
        listed = client.post(
            f"/api/staff/cases/{id}/steps", json.dumps(said), content_type="application/json"
        )
        assert listed.status_code == 400


def test_a_number_that_is_larger_than_any_is_not_found(login):
    assert login("triage").get(f"/api/staff/cases/{1 << 63}").status_code == 404
