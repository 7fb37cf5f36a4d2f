""" "Not mine": who is asked next, whose clock runs meanwhile, and that of two at a time one commits."""

import io
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from boundaries.models import Official, Term
from casework import tasks
from casework.models import Alternative, Case, Change, Turn
from casework.routing import turns
from casework.steps import passing, pauses, workflow
from casework.steps.workflow import Step, change_one
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from reports import intake
from reports.models import Report
from tests.casework.routing.test_turns import HOUR, of, step
from tests.conftest import NOON

LURAH, CAMAT, WALI = "kelurahan-31.71.01.1001", "kecamatan-31.71.01", "kota-31.71"
OTHER = "kelurahan-31.71.01.1002"


@pytest.fixture
def case(receive_one) -> int:
    """A case whose turn is the lurah of Gambir's."""
    id = receive_one().id
    workflow.collect(NOON)
    turns.begin()
    return id


def pass_on(id: int, to: str | None, hours: int = 1, by: str = "user:1") -> Turn:
    return passing.pass_on(id, to, by, "Bukan kewenangan kami", NOON + hours * HOUR)


def state(id: int) -> str:
    return Case.objects.get(report_id=id).state_id


def test_the_clock_of_the_first_runs_on_until_the_next_accepts(case):
    offer = pass_on(case, CAMAT)
    first, _ = of(case)
    assert (first.passed_at, first.ended_at, first.due_at) == (NOON + HOUR, None, NOON + 24 * HOUR)
    assert (offer.office_id, offer.hop, offer.began_at, offer.due_at) == (CAMAT, 1, None, None)
    second = passing.accept(case, "user:2", NOON + 3 * HOUR)
    first, _ = of(case)
    assert (first.ended_at, first.ended_by) == (NOON + 3 * HOUR, "passed_on")
    assert (second.began_at, second.due_at) == (NOON + 3 * HOUR, NOON + 27 * HOUR)
    assert state(case) == "assigned"


def test_who_accepts_is_the_holder_of_that_day(case):
    pass_on(case, CAMAT)
    Term.objects.filter(office=CAMAT).delete()
    new = Official.objects.create(name="Contoh Plt")
    Term.objects.create(office_id=CAMAT, official=new, during=(NOON.date(), None), acting=True)
    second = passing.accept(case, "user:2", NOON + HOUR)
    assert (second.official_id, second.acting) == (new.id, True)


def test_the_citizen_is_owed_words_when_a_case_is_passed_on(case):
    with pytest.raises(Conflict, match="the citizen is owed words"):
        passing.pass_on(case, CAMAT, "user:1", " ", NOON)
    assert len(of(case)) == 1
    pass_on(case, CAMAT)
    assert Change.objects.get(case=case).text == "Bukan kewenangan kami"


def test_an_offer_that_is_declined_goes_on_and_the_hop_counts(case):
    pass_on(case, CAMAT)
    offer = pass_on(case, WALI, hours=2)
    first, declined, _ = of(case)
    assert (declined.passed_at, declined.ended_at, declined.ended_by) == (
        NOON + 2 * HOUR,
        NOON + 2 * HOUR,
        "not_taken",
    )
    assert (offer.hop, offer.number, first.ended_at) == (2, 2, None)
    passing.accept(case, "user:3", NOON + 4 * HOUR)
    assert [turn.ended_by for turn in of(case)] == ["passed_on", "not_taken", None]


def test_more_than_two_hops_go_to_the_unit(case):
    pass_on(case, CAMAT)
    pass_on(case, WALI)
    last = pass_on(case, OTHER)
    assert (last.hop, last.office_id) == (3, None)
    assert last.explanation["named"] == OTHER
    with pytest.raises(Conflict, match="is the unit's: it is assigned, not passed on"):
        pass_on(case, OTHER)
    taken = passing.accept(case, "user:9", NOON + 5 * HOUR)
    assert (taken.began_at, taken.official_id, state(case)) == (NOON + 5 * HOUR, None, "selected")
    assert of(case)[0].ended_by == "passed_on"


