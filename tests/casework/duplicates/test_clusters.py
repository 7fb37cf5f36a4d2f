"""Merging reports of one problem, telling all of them, and undoing it exactly."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from psycopg.sql import SQL, Identifier

from casework.board import outcomes
from casework.board.periods import period
from casework.citizens import links
from casework.duplicates import candidates, clusters, merging
from casework.duplicates.clusters import Counted
from casework.escalation import runs
from casework.models import Case, Change, Follower, Member, Merge, Turn, Unmerge
from casework.routing import turns
from casework.steps import disputes, passing, telling, workflow
from casework.steps.workflow import Step
from geoplatform.errors import Conflict, Forbidden, InvalidRequest, NotFound, Refusal
from layers.models import FeedState
from reports import intake
from reports.models import Outgoing, Report
from reports.record import Update, Updates
from tests.conftest import MONAS, NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAY = period("2026-05")
UNIT, TRIAGE = "user:1", {"triage"}
WORDS, SORRY = "Laporan Anda digabung dengan laporan yang sama", "Laporan Anda dibuka kembali"
# What is appended, and never taken back.
HISTORY = {
    "casework_merge",
    "casework_member",
    "casework_unmerge",
    "casework_change",
    "reports_outgoing",
    "django_migrations",
}


@pytest.fixture
def report(receive_one) -> Callable[..., int]:
    """Receive a report and open its case; returns its id."""

    def make(id: str = "1", **parts) -> int:
        got = receive_one(external_id=id, **parts)
        workflow.collect(NOON)
        turns.begin()
        return got.id

    return make


@pytest.fixture
def three(report) -> tuple[int, int, int]:
    return report("1"), report("2"), report("3")


@pytest.fixture
def answering(db) -> None:
    """Let the channel of the reports take answers."""
    FeedState.objects.create(
        feed="qlue", title="Qlue", owner="", enabled=True, simulated=False, cadence_s=60, takes_answers=True
    )


def merge(ids, into: int, hours: float = 1) -> Merge:
    return merging.merge(ids, into, UNIT, TRIAGE, WORDS, NOON + hours * HOUR)


def unmerge(merged: Merge, hours: float = 2) -> Unmerge:
    return merging.unmerge(merged.id, UNIT, TRIAGE, SORRY, NOON + hours * HOUR)


def states() -> dict[int, str]:
    return dict(Case.objects.values_list("report_id", "state_id"))


def snapshot() -> dict[str, list[str]]:
    """Return every row of every table but of those whose history grows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = [name for (name,) in cursor.fetchall() if name not in HISTORY]
        found = {}
        for table in tables:
            cursor.execute(SQL("SELECT own::text FROM {} AS own ORDER BY 1").format(Identifier(table)))
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def due_dates(ids: list[int]) -> dict[int, datetime | None]:
    return dict(Turn.objects.filter(case__in=ids).values_list("id", "due_at"))


def at_every_state(report) -> list[int]:
    """Make a case in each state from which cases are merged, and one that was passed on; returns the ids."""
    every = {codename for codename, _ in Case._meta.permissions}
    ids = []
    for number, steps in enumerate((
        [], ["selected"], ["selected", "proposed"], ["selected", "proposed", "decided"],
        ["selected", "proposed", "decided", "assigned"], ["returned"], ["answered"],
        ["answered", "resolved", "disputed"], ["answered", "resolved"],
    )):  # fmt: skip
        id = report(f"s{number}")
        ids.append(id)
        for hour, state in enumerate(steps):
            at = NOON + hour * HOUR / 10
            if state == "decided":
                alternative = Case.objects.get(report_id=id).alternative_set.create(
                    what="Tambal", by=UNIT, at=at
                )
                workflow.choose(alternative.id, UNIT, "murah", at)
            workflow.change_one(Step(id, state, "Kami periksa"), UNIT, every, at)
    offered = report("offered")
    passing.pass_on(offered, "kecamatan-31.71.01", UNIT, "Bukan kewenangan kami", NOON + HOUR / 2)
    return [*ids, offered]


