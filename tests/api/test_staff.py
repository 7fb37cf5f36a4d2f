"""Addresses for staff: who may look at what a citizen wrote, and that each look is recorded."""

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from access.models import Entry
from api.staff import staff
from boundaries.models import Office
from casework.citizens import links
from casework.duplicates import clusters
from casework.models import Turn
from casework.steps import workflow
from casework.steps.workflow import Step
from geoplatform.errors import Forbidden, NoSecondFactor, NoSession
from reports import outbox
from reports.models import Report
from staff import accounts
from tests.conftest import NOON

AUTHOR, PHONE = "Ratnaningsih Wirokusumo", "0812-3456-7890"


@pytest.fixture
def report(receive_one, settings) -> Report:
    settings.CONTACT_KEYS = Fernet.generate_key().decode()
    settings.SECOND_FACTOR = "none"
    report = receive_one(author=AUTHOR, description=f"Jalan rusak, hubungi {PHONE}", hint="gang Mawar")
    workflow.collect(NOON)
    return report


@pytest.fixture
def seen_by(client, report):
    """Look at the report as somebody of a role."""

    def look(role: str, office: str | None = None) -> HttpResponse:
        client.force_login(accounts.create(role, [role], None, NOON, office=office))
        return client.get(f"/api/staff/reports/{report.id}/personal")

    return look


@pytest.mark.parametrize(
    ("role", "status"),
    [("triage", 200), ("supervisor", 200), ("auditor", 200), ("governor", 403), ("administrator", 403)],
)
def test_who_may_see_a_citizen_is_shown_the_words_and_the_look_is_recorded(seen_by, report, role, status):
    answer = seen_by(role)
    assert answer.status_code == status
    looks = Entry.objects.filter(action="personal.look")
    if status != 200:
        assert not looks.exists()
        return
    assert answer.json() == {
        "contact": {"name": AUTHOR},
        "description": f"Jalan rusak, hubungi {PHONE}",
        "hint": "gang Mawar",
        "notes": [],
    }
    assert looks.get().subject == f"report:{report.id}"
    assert looks.get().by.startswith("user:")
    assert AUTHOR not in str(looks.get().details)


def test_what_is_held_of_a_citizen_is_taken_out_by_who_may_and_nothing_of_a_namesake(
    client, report, receive_one
):
    namesake = receive_one(external_id="2", author=AUTHOR, description="Pohon tumbang", category="tree")
    receive_one(external_id="3", author="Orang Lain", description="Banjir")
    workflow.collect(NOON)
    workflow.change_one(Step(report.id, "answered", "Kami cek besok"), "user:1", {"answer"}, NOON)
    outbox.put(report, outbox.ANSWER, by="Lurah Gambir", at=NOON, text="Petugas datang")
    links.token(report.id, NOON)
    clusters.stop(report.id, NOON)
    client.force_login(accounts.create("supervisor", ["supervisor"], None, NOON))
    answer = client.get(f"/api/staff/reports/{report.id}/personal/export")
    assert answer["Content-Disposition"] == f'attachment; filename="citizen-of-report-{report.id}.json"'
    assert "no-store" in answer["Cache-Control"]
    taken = answer.json()
    held = taken["report"]
    assert (held["id"], taken["perhaps_theirs"]) == (report.id, [namesake.id])
    assert held["personal"]["contact"] == {"name": AUTHOR}
    assert (held["personal"]["description"], held["told"]) == (report.description, ["Kami cek besok"])
    assert (held["answers"], held["photos"], held["wants_no_news"]) == (["Petugas datang"], [], True)
    assert len(held["links"]) == 1
    assert namesake.description not in answer.text
    assert [one.subject for one in Entry.objects.filter(action="personal.export")] == [f"report:{report.id}"]


@pytest.mark.parametrize("role", ["triage", "auditor", "governor"])
def test_who_may_look_may_not_therefore_take_out(client, report, role):
    client.force_login(accounts.create(role, [role], None, NOON))
    answer = client.get(f"/api/staff/reports/{report.id}/personal/export")
    assert answer.status_code == 403
    assert AUTHOR not in answer.text and not Entry.objects.exists()


def test_an_official_sees_the_citizens_of_the_own_office_alone(seen_by, report):
    mine, other = Office.objects.filter(level="kelurahan").order_by("code")[:2]
    Turn.objects.create(case_id=report.id, number=0, office=other, explanation={}, offered_at=NOON)
    answer = seen_by("official", mine.code)
    assert answer.status_code == 404
    assert AUTHOR not in answer.text
    assert not Entry.objects.exists()


def test_an_official_whose_turn_it_is_sees_the_citizen(seen_by, report):
    mine = Office.objects.filter(level="kelurahan").order_by("code").first()
    Turn.objects.create(case_id=report.id, number=0, office=mine, explanation={}, offered_at=NOON)
    assert seen_by("official", mine.code).json()["contact"] == {"name": AUTHOR}


@pytest.mark.parametrize(
    ("role", "second_factor", "error"),
    [
        (None, "none", NoSession),
        ("triage", "all", NoSecondFactor),
        ("auditor", "none", Forbidden),
        ("triage", "none", None),
    ],
)
def test_a_view_for_staff_asks_who_what_and_by_which_method(city, settings, role, second_factor, error):
    settings.SECOND_FACTOR = second_factor

    @staff("casework.triage", methods=("POST",))
    def view(request) -> HttpResponse:
        return HttpResponse("through")

    request = RequestFactory().post("/api/staff/x")
    request.user = accounts.create(role, [role], None, NOON) if role else AnonymousUser()
    request.user.is_verified = lambda: False
    if error:
        with pytest.raises(error):
            view(request)
    else:
        assert view(request).content == b"through"
        assert view(RequestFactory().get("/api/staff/x")).status_code == 405