def test_who_does_not_know_whose_it_is_leaves_it_to_the_unit_and_keeps_the_clock(case):
    offer = pass_on(case, None)
    assert (offer.office_id, offer.hop, of(case)[0].ended_at) == (None, 1, None)


def test_an_office_that_was_asked_is_not_asked_again(case):
    pass_on(case, CAMAT)
    with pytest.raises(InvalidRequest, match=f"to_office '{LURAH}' was asked before"):
        pass_on(case, LURAH)
    assert len(of(case)) == 2


def test_an_office_that_is_not_there_is_not_found(case):
    with pytest.raises(NotFound, match="no office 'kota-99"):
        pass_on(case, "kota-99.99")
    with pytest.raises(NotFound, match="no office 'kota-99"):
        passing.assign(case, "kota-99.99", "user:1", NOON)


def test_nobody_accepts_what_is_not_offered(case):
    with pytest.raises(Conflict, match="it is offered to nobody"):
        passing.accept(case, "user:2", NOON)
    step(case, "returned")
    with pytest.raises(Conflict, match="it was offered to no office that could accept it"):
        change_one(Step(case, "assigned"), "user:2", {"answer"}, NOON)


def test_a_case_that_is_nobodys_turn_is_not_passed_on(receive_one):
    id = receive_one().id
    workflow.collect(NOON)
    with pytest.raises(Conflict, match="it is nobody's turn yet"):
        pass_on(id, CAMAT)
    assert state(id) == "collected"


def test_an_answer_of_the_first_ends_what_was_offered(case):
    pass_on(case, CAMAT)
    step(case, "answered", 2 * HOUR)
    first, offer = of(case)
    assert (first.answered_at, offer.ended_by) == (NOON + 2 * HOUR, "not_taken")
    with pytest.raises(Conflict, match="offered to nobody"):
        passing.accept(case, "user:2", NOON + 3 * HOUR)


@pytest.mark.parametrize(
    ("to", "states", "expected"),
    [
        (CAMAT, ["assigned"], [(LURAH, "passed_on"), (CAMAT, None)]),
        (None, ["assigned"], [(LURAH, None), (None, "not_taken")]),
        (CAMAT, ["selected"], [(LURAH, None), (CAMAT, "not_taken")]),
        (None, ["proposed"], [(LURAH, "passed_on"), (None, None)]),
    ],
    ids=["assigns what is offered", "assigns it back", "looks at it anew", "takes what is its own"],
)
def test_an_offer_ends_when_the_unit_goes_on_with_the_case(case, to, states, expected):
    pass_on(case, to)
    for state in states:
        change_one(
            Step(case, state, "Kini tugas kantor ini"), "user:9", {"triage", "decide"}, NOON + 2 * HOUR
        )
    assert [(turn.office_id, turn.ended_by) for turn in of(case)] == expected
    assert all(turn.ended_at in (None, NOON + 2 * HOUR) for turn in of(case))


def test_the_unit_gives_a_case_to_another_office_and_the_hops_begin_anew(case):
    pass_on(case, CAMAT)
    turn = passing.assign(case, WALI, "user:9", NOON + 2 * HOUR, "Jalan ini milik kota")
    assert [one.ended_by for one in of(case)] == ["rerouted", "not_taken", None]
    assert (turn.office_id, turn.hop, turn.began_at, turn.due_at) == (
        WALI,
        0,
        NOON + 2 * HOUR,
        NOON + 26 * HOUR,
    )
    assert turn.explanation["decided_by"] == "unit"
    assert Change.objects.latest("id").text == "Jalan ini milik kota"
    assert state(case) == "assigned"


def test_a_returned_case_goes_to_no_other_office_without_words_why(case):
    """No alternative was chosen: else a case could be handed about for good, and nobody would read why."""
    pass_on(case, None)
    for words in ("", "  "):
        with pytest.raises(
            Conflict, match="the citizen is owed words for the step from returned to assigned"
        ):
            passing.assign(case, WALI, "user:9", NOON + 2 * HOUR, words)
    assert [one.office_id for one in of(case)] == [LURAH, None]
    with pytest.raises(DatabaseError, match="a citizen is owed words"), transaction.atomic():
        Change.objects.create(
            case_id=case, from_state_id="returned", to_state_id="assigned", permission="decide", by="x",
            at=NOON + 3 * HOUR,
        )  # fmt: skip