def test_merging_and_undoing_it_restores_every_row_of_every_table(report):
    lead = report("lead")
    ids = at_every_state(report)
    assert set(states().values()) == merging.MERGEABLE
    Follower.objects.create(report_id=ids[0], channel="qlue", external_id="lead", since=NOON)
    due = due_dates(ids)
    before = snapshot()
    counted, told = clusters.count(NOON, NOON + HOUR, NOON + HOUR), clusters.followers(lead)
    merged = merge(ids, lead)
    assert {states()[id] for id in ids} == {"duplicate"}
    assert clusters.count(NOON, NOON + HOUR, NOON + HOUR) == Counted(11, 1)
    assert len(clusters.followers(lead)) == 11
    assert snapshot() != before
    unmerge(merged)
    # But for when an answer is due that is waited for: the clock stood still meanwhile.
    waited = {
        turn.id for turn in Turn.objects.filter(case__in=ids, answered_at=None, ended_at=None) if turn.due_at
    }
    assert len(waited) == 8
    assert due_dates(ids) == {id: at + HOUR if id in waited else at for id, at in due.items()}
    Turn.objects.filter(id__in=waited).update(due_at=F("due_at") - HOUR)
    after = snapshot()
    assert {name for name in before if before[name] != after[name]} == set()
    assert clusters.count(NOON, NOON + HOUR, NOON + 2 * HOUR) == counted
    assert clusters.followers(lead) == told


def test_a_turn_that_a_merge_ended_goes_on_with_its_clock(three):
    lead, other, _ = three
    due_at = Turn.objects.get(case_id=other).due_at
    merged = merge([other], lead)
    ended = Turn.objects.get(case_id=other)
    assert (ended.ended_at, ended.ended_by) == (NOON + HOUR, "closed")
    unmerge(merged)
    (turn,) = Turn.objects.filter(case_id=other)
    assert (turn.ended_at, turn.ended_by, turn.due_at) == (None, None, due_at + HOUR)


def test_of_merges_that_were_undone_each_gives_the_time_that_it_took(three):
    lead, other, _ = three
    due_at = Turn.objects.get(case_id=other).due_at
    for hours in (1, 5):
        unmerge(merge([other], lead, hours), hours + 2)
    assert Turn.objects.get(case_id=other).due_at == due_at + 4 * HOUR


def test_a_lead_has_its_clock_run_while_another_is_merged_into_it(three):
    lead, other, _ = three
    due_at = Turn.objects.get(case_id=lead).due_at
    unmerge(merge([other], lead))
    assert Turn.objects.get(case_id=lead).due_at == due_at


def test_no_turn_that_ended_otherwise_goes_on(three):
    Turn.objects.filter(case_id=three[0]).update(ended_at=NOON, ended_by="closed")
    with pytest.raises(DatabaseError, match="times are set once"), transaction.atomic():
        Turn.objects.filter(case_id=three[0]).update(ended_at=None, ended_by=None)


def test_a_member_says_why_it_seemed_the_same_problem(three):
    candidates.find(NOON - HOUR)
    lead, other, _ = three
    member = merge([other], lead).member_set.get()
    assert member.score > 0.9
    assert member.parts["distance_m"] == 0
    own, joined = clusters.cluster(other)
    assert (own.report_id, own.depth, own.merge_id) == (lead, 0, None)
    assert (joined.report_id, joined.depth, joined.score) == (other, 1, member.score)


def test_a_person_may_merge_what_no_rule_joined(three):
    member = merge([three[1]], three[0]).member_set.get()
    assert (member.score, member.parts) == (None, None)


def test_what_candidates_join_is_proposed_with_what_is_reached_by_others(three, report):
    candidates.find(NOON - HOUR)
    far = report("far", point=None, category="flood")
    assert {one.report_id for one in clusters.proposed(three[0])} == set(three)
    assert [one.report_id for one in clusters.proposed(far)] == [far]
    merge([three[2]], three[0])
    assert [one.report_id for one in clusters.proposed(three[0])] == list(three[:2])


def test_clusters_are_merged_with_all_that_hangs_on_them(report):
    one, two, three, four = (report(str(number)) for number in range(4))
    merge([two], one)
    merge([four], three)
    top = merge([one], three, hours=2)
    assert {clusters.lead_of(id) for id in (one, two, three, four)} == {three}
    assert [(row.report_id, row.depth) for row in clusters.cluster(two)] == [
        (three, 0),
        (one, 1),
        (four, 1),
        (two, 2),
    ]
    unmerge(top, hours=3)
    assert [clusters.lead_of(id) for id in (one, two, three, four)] == [one, one, three, three]
    assert states()[two] == "duplicate"


def test_what_is_merged_into_a_member_is_merged_into_its_lead(three):
    merge([three[1]], three[0])
    assert merge([three[2]], three[1], hours=2).into_id == three[0]


