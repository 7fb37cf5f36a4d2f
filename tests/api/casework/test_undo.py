"""Taking back what one has just done: appended, within ten minutes, before the citizen has heard of it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from access.audit import Origin
from access.models import Entry
from casework.duplicates import merging
from casework.escalation import notices
from casework.models import Case, Change, Notice, Turn
from casework.steps import undoing
from reports.models import Outgoing
from tests.api.casework.conftest import HERE, state, turn
from tests.casework.mail_server import serving
from tests.conftest import NOON

MINUTE = timedelta(minutes=1)
WHERE = Origin("user:0", "192.0.2.7", "Firefox")


def last(id: int) -> int:
    return Change.objects.filter(case=id).latest("id").pk


def mailed_to() -> list[str]:
    return list(Notice.objects.values_list("address", flat=True))


def undo(post, client, id: int, seen: int | None = None):
    return post(client, f"/api/staff/cases/{id}/undo", seen=last(id) if seen is None else seen)


def test_a_case_that_was_closed_by_mistake_is_where_it_was_and_its_clock_runs_on(
    case, login, post, answering
):
    id, triage = case(), login("triage")
    before = (Case.objects.get(pk=id).since, Turn.objects.filter(case=id).values().get())
    post(triage, f"/api/staff/cases/{id}/steps", to="no_problem", text="Bukan masalah")
    assert (turn(id).ended_by, Outgoing.objects.count()) == ("closed", 1)
    answer = undo(post, triage, id)
    assert (answer.status_code, answer.json()["state"]["code"]) == (200, "collected"), answer.content
    assert (Case.objects.get(pk=id).since, Turn.objects.filter(case=id).values().get()) == before
    assert not Outgoing.objects.exists()
    history = Change.objects.filter(case=id).order_by("id").values_list("to_state", "permission")
    assert list(history) == [("no_problem", "triage"), ("collected", "undo")]
    assert Entry.objects.get(action="case.undo").details == {"from": "no_problem", "to": "collected"}


def test_what_was_decided_and_undone_can_be_decided_by_the_same_choice(case, login, post):
    id, triage, supervisor = case(), login("triage"), login("supervisor")
    for step in ("selected", "proposed"):
        post(triage, f"/api/staff/cases/{id}/steps", to=step)
    made = post(triage, f"/api/staff/cases/{id}/alternatives", what="Tambal").json()["id"]
    post(supervisor, f"/api/staff/cases/{id}/choice", alternative=made, why="murah")
    for _ in range(2):
        post(supervisor, f"/api/staff/cases/{id}/steps", to="decided")
        assert state(id) == "decided"
        assert undo(post, supervisor, id).json()["state"]["code"] == "proposed"


def test_many_steps_are_undone_by_what_their_answer_says_and_the_others_are_named(case, login, post):
    ids, triage = [case() for _ in range(4)], login("triage")
    said = post(
        triage, "/api/staff/cases/steps", steps=[{"id": id, "to": "selected"} for id in ids[:3]]
    ).json()
    assert [one["id"] for one in said["undo"]] == ids[:3]
    post(triage, f"/api/staff/cases/{ids[2]}/steps", to="proposed")
    wanted = [*said["undo"], {"id": ids[3], "seen": 0}, {"id": 4711, "seen": 0}]
    answer = post(triage, "/api/staff/cases/undo", undo=wanted).json()
    assert answer["undone"] == 2
    assert [(one["id"], one["code"]) for one in answer["refused"]] == sorted(
        [(ids[2], "moved"), (ids[3], "moved"), (4711, "absent")]
    )
    assert [state(id) for id in ids] == ["collected", "collected", "proposed", "collected"]


def test_what_was_told_or_is_on_its_way_is_not_undone(case, login, post, answering):
    id, triage = case(), login("triage")
    post(triage, f"/api/staff/cases/{id}/steps", to="no_problem", text="Bukan masalah")
    Outgoing.objects.update(attempts=1)
    answer = undo(post, triage, id)
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        f"case {id}: its citizen was told already",
    )
    assert (state(id), Outgoing.objects.count()) == ("no_problem", 1)


def test_a_closing_that_was_undone_is_mailed_to_nobody(mailed, login, post):
    id, other, triage = mailed(), mailed(), login("triage")
    merging.merge([other], id, "user:0", {"triage"}, "Masalah yang sama", NOON)
    post(triage, f"/api/staff/cases/{id}/steps", to="no_problem", text="Bukan masalah")
    assert sorted(mailed_to()) == sorted((str(id), str(other), str(other)))
    assert undo(post, triage, id).status_code == 200
    assert (state(id), mailed_to()) == ("collected", [str(other)])  # that theirs was merged stays


def test_nor_to_who_left_the_cluster_between_the_closing_and_its_undoing(mailed, login, post):
    id, other, triage = mailed(), mailed(), login("triage")
    merged = merging.merge([other], id, "user:0", {"triage"}, "Masalah yang sama", NOON)
    post(triage, f"/api/staff/cases/{id}/steps", to="no_problem", text="Bukan masalah")
    merging.unmerge(merged.id, "user:0", {"triage"}, "Bukan yang sama", timezone.now())
    assert undo(post, triage, id).status_code == 200
    assert sorted(mailed_to()) == [str(other)] * 2  # that theirs was merged, and is open again
    assert not Notice.objects.filter(text__contains="Bukan masalah").exists()


def test_a_closing_that_was_mailed_to_one_citizen_is_not_undone(mailed, login, post, settings):
    id, other, triage = mailed(), mailed(), login("triage")
    merging.merge([other], id, "user:0", {"triage"}, "Masalah yang sama", NOON)
    post(triage, f"/api/staff/cases/{id}/steps", to="no_problem", text="Bukan masalah")
    first = Notice.objects.get(address=str(id))
    with serving(settings) as server:
        settings.NOTICE_CHANNELS = {"reply": "casework.citizens.replies.send"}
        Notice.objects.exclude(pk=first.pk).update(next_at=first.next_at + 60 * MINUTE)
        assert notices.send_due(first.next_at) == len(server.taken) == 1
    answer = undo(post, triage, id)
    assert (answer.status_code, state(id)) == (409, "no_problem"), answer.content
    assert answer.json()["detail"] == f"case {id}: its citizen was told already"
    assert Notice.objects.filter(text__contains="Bukan masalah").count() == 2


@pytest.mark.parametrize(("minutes", "expected"), [(10, []), (11, ["too_late"])])
def test_a_step_is_undone_for_ten_minutes(case, login, post, minutes, expected):
    id, triage = case(), login("triage")
    post(triage, f"/api/staff/cases/{id}/steps", to="selected")
    at = Change.objects.get().at + minutes * MINUTE
    refused = undoing.undo(triage.user, {id: last(id)}, WHERE, at)
    assert [one.code for one in refused] == expected


def test_nobody_undoes_what_somebody_else_did_nor_an_undoing(case, login, post):
    id, triage, supervisor = case(), login("triage"), login("supervisor")
    post(triage, f"/api/staff/cases/{id}/steps", to="selected")
    assert undo(post, supervisor, id).json()["detail"].endswith("somebody else took the step")
    assert undo(post, triage, id).status_code == 200
    assert "is not undone" in undo(post, triage, id).json()["detail"]
    assert state(id) == "collected"


def test_an_answer_is_not_undone(case, login, post):
    id, official = case(), login("official", HERE)
    post(official, f"/api/staff/cases/{id}/steps", to="answered", text="Sudah kami tambal")
    answer = undo(post, official, id)
    assert answer.status_code == 409 and "collected to answered is not undone" in answer.json()["detail"]
    assert turn(id).answered_at is not None


@pytest.mark.parametrize("said", [{}, {"undo": []}, {"undo": [1]}, {"undo": [{"id": 1, "seen": "1"}]}])
def test_what_cannot_be_undone_as_it_is_asked_is_refused(login, post, said):
    assert post(login("triage"), "/api/staff/cases/undo", **said).status_code == 400


def test_the_database_undoes_no_step_but_the_last_and_that_of_its_own_author(case, login, post):
    id, triage = case(), login("triage")
    post(triage, f"/api/staff/cases/{id}/steps", to="selected")
    said = {"case_id": id, "from_state_id": "selected", "to_state_id": "collected", "permission": "undo"}
    with pytest.raises(DatabaseError, match="took no last step"), transaction.atomic():
        Change.objects.create(by="user:0", at=timezone.now(), **said)
    with pytest.raises(DatabaseError, match="its times are set once"), transaction.atomic():
        post(triage, f"/api/staff/cases/{id}/steps", to="no_problem", text="x")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE casework_turn SET ended_at = NULL, ended_by = NULL")
    assert state(id) == "selected"
