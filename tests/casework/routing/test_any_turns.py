"""Whatever people do with a case: while it is open one clock runs, and no time is nobody's."""

from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as some

from casework.models import Case, State, Turn
from casework.routing import turns
from casework.steps import passing, pauses, workflow
from casework.steps.workflow import Step, change_one
from geoplatform.errors import Conflict, InvalidRequest
from reports.models import Report
from tests.casework.routing.test_turns import ALL
from tests.conftest import NOON

OFFICES = ("kelurahan-31.71.01.1001", "kelurahan-31.71.01.1002", "kecamatan-31.71.01", "kota-31.71")
PLACES = ("31.71.01.1001", "31.71.01.1002", None)
MINUTE = timedelta(minutes=1)
deeds = some.one_of(
    some.tuples(some.just("pass"), some.sampled_from((*OFFICES, None))),
    some.tuples(some.just("pass"), some.sampled_from((*OFFICES, None))),
    some.tuples(some.just("accept"), some.none()),
    some.tuples(some.just("accept"), some.none()),
    some.tuples(some.just("assign"), some.sampled_from(OFFICES)),
    some.tuples(
        some.just("step"),
        some.sampled_from(("selected", "proposed", "assigned", "answered", "resolved", "disputed")),
    ),
    some.tuples(some.just("move"), some.sampled_from(PLACES)),
    some.tuples(some.just("pause"), some.integers(1, 300)),
    some.tuples(some.just("status"), some.sampled_from(("waiting", "in_progress", "done", "withdrawn"))),
)


@settings(max_examples=30)
@given(done=some.lists(deeds, min_size=3, max_size=14))
def test_whatever_is_done_an_open_case_is_somebodys_and_a_closed_one_nobodys(receive_one, done):
    with transaction.atomic():
        id = receive_one().id
        workflow.collect(NOON)
        turns.begin()
        for number, (deed, what) in enumerate(done, start=1):
            with suppress(Conflict, InvalidRequest), transaction.atomic():
                do(id, deed, what, NOON + number * MINUTE)
            check(id)
        transaction.set_rollback(True)


def do(id: int, deed: str, what, at) -> None:
    match deed:
        case "pass":
            passing.pass_on(id, what, "user:1", "Bukan kewenangan kami", at)
        case "accept":
            passing.accept(id, "user:2", at)
        case "assign":
            passing.assign(id, what, "user:3", at, "Kini tugas kantor ini")
        case "step":
            change_one(Step(id, what, "Sudah kami tangani"), "user:4", ALL, at)
        case "move":
            Report.objects.filter(id=id).update(kelurahan_code=what)
            turns.reroute(at)
        case "pause":
            pauses.pause(id, "weather", at + what * MINUTE, "user:5", at)
        case "status":
            Report.objects.filter(id=id).update(status=what)
            workflow.follow(at)


def check(id: int) -> None:
    of_case = list(Turn.objects.filter(case_id=id).order_by("number"))
    assert [turn.number for turn in of_case] == list(range(len(of_case)))
    assert all(turn.office_id is None for turn in of_case if turn.hop > passing.MOST_HOPS)
    state = State.objects.get(code=Case.objects.get(report_id=id).state_id)
    running = [turn for turn in of_case if turn.began_at and not turn.ended_at]
    offered = [turn for turn in of_case if not turn.began_at and not turn.ended_at]
    assert len(running) == (state.open311 == "open")
    assert len(offered) <= (state.code == "returned")
    assert all(turn.due_at for turn in running if not turn.answered_at)
    begun = [turn for turn in of_case if turn.began_at]
    for former, next in pairwise(begun):
        # Without a gap, but where the case was closed between.
        assert former.ended_at == next.began_at or former.ended_by in ("resolved", "closed")
        assert former.ended_at <= next.began_at