def test_an_earlier_merge_is_undone_below_a_later_one(three):
    one, two, other = three
    first = merge([two], one)
    merge([one], other, hours=2)
    unmerge(first, hours=3)
    assert [clusters.lead_of(id) for id in (one, two)] == [other, two]
    assert (states()[one], states()[two]) == ("duplicate", "collected")


@pytest.mark.parametrize(
    ("ids", "into", "error", "words"),
    [
        ([0], 0, InvalidRequest, "cannot be merged into itself"),
        ([], 0, InvalidRequest, "0 cases"),
        ([1], 9, NotFound, "no case"),
        ([9], 0, NotFound, "no case"),
    ],
)
def test_what_cannot_be_merged_says_why(three, ids, into, error, words):
    known = [*three, *(-1 for _ in range(9))]
    with pytest.raises(error, match=words):
        merge([known[id] for id in ids], known[into])
    assert (Merge.objects.count(), set(states().values())) == (0, {"collected"})


def test_a_lead_is_not_merged_into_its_own_member(three):
    merge([three[1]], three[0])
    with pytest.raises(InvalidRequest, match="into itself"):
        merge([three[0]], three[1], hours=2)


def test_a_duplicate_is_not_merged_twice_and_what_was_closed_not_at_all(three):
    one, two, other = three
    merge([two], one)
    with pytest.raises(Conflict, match="duplicate already"):
        merge([two], other, hours=2)
    workflow.change_one(Step(other, "not_ours", "Bukan kewenangan"), UNIT, TRIAGE, NOON)
    with pytest.raises(Conflict, match="closed with a reason"):
        merge([other], one, hours=2)


@pytest.mark.parametrize("closed", ["not_ours", "no_problem"])
def test_nothing_is_merged_into_what_was_closed_with_a_reason(three, closed):
    workflow.change_one(Step(three[0], closed, "Bukan kewenangan"), UNIT, TRIAGE, NOON)
    with pytest.raises(Conflict, match=rf"is {closed}: .* nothing is merged into it"):
        merge([three[1]], three[0])


def test_nothing_is_merged_into_what_its_author_withdrew(three):
    says("1", (0.5, "withdrawn"))
    workflow.follow(NOON + HOUR)
    with pytest.raises(Conflict, match=r"is withdrawn: .* nothing is merged into it"):
        merge([three[1]], three[0], hours=2)


def test_what_is_resolved_takes_reports_of_the_same_problem(three):
    says("1", (0.5, "done"))
    workflow.follow(NOON + HOUR)
    merge([three[1]], three[0], hours=2)
    assert states()[three[1]] == "duplicate"


def test_who_leads_others_is_merged_and_not_closed_as_a_duplicate(three):
    lead, other, _ = three
    merged = merge([other], lead)
    step = Step(lead, "duplicate", "Sama")
    with pytest.raises(Conflict, match="others were merged into it"):
        workflow.change_one(step, UNIT, TRIAGE, NOON + 2 * HOUR)
    with pytest.raises(DatabaseError, match="closed as a duplicate by a merge"), transaction.atomic():
        Change.objects.create(
            case_id=lead,
            from_state_id="collected",
            to_state_id="duplicate",
            permission="triage",
            by=UNIT,
            at=NOON + 2 * HOUR,
            text=WORDS,
        )
    unmerge(merged, hours=3)
    workflow.change_one(step, UNIT, TRIAGE, NOON + 4 * HOUR)
    assert states()[lead] == "duplicate"


def test_a_lead_that_its_author_deletes_stays_the_problem_of_the_others_until_it_leads_none(three):
    lead, other, _ = three
    merged = merge([other], lead)
    says("1", (2, "withdrawn"))
    assert (workflow.follow(NOON + 3 * HOUR), states()[lead]) == (0, "collected")
    late = NOON + 2 * DAY
    assert lead in {rung.report_id for rung in runs.escalate(late).rungs}
    says("2", (50, "in_progress"))
    workflow.follow(NOON + 51 * HOUR)
    assert states()[lead] == "answered"
    unmerge(merged, hours=52)
    workflow.follow(NOON + 53 * HOUR)
    assert states()[lead] == "withdrawn"


def test_a_lead_that_its_author_deleted_ends_when_it_leads_none_and_not_before(three):
    lead, other, _ = three
    merged = merge([other], lead)
    says("1", (2, "withdrawn"))
    workflow.follow(NOON + 3 * HOUR)
    runs.escalate(NOON + 30 * HOUR)
    known = outcomes.board(MAY, NOON + 31 * HOUR).totals
    assert (known["unanswered"], known["rung_1"]) == (2, 2)  # the third one among them
    unmerge(merged, hours=40)
    workflow.follow(NOON + 41 * HOUR)
    assert Turn.objects.get(case=lead).ended_at == NOON + 41 * HOUR
    assert outcomes.board(MAY, NOON + 31 * HOUR).totals == known


