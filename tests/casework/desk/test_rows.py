"""What the database itself shows an official: their own citizens, whatever statement asks."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from boundaries.models import Office
from casework.duplicates import clusters, merging
from casework.models import Notice, Turn
from casework.steps import permitted
from ingest.models import Payload
from reports.models import Contact, Report
from staff import rows
from subscriptions.models import Watch
from tests.api.casework.conftest import HERE, THERE, case, login, mailed, office
from tests.conftest import NOON, triggers_at_rest

__all__ = ["case", "login", "mailed", "office"]
SEEN = "SELECT external_id FROM reports_contact ORDER BY external_id"
ENDS = (None, "resolved", "disputed", "passed_on", "not_taken", "rerouted", "closed")


@pytest.fixture
def citizens(case) -> dict[str, str]:
    """Store cases of two offices and who wrote them; returns their reports by kelurahan."""
    stored = {}
    for code in (HERE, THERE):
        report = Report.objects.get(id=case(code))
        Contact.objects.create(channel=report.channel, external_id=report.external_id, sealed=b"x", at=NOON)
        stored[code] = report.external_id
    return stored


@pytest.fixture
def app(city) -> str:
    """Make a role as the platform has one; the transaction of the test takes it back."""
    name = f"rows_of_{re.sub(r'[^a-z0-9]', '', connection.settings_dict['NAME'][-6:])}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {name} NOLOGIN")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
    return name


def seen(role: str, office: str, statement: str = SEEN) -> list:
    """Return what a statement reads as a role whose session works for an office."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('geoplatform.office', %s, true)", [office])
        cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute(statement)
        found = [row[0] for row in cursor.fetchall()]
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT set_config('geoplatform.office', '', true)")
    return found


def test_an_office_reads_who_wrote_its_own_reports_and_no_payload_at_all(app, citizens, office):
    assert seen(app, "") == sorted(citizens.values())
    assert seen(app, office(HERE)) == [citizens[HERE]]
    assert seen(app, office(THERE)) == [citizens[THERE]]
    assert seen(app, rows.NOBODY) == seen(app, "x' OR ''='") == []
    Payload.objects.create(feed="qlue", digest=b"x", body="{}", simulated=False, fetched_at=NOON)
    assert seen(app, office(HERE), "SELECT id FROM ingest_payload") == []
    assert len(seen(app, "", "SELECT id FROM ingest_payload")) == 1
    # Nor by a condition that every row fulfils.
    spy = "SELECT external_id FROM reports_contact WHERE external_id || '' <> '' OR true"
    assert seen(app, office(HERE), spy) == [citizens[HERE]]


def test_no_office_reads_who_follows_by_mail(app, office):
    every = timedelta(hours=1)
    Watch.objects.create(sealed=b"x", address_hash=b"x", language="id", every=every, asked_at=NOON)
    assert seen(app, office(HERE), "SELECT id FROM subscriptions_watch") == []
    assert len(seen(app, "", "SELECT id FROM subscriptions_watch")) == 1


def test_what_is_not_theirs_cannot_be_changed_nor_deleted(app, citizens, office):
    for statement in ("UPDATE reports_contact SET sealed = '' RETURNING external_id",
                      "DELETE FROM reports_contact RETURNING external_id"):  # fmt: skip
        assert seen(app, office(THERE), statement) in ([citizens[THERE]], [])
    assert bytes(Contact.objects.get(external_id=citizens[HERE]).sealed) == b"x"


def test_the_database_and_the_code_say_the_same_of_each_course_of_turns(citizens, office, login):
    user = login("official", HERE).user
    id = Report.objects.get(external_id=citizens[HERE]).id
    first = Turn.objects.get(case=id)
    other = Office.objects.get(code=office(THERE))
    answers = set()
    with triggers_at_rest(), connection.cursor() as cursor:
        for ended_by in ENDS:
            for began_at in (None, NOON):
                for second in (None, first.office_id, other.code):
                    Turn.objects.filter(case=id, number=1).delete()
                    Turn.objects.filter(pk=first.pk).update(ended_by=ended_by, ended_at=ended_by and NOON)
                    Turn.objects.create(
                        case_id=id,
                        number=1,
                        office_id=second,
                        explanation={},
                        offered_at=NOON,
                        began_at=began_at,
                        ended_at=NOON,
                        ended_by="resolved",
                    )
                    cursor.execute("SELECT set_config('geoplatform.office', %s, true)", [user.office_id])
                    cursor.execute("SELECT casework_is_theirs('qlue', %s)", [citizens[HERE]])
                    (theirs,) = cursor.fetchone()
                    assert theirs is permitted.cases_of(user).filter(pk=id).exists(), (
                        ended_by,
                        began_at,
                        second,
                    )
                    answers.add(theirs)
    assert answers == {True, False}


def mails_by(role: str, client: Client, address: str, **said: str) -> dict[str, str]:
    """Post as an official while the server is a role that owns nothing; returns the new mails, by report."""
    before = set(Notice.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        answer = client.post(address, said, content_type="application/json")
        cursor.execute("RESET ROLE")
    assert answer.status_code == 200, answer.content
    return dict(Notice.objects.exclude(pk__in=before).values_list("address", "text"))


def test_what_an_office_says_reaches_citizens_whose_contacts_the_database_keeps_from_it(app, mailed, login):
    lead, other = mailed(HERE), mailed(THERE)
    merging.merge([other], lead, clusters.UNIT, {"triage"}, "Masalah yang sama", NOON)
    steps = f"/api/staff/cases/{lead}/steps"
    told = mails_by(app, login("official", HERE), steps, to="answered", text="Beres")
    assert set(told) == {str(lead), str(other)} and all("Beres" in text for text in told.values())


def test_that_a_case_is_not_an_offices_its_citizen_hears_though_it_is_not_its_own_any_more(
    app, mailed, login, office
):
    id = mailed(HERE)
    pass_on = f"/api/staff/cases/{id}/pass-on"
    first = mails_by(app, login("official", HERE), pass_on, office=office(THERE), text="Bukan kami")
    second = mails_by(app, login("official", THERE), pass_on, text="Bukan kami")
    assert list(first) == list(second) == [str(id)] and "Bukan kami" in second[str(id)]


def test_rows_are_narrowed_again_behind_a_widening_also_one_that_fails(app, citizens, office):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('geoplatform.office', %s, true)", [office(HERE)])
        cursor.execute(f"SET LOCAL ROLE {app}")
        with rows.widened():
            assert Contact.objects.count() == 2
        assert Contact.objects.count() == 1
        with pytest.raises(DatabaseError), rows.widened():
            cursor.execute("SELECT 1 / 0")
        assert Contact.objects.count() == 1
        cursor.execute("RESET ROLE")


def test_a_request_of_an_official_is_narrowed_and_the_next_one_is_not(citizens, login, monkeypatch):
    told = []
    monkeypatch.setattr(rows, "_tell", told.append)
    official, supervisor = login("official", HERE), login("supervisor")
    assert official.get("/api/staff/cases").status_code == 200
    assert told == [official.user.office_id, ""]
    assert supervisor.get("/api/staff/cases").status_code == 200
    assert Client().get("/api/staff/cases").status_code == 401
    assert len(told) == 2
    official.get("/api/staff/cases/99999999")
    assert told[2:] == [official.user.office_id, ""]


def test_behind_a_request_of_an_official_the_session_is_everybodys(citizens, login):
    login("official", HERE).get("/api/staff/cases")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('geoplatform.office', true)")
        assert cursor.fetchone() == ("",)
