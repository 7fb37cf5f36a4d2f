"""Why an official answers, what lies before the case, and the page of an office."""

from datetime import UTC, date, datetime, timedelta

from boundaries.models import Border, Boundary, Edition, Office, Official, Term
from casework.escalation import runs
from casework.models import Contact
from casework.steps import pauses
from tests.api.casework.conftest import HERE, THERE, turn
from tests.conftest import NOON

DAY = timedelta(days=1)


def test_why_an_official_answers_is_told_in_names(case, login, office, shared_edge):
    other = Border.objects.filter(left_code=HERE, right_code__isnull=False).order_by("id")[0].right_code
    id = case(point=shared_edge(HERE, other))
    (said,) = login("governor").get(f"/api/staff/cases/{id}").json()["turns"]
    why = said["why"]
    assert why["edition"] == {"id": Edition.objects.get().id, "name": Edition.objects.get().name}
    assert (why["polygon"]["code"], why["polygon"]["name"]) == (HERE, "Gambir")
    assert (why["border_m"], why["is_near_border"], why["neighbour"]["code"]) == (0, True, other)
    assert why["neighbour"]["name"] == Boundary.objects.get(code=other).name
    assert why["rule"]["name"] and why["rule"]["source"]
    second = why["second"]
    assert second["office"] == {
        "code": office(other), "title": Office.objects.get(code=office(other)).title
    }  # fmt: skip
    term = Term.objects.get(office=office(other), during__contains=date(2026, 5, 14))
    assert second["official"] == {"name": term.official.name, "acting": term.acting}
    assert second["why"] == "across_the_border"


def test_the_ladder_of_a_case_has_what_it_reached_and_what_is_to_come_and_when(case, login):
    id = case()
    due = turn(id).due_at
    before = login("governor").get(f"/api/staff/cases/{id}").json()["ladder"]
    assert [one["number"] for one in before["rungs"]] == [1, 2, 3, 4]
    first, second = before["rungs"][:2]
    assert (first["due_at"], first["office"]["title"], first["at"]) == (stamp(due), "Lurah Gambir", None)
    assert (second["due_at"], second["office"]["title"]) == (stamp(due + DAY), "Camat Gambir")
    assert second["official"]["name"]
    runs.escalate(due + DAY + timedelta(hours=1))
    after = login("auditor").get(f"/api/staff/cases/{id}").json()["ladder"]
    assert [one["number"] for one in after["rungs"]] == [1, 2, 3, 4]
    assert [one["at"] is not None for one in after["rungs"]] == [True, True, False, False]
    assert [one["due_at"] for one in after["rungs"]] == [one["due_at"] for one in before["rungs"]]


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def test_a_pause_moves_what_is_to_come_and_an_answer_ends_it(case, login, post):
    id = case()
    due = turn(id).due_at
    pauses.pause(id, "weather", NOON + 5 * DAY, "user:1", NOON)
    rungs = login("governor").get(f"/api/staff/cases/{id}").json()["ladder"]["rungs"]
    assert rungs[0]["due_at"] > stamp(due)
    post(login("official", HERE), f"/api/staff/cases/{id}/steps", to="answered", text="Sudah kami tambal")
    assert login("auditor").get(f"/api/staff/cases/{id}").json()["ladder"]["rungs"] == []


def test_the_page_of_an_office_says_who_holds_it_what_waits_and_how_it_is_told(case, login, office):
    code = office(HERE)
    ids = [case() for _ in range(3)]
    case(THERE)
    Contact.objects.create(office_id=code, channel="email", address="lurah.gambir@contoh.example")
    client = login("governor")
    said = client.get(f"/api/staff/offices/{code}?limit=2").json()
    assert (said["code"], said["title"], said["level"]) == (code, "Lurah Gambir", "kelurahan")
    assert said["holder"]["name"] in {one["official"]["name"] for one in said["terms"]}
    assert said["contacts"] == [{"channel": "email", "of": "office", "address": "l***@contoh.example"}]
    assert said["counts"] == {"waiting": 3, "overdue": 3, "soon": 0, "offered": 0, "answered": 0}
    assert [one["office"]["title"] for one in said["ladder"][:2]] == ["Lurah Gambir", "Camat Gambir"]
    rest = client.get(f"/api/staff/offices/{code}?limit=2&after={said['next_after']}").json()
    assert [one["id"] for one in said["cases"] + rest["cases"]] == ids[::-1]
    assert rest["next_after"] is None


def test_the_times_in_which_nobody_held_an_office_are_told(login, office):
    code = office(HERE)
    Term.objects.filter(office=code).delete()
    person = Official.objects.create(name="Orang Contoh")
    for since, until in ((date(2020, 1, 1), date(2021, 1, 1)), (date(2021, 3, 1), date(2022, 1, 1))):
        Term.objects.create(office_id=code, official=person, during=(since, until), acting=False)
    said = login("governor").get(f"/api/staff/offices/{code}").json()
    assert (said["holder"], [one["since"] for one in said["terms"]]) == (None, ["2020-01-01", "2021-03-01"])
    first, last = said["gaps"]
    assert first == {"since": "2021-01-01", "until": "2021-02-28"}
    assert last["since"] == "2022-01-01"


def test_an_official_reads_the_page_of_the_own_office_alone(case, login, office):
    case()
    client = login("official", HERE)
    assert client.get(f"/api/staff/offices/{office(HERE)}").status_code == 200
    assert client.get(f"/api/staff/offices/{office(THERE)}").status_code == 404
    assert client.get("/api/staff/offices/lurah:atlantis").status_code == 404


def test_a_case_of_the_unit_has_no_ladder_and_says_why(case, login):
    id = case(code=None)
    said = login("governor").get(f"/api/staff/cases/{id}").json()
    assert (said["ladder"], said["turns"][0]["why"]["unit_because"]) == (None, "no_place")