def test_the_answer_to_a_lead_that_its_author_deleted_is_told_to_the_others(three, answering):
    lead, other, _ = three
    merge([other], lead)
    says("1", (2, "withdrawn"))
    workflow.follow(NOON + 3 * HOUR)
    Outgoing.objects.all().delete()
    assert telling.steps({lead: ("answered", "Sudah ditambal")}, by="Lurah", at=NOON + 4 * HOUR) == 1
    assert Outgoing.objects.get().external_id == "2"


def test_a_lead_that_was_closed_for_its_author_while_others_hung_on_it_is_open_again(three):
    lead, other, _ = three
    says("1", (0.5, "withdrawn"))
    workflow.follow(NOON + HOUR)
    joined = Merge.objects.create(into_id=lead, by=UNIT, at=NOON + 2 * HOUR, words=WORDS)
    Member.objects.create(merge=joined, case_id=other, state_id="collected", since=NOON)
    assert [workflow.follow(NOON + 3 * HOUR), workflow.follow(NOON + 3 * HOUR)] == [1, 0]
    assert (states()[lead], Turn.objects.filter(case=lead, ended_at=None).count()) == ("selected", 1)


def test_all_of_a_merge_are_taken_or_none(three):
    one, two, other = three
    workflow.change_one(Step(other, "not_ours", "Bukan kewenangan"), UNIT, TRIAGE, NOON)
    with pytest.raises(Conflict):
        merge([two, other], one)
    assert states()[two] == "collected"


def test_merging_and_undoing_need_triage_and_words(three):
    merged = merge([three[1]], three[0])
    for permissions, words, error in (({"answer"}, WORDS, Forbidden), (TRIAGE, "  ", InvalidRequest)):
        with pytest.raises(error):
            merging.merge([three[2]], three[0], UNIT, permissions, words, NOON + HOUR)
        with pytest.raises(error):
            merging.unmerge(merged.id, UNIT, permissions, words, NOON + HOUR)


def test_a_merge_is_undone_once(three):
    merged = merge([three[1]], three[0])
    unmerge(merged)
    with pytest.raises(Conflict, match="undone already"):
        unmerge(merged, hours=3)
    with pytest.raises(NotFound):
        merging.unmerge(merged.id + 1, UNIT, TRIAGE, SORRY, NOON)


def taken(case: int, to_state: str, permission: str) -> None:
    """Write a step of a duplicate past the statement that takes them."""
    Change.objects.create(
        case_id=case, from_state_id="duplicate", to_state_id=to_state, permission=permission, by=UNIT,
        at=NOON + HOUR, text="x",
    )  # fmt: skip


def test_a_member_leaves_by_undoing_the_merge_alone(three):
    merge([three[1]], three[0])
    with pytest.raises(Refusal, match="leaves by undoing"):
        workflow.change_one(Step(three[1], "selected", "Dibuka"), UNIT, {"supervise"}, NOON + 2 * HOUR)
    with pytest.raises(DatabaseError, match="leaves by undoing"), transaction.atomic():
        taken(three[1], "selected", "supervise")


def test_nobody_takes_the_step_of_a_merge_without_one(three):
    with pytest.raises(DatabaseError, match="no merge leads"), transaction.atomic():
        workflow.change_one(Step(three[1], "duplicate", "x"), UNIT, {"merge"}, NOON)
    merge([three[1]], three[0])
    with pytest.raises(DatabaseError, match="no merge leads"), transaction.atomic():
        taken(three[1], "resolved", "merge")


def test_one_answer_is_owed_to_everyone_of_a_cluster(three, answering):
    merge([three[1], three[2]], three[0])
    sent = clusters.tell(three[2], "answer", by="Lurah Gambir", at=NOON + 2 * HOUR, text="Sudah ditambal")
    assert sorted(message.external_id for message in sent) == ["1", "2", "3"]
    own = Outgoing.objects.filter(body__text=WORDS)
    assert sorted(message.external_id for message in own) == ["2", "3"]


def test_channels_that_take_no_answers_make_no_dead_letters(three):
    merge([three[1]], three[0])
    assert clusters.tell(three[0], "answer", by="Lurah", at=NOON, text="Sudah") == []
    assert Outgoing.objects.count() == 0


