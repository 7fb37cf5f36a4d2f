"""Steps that people take: with their own cases, by their own permissions, and recorded."""

from datetime import timedelta

import pytest

from access import audit
from access.audit import Origin
from access.models import Entry
from boundaries.models import Office
from casework.escalation import runs
from casework.models import Alternative, Case, Change, Choice, Turn
from casework.routing import turns
from casework.steps import passing, permitted, workflow
from casework.steps.workflow import Refused, Step
from geoplatform.errors import Forbidden, NotFound
from reports import intake
from staff import accounts
from tests.conftest import NOON

WHERE = Origin("user:0", "192.0.2.7", "Firefox")


@pytest.fixture
def account(city):
    def make(role: str, office: str | None = None):
        return accounts.create(role, [role], None, NOON, office=office)

    return make


@pytest.fixture
def cases(city, submission):
    """Open so many cases; returns their ids."""

    def opened(count: int) -> list[int]:
        intake.receive([submission(external_id=str(number)) for number in range(count)], simulated=False)
        workflow.collect(NOON)
        return list(Case.objects.order_by("pk").values_list("pk", flat=True))

    return opened


def test_steps_are_taken_as_the_person_and_recorded(account, cases):
    first, second = cases(2)
    user = account("triage")
    steps = [Step(first, "selected"), Step(second, "resolved", "Selesai")]
    (refused,) = permitted.take(user, steps, WHERE, NOON)
    assert (refused.report_id, refused.code) == (second, "not_permitted")
    assert Change.objects.get().by == user.mark
    entry = Entry.objects.get()
    assert (entry.action, entry.subject, entry.details) == (
        "case.step",
        f"report:{first}",
        {"to": "selected"},
    )
    assert (entry.by, entry.address) == ("user:0", "192.0.2.7")


def test_an_official_takes_no_step_with_the_case_of_another_office(account, cases):
    mine, other = cases(2)
    one, two = Office.objects.filter(level="kelurahan").order_by("code")[:2]
    for id, office in ((mine, one), (other, two)):
        Turn.objects.create(case_id=id, number=0, office=office, explanation={}, offered_at=NOON)
        workflow.change([Step(id, "selected")], "x", {"triage"}, NOON)
        workflow.change([Step(id, "proposed")], "x", {"triage"}, NOON)
        what = Alternative.objects.create(case_id=id, what="Tambal", by="x", at=NOON)
        workflow.choose(what.id, "x", "termurah", NOON)
        workflow.change([Step(id, "decided")], "x", {"decide"}, NOON)
        workflow.change([Step(id, "assigned")], "x", {"decide"}, NOON)
    user = account("official", one.code)
    steps = [Step(id, "answered", "Sudah kami tambal") for id in (mine, other)]
    assert permitted.take(user, steps, WHERE, NOON) == [Refused(other, "absent", "there is no such case")]
    assert Case.objects.get(pk=mine).state_id == "answered"
    assert Case.objects.get(pk=other).state_id == "assigned"


def test_who_was_told_of_their_own_turn_and_gave_the_case_away_reads_it_no_more(account, receive_one):
    """Who is above them was told, too, and reads on."""
    id = receive_one().id
    workflow.collect(NOON)
    turns.begin()
    lurah = account("official", "kelurahan-31.71.01.1001")
    runs.escalate(NOON + timedelta(days=2))
    assert list(permitted.readable_by(lurah).values_list("pk", flat=True)) == [id]
    passing.pass_on(
        id, "kelurahan-31.71.01.1002", "user:1", "Bukan kewenangan kami", NOON + timedelta(days=3)
    )
    passing.accept(id, "user:2", NOON + timedelta(days=4))
    camat = accounts.create("camat", ["official"], None, NOON, office="kecamatan-31.71.01")
    assert list(permitted.readable_by(camat).values_list("pk", flat=True)) == [id]
    assert not permitted.readable_by(lurah).exists()


def test_a_choice_is_recorded_and_is_for_who_may_decide(account, cases):
    (id,) = cases(1)
    workflow.change([Step(id, "selected")], "x", {"triage"}, NOON)
    workflow.change([Step(id, "proposed")], "x", {"triage"}, NOON)
    what = Alternative.objects.create(case_id=id, what="Tambal", by="x", at=NOON)
    with pytest.raises(Forbidden, match=r"this needs the permission casework\.decide"):
        permitted.choose(account("triage"), what.id, "termurah", WHERE, NOON)
    user = account("supervisor")
    with pytest.raises(NotFound, match="no alternative 0"):
        permitted.choose(user, 0, "termurah", WHERE, NOON)
    permitted.choose(user, what.id, "termurah", WHERE, NOON)
    assert Choice.objects.get().by == user.mark
    assert list(Entry.objects.values_list("action", "subject")) == [("case.choice", f"report:{id}")]


def test_five_hundred_steps_and_their_lines_are_a_handful_of_statements(
    account, cases, django_assert_max_num_queries
):
    ids = cases(500)
    user = account("triage")
    permitted.permissions(user)
    with django_assert_max_num_queries(20):  # however many cases; half of them are savepoints
        assert permitted.take(user, [Step(id, "selected") for id in ids], WHERE, NOON) == []
    assert Change.objects.count() == Entry.objects.count() == 500
    assert audit.faults() == []
