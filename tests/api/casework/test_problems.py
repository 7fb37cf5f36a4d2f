"""Reports of one problem, doubted resolutions and disputes, by the API."""

import pytest
from django.test import Client
from django.utils import timezone

from access.models import Entry
from casework.citizens import links
from casework.desk import priority, worklists
from casework.models import Case, Change, Doubt, DoubtKind, DuplicateCandidate, Follower, Proof, Verdict
from reports.models import Outgoing, Photo, Report
from tests.api.casework.conftest import HERE, THERE, state
from tests.conftest import NOON


@pytest.fixture
def doubted(case):
    """Let an office resolve a case, with a photo that is doubted; returns its id."""
    id = case()
    report = Report.objects.get(pk=id)
    step = {"from_state_id": "collected", "to_state_id": "resolved", "permission": "follow"}
    change = Change.objects.create(case_id=id, by="feed:qlue", at=NOON, **step)
    photo = Photo.objects.create(
        channel=report.channel, external_id=report.external_id, digest=b"1", media_type="image/jpeg", looks=5
    )
    proof = Proof.objects.create(change=change, photo=photo, at=NOON)
    kind = DoubtKind.objects.order_by("code")[0]
    Doubt.objects.create(proof=proof, kind=kind, amount=kind.most + 1, most=kind.most)
    return id


def test_cases_are_merged_into_one_that_counts_their_citizens_and_unmerged(case, login, post, answering):
    lead, one, two = case(author="Ani"), case(author="Budi"), case(author="Citra")
    triage = login("triage")
    made = post(triage, f"/api/staff/cases/{lead}/merge", cases=[one, two], text="Sama dengan laporan lain")
    assert made.status_code == 201, made.content
    assert [state(id) for id in (lead, one, two)] == ["collected", "duplicate", "duplicate"]
    said = triage.get(f"/api/staff/cases/{two}").json()["cluster"]
    assert (said["lead"], said["reports"], said["citizens"]) == (lead, 3, 3)
    assert {member["case"] for member in said["members"]} == {lead, one, two}
    crowd = next(part for part in priority.of(lead, NOON).parts if part.part == "crowd")
    assert (crowd.count, crowd.points) == (3, 6)
    assert Outgoing.objects.filter(kind="answer").count() == 2
    undone = post(triage, f"/api/staff/merges/{made.json()['merge']}/unmerge", text="Bukan laporan yang sama")
    assert undone.status_code == 200, undone.content
    assert {state(id) for id in (lead, one, two)} == {"collected"}
    merges = Entry.objects.filter(action__contains="merge").order_by("id")
    assert list(merges.values_list("action", flat=True)) == [
        "case.merge", "case.unmerge",
    ]  # fmt: skip


def test_a_merged_report_takes_no_step_and_keeps_no_other_from_taking_one(case, login, post):
    lead, member, closed = case(), case(), case()
    boss = login("supervisor")
    assert post(boss, f"/api/staff/cases/{lead}/merge", cases=[member], text="Sama").status_code == 201
    ended = post(boss, f"/api/staff/cases/{closed}/steps", to="no_problem", text="Tidak ada")
    assert ended.status_code == 200, ended.content
    assert boss.get(f"/api/staff/cases/{member}").json()["steps"] == []
    offered = login("triage").get(f"/api/staff/cases/{lead}").json()["steps"]
    assert "duplicate" not in {step["to"]["code"] for step in offered}
    wanted = [{"id": id, "to": "selected", "text": "Ternyata ada"} for id in (closed, member)]
    done = post(boss, "/api/staff/cases/steps", steps=wanted)
    assert done.status_code == 200, done.content
    assert [(one["id"], one["code"]) for one in done.json()["refused"]] == [(member, "merged")]
    assert (state(closed), state(member)) == ("selected", "duplicate")
    alone = post(boss, f"/api/staff/cases/{member}/steps", to="selected", text="x")
    assert (alone.status_code, alone.json()["code"]) == (409, "merged")


@pytest.mark.parametrize(
    ("cases", "text", "status"),
    [
        ([], "x", 400),
        ("1", "x", 400),
        ([True], "x", 400),
        ([4711], "x", 404),
        (None, "x", 400),
        ([0], " ", 400),
    ],
)
def test_what_cannot_be_merged_is_refused(case, login, post, cases, text, status):
    lead, other = case(), case()
    cases = [other] if cases == [0] else cases
    assert (
        post(login("triage"), f"/api/staff/cases/{lead}/merge", cases=cases, text=text).status_code == status
    )
    assert post(login("supervisor"), "/api/staff/merges/4711/unmerge", text="x").status_code == 404


