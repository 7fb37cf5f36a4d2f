"""What another connection does between the look at a case and the step: each race by two connections."""

from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection, transaction

from casework.models import Alternative, Case, Change, Choice
from casework.routing import turns
from casework.steps import passing, permitted, telling, workflow
from casework.steps.workflow import Step, change_one
from geoplatform.errors import Conflict
from reports.models import Outgoing
from tests.api.casework.conftest import HERE, THERE, state, turn
from tests.conftest import NOON

pytestmark = pytest.mark.django_db(transaction=True)
ELSEWHERE = "31.72.01.1001"


def elsewhere(act: Callable[[], object]) -> list[Exception]:
    """Do something by another connection, and commit it; returns what it was refused with."""
    refused: list[Exception] = []

    def run() -> None:
        try:
            act()
        except Conflict as error:
            refused.append(error)
        finally:
            connection.close()

    other = Thread(target=run)
    other.start()
    other.join()
    return refused


@pytest.fixture
def offered(transactional_city, case, login, post, office) -> int:
    """Let an office pass a case on to another one; returns its id."""
    id = case()
    answer = post(
        login("official", HERE), f"/api/staff/cases/{id}/pass-on", office=office(THERE), text="Bukan kami"
    )
    assert answer.status_code == 200, answer.content
    return id


def before(monkeypatch, module: object, name: str, act: Callable[[], object]) -> list[Exception]:
    """Let another connection act just when a function is called; returns what it was refused with."""
    real, refused = getattr(module, name), []

    def late(*args: object, **named: object) -> object:
        refused.extend(elsewhere(act))
        return real(*args, **named)

    monkeypatch.setattr(module, name, late)
    return refused


@pytest.mark.parametrize("call", ["accept", "pass-on"])
def test_an_office_says_nothing_of_an_offer_that_went_to_another_one_meanwhile(
    offered, login, post, office, monkeypatch, call
):
    theirs, pass_on = login("official", THERE), passing.pass_on
    refused = before(
        monkeypatch,
        passing,
        call.replace("-", "_"),
        lambda: pass_on(offered, office(ELSEWHERE), "elsewhere", "Bukan kami", NOON),
    )
    said = {} if call == "accept" else {"text": "Bukan kami juga"}
    answer = post(theirs, f"/api/staff/cases/{offered}/{call}", **said)
    assert answer.status_code == 200 and refused, answer.content
    assert not Change.objects.filter(by="elsewhere").exists()


def test_an_official_takes_no_step_with_a_case_that_was_given_away_meanwhile(
    transactional_city, case, login, post, office, monkeypatch
):
    id, mine = case(), login("official", HERE)
    real = permitted.theirs
    given: list[list[Exception]] = []

    def looked(user, ids):
        found = real(user, ids)
        if not given:
            given.append(elsewhere(lambda: turns.give([turns.by_unit(id, office(THERE), "user:1")], NOON)))
        return found

    monkeypatch.setattr(permitted, "theirs", looked)
    answer = post(
        mine, "/api/staff/cases/steps", steps=[{"id": id, "to": "answered", "text": "Sudah kami tambal"}]
    )
    assert answer.json()["refused"] == [{"id": id, "code": "absent", "reason": "there is no such case"}]
    assert (state(id), turn(id).office_id, turn(id).answered_at) == ("collected", office(THERE), None)


def test_nothing_is_chosen_behind_a_decision_that_somebody_takes_meanwhile(
    transactional_city, case, monkeypatch
):
    id, every = case(), {"triage", "decide"}
    cheap, dear = (Alternative.objects.create(case_id=id, what=what, by="x", at=NOON) for what in "ab")
    for step in ("selected", "proposed"):
        change_one(Step(id, step), "user:1", every, NOON)
    workflow.choose(cheap.id, "user:1", "termurah", NOON)
    decision = Step(id, "decided")
    refused = before(monkeypatch, turns, "hold", lambda: change_one(decision, "user:1", every, NOON))
    with pytest.raises(Conflict, match=f"case {id} is decided: what is chosen is what is proposed"):
        workflow.choose(dear.id, "user:2", "lebih lama", NOON)
    assert not refused and Choice.objects.get().alternative_id == cheap.id


def test_an_office_answers_no_citizen_of_a_case_that_was_given_away_meanwhile(
    transactional_city, case, login, post, office, monkeypatch, answering
):
    id, mine = case(), login("official", HERE)
    given: list[int] = []

    def give() -> None:
        given.extend(turns.give([turns.by_unit(id, office(THERE), "user:1")], NOON))

    before(monkeypatch, telling, "answer", give)
    answer = post(mine, f"/api/staff/cases/{id}/answers", text="Petugas datang besok")
    assert (answer.status_code, given) == (202, [])
    assert (turn(id).office_id, Outgoing.objects.get().body["by"]) == (office(HERE), "Lurah Gambir")


def test_a_case_that_somebody_has_in_hand_is_refused_and_not_waited_for(
    transactional_city, case, login, post, monkeypatch
):
    id, mine = case(), login("official", HERE)
    with transaction.atomic():
        turns.hold(id)
        answers: list[tuple[int, str]] = []

        def ask() -> None:
            for call, said in (("pass-on", {"text": "x"}), ("accept", {}), ("answers", {"text": "x"})):
                answer = post(mine, f"/api/staff/cases/{id}/{call}", **said)
                answers.append((answer.status_code, answer.json()["detail"]))
            steps = post(mine, "/api/staff/cases/steps", steps=[{"id": id, "to": "answered", "text": "x"}])
            answers.append((steps.status_code, steps.json()["refused"][0]["code"]))

        elsewhere(ask)
    busy = f"case {id}: somebody else has it in hand"
    assert answers == [(409, busy)] * 3 + [(200, "busy")]
    assert Case.objects.get(pk=id).state_id == "collected"