def test_the_unit_gives_it_back_to_the_office_that_passed_it_on(case):
    pass_on(case, None)
    turn = passing.assign(case, LURAH, "user:9", NOON + 2 * HOUR, "Jalan ini milik kelurahan")
    assert [(one.office_id, one.ended_by) for one in of(case)] == [
        (LURAH, "rerouted"),
        (None, "not_taken"),
        (LURAH, None),
    ]
    assert turn.passed_at is None


@pytest.mark.parametrize(("who", "expected"), [(WALI, [LURAH, WALI]), (LURAH, [LURAH]), (None, [LURAH])])
def test_the_office_of_the_chosen_alternative_has_the_case_when_it_is_assigned(case, who, expected):
    for number, state in enumerate(["selected", "proposed", "decided", "assigned"]):
        if state == "decided":
            alternative = Alternative.objects.create(case_id=case, what="Tambal", who_id=who, by="x", at=NOON)
            workflow.choose(alternative.id, "user:1", "termurah", NOON + number * HOUR)
        step(case, state, number * HOUR)
    assert [turn.office_id for turn in of(case)] == expected
    assert of(case)[-1].began_at == NOON + 3 * HOUR * (len(expected) - 1)


def move(id: int, code: str) -> None:
    """Say, as a person does, that a report lies in another kelurahan."""
    Report.objects.filter(id=id).update(point=None, kelurahan_code=code, placed_by="declared")
    intake.route([id])


def test_a_report_that_lies_elsewhere_is_another_offices_turn(case):
    move(case, "31.71.01.1002")
    assert [turns.reroute(NOON + HOUR), turns.reroute(NOON + 2 * HOUR)] == [1, 0]
    first, second = of(case)
    assert (first.office_id, first.ended_by, first.ended_at) == (LURAH, "rerouted", NOON + HOUR)
    assert (second.office_id, second.began_at, second.due_at) == (OTHER, NOON + HOUR, NOON + 25 * HOUR)
    assert second.explanation["polygon"] == "31.71.01.1002"
    assert second.office_id == Report.objects.get(id=case).office_id


def test_who_answered_keeps_a_case_that_lies_elsewhere(case):
    step(case, "answered", HOUR)
    move(case, "31.71.01.1002")
    assert turns.reroute(NOON + 2 * HOUR) == 0


def test_an_office_that_people_gave_a_case_to_keeps_it_wherever_it_lies(case):
    pass_on(case, CAMAT)
    passing.accept(case, "user:2", NOON + HOUR)
    move(case, "31.71.02.1001")
    assert turns.reroute(NOON + 2 * HOUR) == 0


def test_the_worker_gives_the_units_own_to_an_office_once_it_knows_where_it_lies(receive_one):
    id = receive_one(point=None).id
    tasks.open_cases(timestamp=0)
    assert of(id)[0].office_id is None
    move(id, "31.71.01.1001")
    tasks.open_cases(timestamp=0)
    assert [(turn.office_id, turn.ended_by) for turn in of(id)] == [(None, "rerouted"), (LURAH, None)]


def test_a_case_of_another_kind_is_another_offices_turn(case):
    Report.objects.filter(id=case).update(category="building")
    turns.reroute(NOON + HOUR)
    assert [turn.office_id for turn in of(case)] == [LURAH, CAMAT]


def two_at_a_time(first, second):
    """Run the first and hold its transaction open while the second runs; returns what the second raised."""
    held, free = threading.Event(), threading.Event()

    def one() -> None:
        try:
            with transaction.atomic():
                first()
                held.set()
                free.wait(120)
        finally:
            held.set()
            connection.close()

    operator = threading.Thread(target=one)
    operator.start()
    held.wait(120)
    try:
        with pytest.raises(Conflict) as raised:
            second()
    finally:
        free.set()
        operator.join()
    return str(raised.value)