def test_a_crowd_is_counted_by_citizens_and_not_by_reports(report):
    ids = [report("1", author="Budi"), report("2", author="Budi"), report("3", author="Siti"), report("4")]
    merge(ids[1:], ids[0])
    crowd = clusters.crowd(ids[3])
    assert (crowd.reports, crowd.citizens, crowd.followers) == (4, 3, 4)


def test_whoever_follows_a_report_hears_of_the_cluster_and_of_the_report_alone_when_it_is_undone(three):
    lead, other, _ = three
    Follower.objects.create(report_id=other, channel="jaki", external_id="77", since=NOON)
    merged = merge([other], lead)
    assert clusters.followers(lead) == [("jaki", "77", None), ("qlue", "1", lead), ("qlue", "2", other)]
    unmerge(merged)
    assert clusters.followers(lead) == [("qlue", "1", lead)]
    assert clusters.followers(other) == [("jaki", "77", None), ("qlue", "2", other)]


def test_who_wants_to_hear_no_more_is_told_nothing_until_they_say_otherwise(three, answering):
    lead, other, _ = three
    merge([other], lead)
    for _ in range(2):
        clusters.stop(other, NOON + HOUR)
    sent = clusters.tell(lead, "answer", by="Lurah Gambir", at=NOON + 2 * HOUR, text="Sudah ditambal")
    assert ([one.external_id for one in sent], clusters.has_stopped(other)) == (["1"], True)
    clusters.hear(other)
    assert [one.external_id for one in clusters.followers(lead)] == ["1", "2"]


def test_each_author_finds_the_link_of_their_own_report_below_an_answer(three, answering, settings):
    settings.PUBLIC_URL = "https://peta.example"
    lead, other, _ = three
    merge([other], lead)
    workflow.change_one(Step(lead, "answered", "Sudah ditambal"), UNIT, {"answer"}, NOON + HOUR)
    sent = clusters.tell(lead, "answer", by="Lurah Gambir", at=NOON + 2 * HOUR, text="Sudah ditambal")
    assert [one.body["below"] for one in sent] == [
        {"words": "Belum beres? Bantah jawaban ini", "report": id} for id in (lead, other)
    ]
    assert {one.body["text"] for one in sent} == {"Sudah ditambal"}


def test_what_a_citizen_of_a_member_disputes_is_the_answer_to_the_lead(three):
    lead, other, _ = three
    merge([other], lead)
    step = Update(at=NOON + 2 * HOUR, status="done", by="Lurah", note="Selesai")
    intake.receive([Updates("qlue", "1", (step,))], simulated=False)
    workflow.follow(NOON + 2 * HOUR)
    assert disputes.by_token(links.token(other, NOON), "Masih berlubang", NOON + 3 * HOUR) == lead
    assert (states()[lead], Change.objects.latest("id").by) == ("disputed", f"citizen:{other}")


def says(id: str, *steps: tuple[float, str]) -> None:
    """Let the channel of a report say what it was, so many hours after noon."""
    trace = tuple(
        Update(at=NOON + hours * HOUR, status=status, by="Lurah", note="") for hours, status in steps
    )
    intake.receive([Updates("qlue", id, trace)], simulated=False)


@pytest.mark.parametrize(("said", "expected"), [("in_progress", "answered"), ("done", "resolved")])
def test_an_answer_on_a_members_channel_answers_the_lead_since_the_channel_says(three, said, expected):
    lead, other, _ = three
    merge([other], lead)
    says("2", (2, said))
    assert [workflow.follow(NOON + 9 * HOUR), workflow.follow(NOON + 9 * HOUR)] == [1, 0]
    assert (states()[lead], states()[other]) == (expected, "duplicate")
    assert Turn.objects.get(case=lead).answered_at == NOON + 2 * HOUR


def test_who_reopens_a_member_on_its_channel_disputes_what_it_said_of_the_lead(three):
    lead, other, _ = three
    merge([other], lead)
    says("2", (2, "in_progress"), (3, "done"), (5, "waiting"), (6, "in_progress"))
    workflow.follow(NOON + 9 * HOUR)
    assert list(Change.objects.filter(case=lead).order_by("id").values_list("to_state", "said_at")) == [
        ("answered", NOON + 2 * HOUR),
        ("resolved", NOON + 3 * HOUR),
        ("disputed", NOON + 5 * HOUR),
        ("answered", NOON + 6 * HOUR),
    ]


