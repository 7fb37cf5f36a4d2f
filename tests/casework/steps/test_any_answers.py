"""Whatever people click and whenever we hear of it: a turn is late where its answer was, by the channel."""

from contextlib import suppress
from datetime import timedelta
from itertools import count

from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as some

from casework.models import Turn
from casework.routing import turns
from casework.steps import passing, workflow
from casework.steps.workflow import Step, change_one
from geoplatform.errors import Conflict, InvalidRequest
from reports import intake
from reports.models import Report
from reports.record import Update, Updates
from tests.conftest import NOON

OFFICES = ("kelurahan-31.71.01.1001", "kelurahan-31.71.01.1002", "kecamatan-31.71.01", "kota-31.71")
UNIT = {"triage", "decide"}
HOUR = timedelta(hours=1)
deeds = some.one_of(
    some.tuples(some.just("answer"), some.sampled_from(("in_progress", "done"))),
    some.tuples(some.just("click"), some.sampled_from(("selected", "proposed", "not_ours", "no_problem"))),
    some.tuples(some.just("give"), some.sampled_from(OFFICES)),
    some.tuples(some.just("pass"), some.sampled_from(OFFICES)),
    some.tuples(some.just("accept"), some.none()),
    some.tuples(some.just("poll"), some.none()),
    some.tuples(some.just("outage"), some.booleans()),
)
days = some.lists(some.tuples(some.integers(1, 30), deeds), min_size=3, max_size=12)


@settings(max_examples=30)
@given(done=days)
def test_a_turn_is_late_exactly_if_its_source_answered_behind_the_deadline(receive_one, done):
    with transaction.atomic():
        report = receive_one()
        workflow.collect(NOON)
        turns.begin()
        city = City(report)
        for hours, (deed, what) in done:
            city.now += hours * HOUR
            with suppress(Conflict, InvalidRequest), transaction.atomic():
                city.do(deed, what)
        city.do("outage", False)
        city.now += HOUR
        city.do("poll", None)
        check(report.id, city.said)
        transaction.set_rollback(True)


class City:
    """A report, its office's words on the channel, and a feed that may be down."""

    def __init__(self, report: Report) -> None:
        self.report, self.now, self.is_down = report, NOON, False
        self.said: list[Update] = []
        self.unread: list[Update] = []
        self.numbers = count()

    def do(self, deed: str, what) -> None:
        id, at = self.report.id, self.now
        match deed:
            case "answer":
                # Who says anything else behind "done" reopens the report: that is another turn's.
                status = "done" if any(one.status == "done" for one in self.said) else what
                self.unread.append(Update(at, status, "Lurah Gambir", f"kata {next(self.numbers)}"))
                self.said.append(self.unread[-1])
            case "click":
                change_one(Step(id, what, "Sudah kami periksa"), "user:4", UNIT, at)
            case "give":
                turns.give([turns.by_unit(id, what, "user:3")], at)
            case "pass":
                passing.pass_on(id, what, "user:1", "Bukan kewenangan kami", at)
            case "accept":
                passing.accept(id, "user:2", at)
            case "poll":
                self.poll()
            case "outage":
                self.is_down = what

    def poll(self) -> None:
        if self.unread and not self.is_down:
            trace = Updates(self.report.channel, self.report.external_id, tuple(self.unread))
            intake.receive([trace], simulated=False)
            self.unread.clear()
        workflow.follow(self.now)


def check(id: int, said: list[Update]) -> None:
    first = said[0].at if said else None
    for turn in Turn.objects.filter(case_id=id, began_at__isnull=False):
        # Its own answer may end it at that very instant.
        is_over = turn.ended_by not in (None, "resolved") and first and first >= turn.ended_at
        if first is None or is_over:
            assert turn.answered_at is None
            continue
        assert turn.answered_at == max(first, turn.began_at)
        if turn.due_at and turn.began_at < turn.due_at:
            assert (turn.answered_at > turn.due_at) == (first > turn.due_at)