@pytest.mark.django_db(transaction=True)
def test_of_two_operators_at_a_time_one_passes_on_or_accepts_and_the_other_is_told(
    transactional_city, submission
):
    intake.receive([submission()], simulated=False)
    workflow.collect(NOON)
    turns.begin()
    id = Case.objects.get().report_id
    assert "somebody else has it in hand" in two_at_a_time(
        lambda: pass_on(id, CAMAT), lambda: pass_on(id, WALI)
    )
    assert [turn.office_id for turn in of(id)] == [LURAH, CAMAT]
    told = two_at_a_time(
        lambda: passing.accept(id, "user:2", NOON + HOUR), lambda: passing.accept(id, "user:3", NOON + HOUR)
    )
    assert "somebody else has it in hand" in told
    with pytest.raises(Conflict, match="offered to nobody"):
        passing.accept(id, "user:3", NOON + HOUR)
    assert list(Change.objects.order_by("id").values_list("by", flat=True)) == ["user:1", "user:2"]


@pytest.mark.django_db(transaction=True)
def test_a_case_that_somebody_has_in_hand_is_rerouted_the_next_time(transactional_city, submission):
    intake.receive([submission()], simulated=False)
    workflow.collect(NOON)
    turns.begin()
    id = Case.objects.get().report_id
    move(id, "31.71.01.1002")

    def in_hand() -> None:
        assert turns.reroute(NOON + HOUR) == 0
        raise Conflict("left alone")

    assert two_at_a_time(lambda: step(id, "selected"), in_hand) == "left alone"
    assert turns.reroute(NOON + 2 * HOUR) == 1


def told(*words: object) -> list[str]:
    out = io.StringIO()
    call_command("turns", *map(str, words), stdout=out)
    return out.getvalue().splitlines()


def test_the_command_tells_whose_turn_it_was_and_why(case):
    pass_on(case, CAMAT)
    pass_on(case, WALI, hours=2)
    passing.accept(case, "user:3", NOON + 4 * HOUR)
    pauses.pause(case, "weather", NOON + 9 * HOUR, "user:3", NOON + 8 * HOUR)
    lines = told(case)
    assert lines[0] == "turn 0, hop 0: Lurah Gambir, Contoh Lurah Gambir"
    assert lines[1].startswith("    rule 100000: Sesuai tabel kategori; road in 31.71.01.1001 of edition ")
    assert lines[2:6] == [
        "    2026-05-14 05:00Z  began",
        "    2026-05-14 06:00Z  said: not mine",
        "    2026-05-14 09:00Z  ended: passed_on",
        "    2026-05-15 05:00Z  due",
    ]
    assert lines[6] == "turn 1, hop 1: Camat Gambir, asked whether it takes the case"
    assert lines[7].startswith(f"    passed on by {LURAH}; road in 31.71.01.1001")
    assert lines[11] == "turn 2, hop 2: Wali Kota Jakarta Pusat, Contoh Wali Kota Jakarta Pusat"
    assert "    2026-05-14 09:00Z  accepted" in lines
    assert lines[-1] == "pause 2026-05-14 13:00Z to 2026-05-14 14:00Z: weather, user:3"
    with pytest.raises(CommandError, match="case 4711: it is nobody's turn yet"):
        told(4711)


def test_the_command_tells_of_a_turn_that_no_rule_decided(case):
    Turn.objects.create(
        case_id=case, number=1, explanation={"rule": "simulated year"}, offered_at=NOON, office_id=CAMAT
    )
    assert "    as simulated year has it" in told(case)


def test_the_command_counts_the_answers_that_are_waited_for(case, receive_one):
    receive_one(external_id="2", point=None)
    workflow.collect(NOON)
    turns.begin()
    counts = [int(line.split()[0]) for line in told()]
    assert counts[0] == 2
    assert counts[2:] == [1, 0]