@pytest.mark.parametrize(("done", "at_work"), [("1", "2"), ("2", "1")], ids=["lead done", "member done"])
def test_who_is_at_work_on_one_report_reopens_no_problem_that_is_done_on_another(three, done, at_work):
    lead, other, _ = three
    merge([other], lead)
    says(done, (2, "done"))
    says(at_work, (3, "in_progress"))
    assert workflow.follow(NOON + 9 * HOUR) == 1
    assert states()[lead] == "resolved"


def test_a_status_without_a_trace_reopens_no_lead_that_is_done_on_a_members_channel(three):
    lead, other, _ = three
    merge([other], lead)
    Report.objects.filter(id=lead).update(status="in_progress")
    says("2", (2, "done"))
    workflow.follow(NOON + 9 * HOUR)
    assert (workflow.follow(NOON + 9 * HOUR), states()[lead]) == (0, "resolved")


def test_a_members_channel_whose_clock_is_ahead_disputes_nothing(three):
    lead, other, _ = three
    merge([other], lead)
    says("2", (9 + 1 / 30, "done"))
    for minutes in range(4):
        workflow.follow(NOON + 9 * HOUR + timedelta(minutes=minutes))
    assert states()[lead] == "resolved"
    assert not Change.objects.filter(to_state="disputed").exists()


def test_who_answers_a_member_that_was_the_units_answers_the_lead(report):
    lead, other = report("1"), report("2", point=None)
    assert Turn.objects.get(case=other).office_id is None
    merge([other], lead)
    says("2", (2, "in_progress"), (3, "done"))
    workflow.follow(NOON + 4 * HOUR)
    assert (states()[lead], Turn.objects.get(case=lead).answered_at) == ("resolved", NOON + 2 * HOUR)


def test_what_a_channel_said_before_the_merge_is_said_of_the_member_alone(three):
    lead, other, _ = three
    merge([other], lead)
    says("2", (0.5, "in_progress"))
    assert (workflow.follow(NOON + 9 * HOUR), states()[lead]) == (0, "collected")
    assert Turn.objects.get(case=other).answered_at == NOON + HOUR / 2


def test_the_office_of_a_member_does_not_answer_for_another_one_that_has_the_lead(three):
    lead, other, _ = three
    merge([other], lead)
    turns.give([turns.by_unit(lead, "kelurahan-31.71.01.1002", UNIT)], NOON + 2 * HOUR)
    says("2", (3, "done"))
    assert (workflow.follow(NOON + 9 * HOUR), states()[lead]) == (0, "collected")


def test_an_answer_on_a_members_channel_that_is_heard_late_answers_the_turn_of_the_lead_that_was_then(three):
    lead, other, _ = three
    merge([other], lead)
    turns.give([turns.by_unit(lead, "kelurahan-31.71.01.1002", UNIT)], NOON + 5 * HOUR)
    says("2", (3, "in_progress"))
    workflow.follow(NOON + 9 * HOUR)
    assert list(Turn.objects.filter(case=lead).order_by("number").values_list("answered_at", flat=True)) == [
        NOON + 3 * HOUR,
        None,
    ]


def test_what_a_channel_said_meanwhile_is_said_of_a_member_when_its_merge_is_undone(three):
    lead, other, _ = three
    merged = merge([other], lead)
    says("2", (2, "done"))
    workflow.follow(NOON + 3 * HOUR)
    unmerge(merged, 4)
    workflow.follow(NOON + 5 * HOUR)
    assert states()[other] == "resolved"


def test_merges_are_history(three):
    merge([three[1]], three[0])
    for table in (Merge, Member):
        with pytest.raises(DatabaseError, match="history"), transaction.atomic():
            table.objects.update(id=1_000_000)


def test_of_two_operators_who_merge_one_report_one_is_told_at_once(transactional_city, submission):
    intake.receive([submission(str(id), point=MONAS) for id in range(3)], simulated=False)
    workflow.collect(NOON)
    turns.begin()
    one, two, other = Report.objects.order_by("id").values_list("id", flat=True)
    refused: list[str] = []

    def second() -> None:
        try:
            merging.merge([two], other, "user:2", TRIAGE, WORDS, NOON + HOUR)
        except Conflict as error:
            refused.append(str(error))
        finally:
            connection.close()

    with transaction.atomic():
        merge([two], one)
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(120)
        assert not thread.is_alive()
    assert refused == [f"case {two}: somebody else has it in hand"]
    assert clusters.lead_of(two) == one
