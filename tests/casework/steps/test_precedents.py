"""What worked before is offered, and nothing else; alternatives are put down before it is decided."""

from datetime import timedelta

import pytest

from casework.models import Alternative, Choice
from casework.steps import alternatives, precedents, workflow
from casework.steps.alternatives import Proposal
from casework.steps.workflow import Step, change_one
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from layers.record import LonLat
from reports import intake
from reports.models import Report
from tests.conftest import NOON

ALL = {"triage", "decide", "answer", "dispute", "supervise"}
DAY = timedelta(days=1)


@pytest.fixture
def case(city, submission):
    """Open a case of a kind at a place; returns its id."""
    made = iter(range(1000))

    def opened(**parts: object) -> int:
        sent = submission(external_id=f"c{next(made)}", **parts)
        intake.receive([sent], simulated=False)
        workflow.collect(NOON)
        return Report.objects.get(external_id=sent.external_id).id

    return opened


@pytest.fixture
def office(city):
    from boundaries.models import Office

    return Office.objects.get(level="kelurahan", boundary_code="31.71.01.1001").code


def solve(id: int, what: str, days: int, office: str | None = None, cost: int | None = None) -> None:
    """Propose, choose and do something about a case, which takes so many days."""
    for state in ("selected", "proposed"):
        change_one(Step(id, state), "user:1", ALL, NOON)
    alternatives.propose(id, Proposal("Tidak berbuat apa-apa"), "user:1", NOON)
    chosen = alternatives.propose(id, Proposal(what, office, cost), "user:1", NOON)
    workflow.choose(chosen.id, "user:2", "termurah", NOON)
    for state in ("decided", "assigned"):
        change_one(Step(id, state), "user:2", ALL, NOON)
    for state in ("answered", "resolved"):
        change_one(Step(id, state, "Sudah ditambal"), "user:3", ALL, NOON + days * DAY)


def elsewhere(code: str) -> LonLat:
    from boundaries.models import Boundary

    label = Boundary.objects.get(code=code).label
    return LonLat(label.x, label.y)


def test_what_worked_in_the_kelurahan_is_offered_with_how_often_and_how_long(case, office):
    for days, cost in ((2, 1_000_000), (4, 3_000_000), (3, 2_000_000)):
        solve(case(), "Tambal  dengan aspal DINGIN ", days, office, cost)
    (found,) = precedents.suggest(case(), NOON + 9 * DAY)
    assert (found.times, found.days, found.cost_idr, found.near) == (3, 3.0, 2_000_000, "kelurahan")
    assert (found.office_id, found.what) == (office, "Tambal  dengan aspal DINGIN")
    assert len(found.cases) == 3


def test_what_was_rejected_another_kind_and_another_kecamatan_are_not_offered(case):
    solve(case(category="tree"), "Potong dahan", 1)
    solve(case(point=elsewhere("31.74.01.1001")), "Tambal beton", 1)
    assert precedents.suggest(case(), NOON + 9 * DAY) == []


def test_what_was_disputed_is_not_offered_even_if_it_was_resolved_again(case):
    id = case()
    solve(id, "Tambal", 1)
    assert len(precedents.suggest(case(), NOON + 9 * DAY)) == 1
    for state in ("disputed", "answered", "resolved"):
        change_one(Step(id, state, "Belum"), "user:1", ALL, NOON + 2 * DAY)
    assert precedents.suggest(case(), NOON + 9 * DAY) == []


def test_the_kelurahan_comes_before_its_kecamatan(case):
    for _ in range(2):
        solve(case(point=elsewhere("31.71.01.1002")), "Tambal beton", 1)
    solve(case(), "Tambal aspal", 1)
    found = precedents.suggest(case(), NOON + 9 * DAY)
    assert [(one.what, one.near, one.times) for one in found] == [
        ("Tambal aspal", "kelurahan", 1),
        ("Tambal beton", "kecamatan", 2),
    ]


def test_a_report_without_a_place_is_offered_nothing(case):
    solve(case(), "Tambal", 1)
    assert precedents.suggest(case(point=None), NOON + 9 * DAY) == []


def test_what_is_adopted_is_marked_as_suggested_and_chosen_by_nobody(case, office):
    solve(case(), "Tambal", 2, office, 500_000)
    id = case()
    (found,) = precedents.suggest(id, NOON + 9 * DAY)
    choices = Choice.objects.count()
    made = precedents.adopt(id, found.alternative_id, "user:1", NOON + 9 * DAY)
    assert (made.is_suggested, made.what, made.who_id, made.days, made.cost_idr) == (
        True, "Tambal", office, 2, 500_000,
    )  # fmt: skip
    assert made.evidence == f"worked once in the same kelurahan, in 2.0 days (median): cases {found.cases[0]}"
    assert Choice.objects.count() == choices
    with pytest.raises(NotFound, match="alternative 4711 is no precedent"):
        precedents.adopt(id, 4711, "user:1", NOON)


def test_an_alternative_that_people_write_is_not_marked_and_is_stripped(case):
    made = alternatives.propose(case(), Proposal("  Tambal  ", evidence="foto"), "user:1", NOON)
    assert (made.what, made.is_suggested, made.evidence) == ("Tambal", False, "foto")


@pytest.mark.parametrize(
    ("proposal", "error", "words"),
    [
        (Proposal(" "), InvalidRequest, "what: an alternative says what could be done"),
        (Proposal("x" * 2001), InvalidRequest, "what: at most 2000 characters"),
        (Proposal("x", cost_idr=-1), InvalidRequest, "cost_idr -1: it must lie between 0 and"),
        (Proposal("x", days=4000), InvalidRequest, "days 4000: it must lie between 0 and 3650"),
        (Proposal("x", who_id="lurah:atlantis"), NotFound, "no office 'lurah:atlantis'"),
    ],
)
def test_an_alternative_that_cannot_be_is_refused(case, proposal, error, words):
    with pytest.raises(error, match=words):
        alternatives.propose(case(), proposal, "user:1", NOON)


def test_nothing_is_put_down_once_it_is_decided_or_of_no_case(case):
    id = case()
    solve(id, "Tambal", 1)
    with pytest.raises(Conflict, match=f"case {id} is resolved: alternatives are put down before"):
        alternatives.propose(id, Proposal("Tambal lagi"), "user:1", NOON)
    with pytest.raises(NotFound, match="no case 4711"):
        alternatives.propose(4711, Proposal("Tambal"), "user:1", NOON)
    assert Alternative.objects.filter(case=id).count() == 2