def test_one_answer_goes_to_all_who_follow_the_cluster(case, login, post, answering):
    lead, one = case(author="Ani"), case(author="Budi")
    triage = login("triage")
    post(triage, f"/api/staff/cases/{lead}/merge", cases=[one], text="Sama")
    Follower.objects.create(report_id=one, channel="qlue", external_id="tetangga", since=NOON)
    before = Outgoing.objects.count()
    said = post(triage, f"/api/staff/cases/{lead}/answers", text="Petugas datang besok").json()
    assert (len(said["told"]), Outgoing.objects.count() - before) == (3, 3)
    post(triage, f"/api/staff/cases/{lead}/steps", to="no_problem", text="Sudah selesai")
    assert Outgoing.objects.filter(kind="status", body__status="done").count() == 3


def test_a_doubted_resolution_is_on_its_list_until_a_second_person_has_spoken(doubted, case, login, post):
    case()
    supervisor = login("supervisor")
    listed = supervisor.get("/api/staff/cases?worklist=flagged").json()["cases"]
    assert [one["id"] for one in listed] == [doubted]
    (doubt,) = supervisor.get(f"/api/staff/cases/{doubted}").json()["doubts"]
    assert doubt["amount"] > doubt["most"] and doubt["resolved_by"] == "feed:qlue"
    said = post(supervisor, f"/api/staff/cases/{doubted}/verdict", is_confirmed=True, text="Foto benar")
    assert (said.status_code, said.json()["doubts"]) == (200, [])
    assert worklists.cases("flagged", NOON).count() == 0
    assert Verdict.objects.get().by == supervisor.user.mark


def test_a_refused_resolution_goes_back_to_the_office_and_the_citizen_hears_so(
    doubted, login, post, answering
):
    supervisor = login("supervisor")
    said = post(supervisor, f"/api/staff/cases/{doubted}/verdict", is_confirmed=False, text="Foto lama")
    assert (said.status_code, said.json()["state"]["code"]) == (200, "disputed"), said.content
    assert Outgoing.objects.get().body["text"] == "Foto lama"
    again = post(supervisor, f"/api/staff/cases/{doubted}/verdict", is_confirmed="yes", text="x")
    assert again.status_code == 400


def test_a_citizen_disputes_by_the_link_of_the_answer_without_an_account(doubted, login):
    said = {"token": links.token(doubted, timezone.now()), "text": "Jalan masih rusak"}
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/api/disputes", said, content_type="application/json")
    assert (answer.status_code, answer.json()["report"]) == (202, doubted), answer.content
    assert state(doubted) == "disputed" and not answer.cookies
    assert Entry.objects.get().by == f"citizen:{doubted}"
    assert client.post("/api/disputes", said, content_type="application/json").status_code == 409
    turns = login("triage").get(f"/api/staff/cases/{doubted}").json()["turns"]
    (turn,) = [one for one in turns if not one["ended_at"]]
    assert turn["office"]["code"].endswith(HERE)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"token": "1:x", "text": "x"}, 403),
        ({"token": "1"}, 400),
        ({"token": "1", "text": 1}, 400),
        ({"token": "1", "text": "x", "more": 1}, 400),
        ([], 400),
    ],
)
def test_a_dispute_that_cannot_be_is_refused(db, client, said, status):
    assert client.post("/api/disputes", said, content_type="application/json").status_code == status
    assert client.post("/api/disputes", {"token": "x"}).status_code == 415
    assert client.get("/api/disputes").status_code == 405


def test_an_official_reaches_no_case_of_another_office_by_a_pair(case, login):
    mine, other = case(HERE), case(THERE)
    DuplicateCandidate.objects.create(
        first_id=min(mine, other), second_id=max(mine, other), score=0.9, parts={}, rule="x", found_at=NOON
    )
    said = login("official", HERE).get(f"/api/staff/cases/{mine}").content.decode()
    assert said.count("0812-3456-7890") == 1
    assert Case.objects.count() == 2


def test_what_is_near_a_case_is_shown_and_what_nobody_knows_is_said_so(case, login):
    id, other = case(), case(category="flood")
    said = login("official", HERE).get(f"/api/staff/cases/{id}/context").json()
    assert set(said) == {"jams", "alerts", "petrol_stations", "hospitals", "reports"}
    assert said["jams"] == {"is_known": False, "as_of": None, "found": []}
    (near,) = said["reports"]["found"]
    assert (near["id"], near["distance_m"], near["what"]["category"]) == (other, 0, "flood")
    assert "text" not in near["what"]
