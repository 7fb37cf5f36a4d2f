"""Channels that speak for a case: its own, and those of the reports that were merged into it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from casework.board import outcomes
from casework.board.periods import period
from casework.desk import worklists
from casework.duplicates import merging
from casework.escalation import rungs, runs
from casework.models import Case, Change, Escalation, Evidence, Turn
from casework.routing import turns
from casework.steps import workflow
from geoplatform import tables
from layers.models import FeedState, Silence
from reports import intake
from reports.models import Report, SourceUpdate
from reports.record import Update, Updates
from tests.conftest import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAY = period("2026-05")
HERE, THERE = "kelurahan-31.71.01.1001", "kelurahan-31.71.01.1002"
UNIT, TRIAGE = "user:1", {"triage"}
CHANNELS = ("qlue", "qlue", "lapor", "crm")
SHOWN = ("unanswered", "no_data", "kept", "answered_late", "running")


@pytest.fixture
def report(receive_one) -> Callable[..., int]:
    """Receive a report, whose turn begins at noon and is due a day later; returns its id."""

    def make(id: str, channel: str = "qlue", **parts) -> int:
        got = receive_one(external_id=id, channel=channel, **parts)
        workflow.collect(NOON)
        turns.begin()
        return got.id

    return make


@pytest.fixture
def pair(report) -> tuple[int, int]:
    """A lead of Qlue, and a report of LAPOR! that was merged into it after an hour."""
    lead, other = report("1"), report("2", "lapor")
    merge(other, lead, 1)
    return lead, other


def merge(other: int, lead: int, hours: float) -> int:
    return merging.merge([other], lead, UNIT, TRIAGE, "Sama", NOON + hours * HOUR).id


def unmerge(merged: int, hours: float) -> None:
    merging.unmerge(merged, UNIT, TRIAGE, "Tidak sama", NOON + hours * HOUR)


def says(id: int, *steps: tuple[float, str]) -> None:
    """Let the channel of a report say what it was, so many hours after noon."""
    own = Report.objects.get(id=id)
    trace = tuple(
        Update(at=NOON + hours * HOUR, status=status, by="Lurah", note="") for hours, status in steps
    )
    intake.receive([Updates(own.channel, own.external_id, trace)], simulated=False)


def silent(feed: str, since: float, known: float) -> None:
    """Let a feed be silent since, known so many hours after noon, and until now."""
    FeedState.objects.update_or_create(
        feed=feed,
        defaults={
            "title": feed, "owner": "", "enabled": True, "simulated": False, "cadence_s": 60,
            "silent_since": NOON + since * HOUR, "stale_at": NOON + known * HOUR,
        },
    )  # fmt: skip


def heard(feed: str, until: float) -> None:
    """Let a feed that was silent be heard again."""
    state = FeedState.objects.get(feed=feed)
    Silence.objects.create(
        feed=feed, since=state.silent_since, known_at=state.stale_at, until=NOON + until * HOUR
    )
    state.silent_since = NOON + until * HOUR
    state.stale_at = NOON + 900 * DAY
    state.save()


def shown(hours: float, office: str = HERE) -> dict[str, int]:
    at = NOON + hours * HOUR
    (row,) = outcomes.board(MAY, at, office=office).rows
    for column in SHOWN:
        assert len(outcomes.cell(row.cell(column), MAY, at)[0]) == row.counts[column]
    return {column: row.counts[column] for column in SHOWN if row.counts[column]}


def stale(hours: float) -> set[int]:
    return set(worklists.cases("stale_feed", NOON + hours * HOUR).values_list("pk", flat=True))


def test_while_a_members_feed_is_silent_nobody_is_told_of_the_lead_and_nothing_is_held_against_it(pair):
    silent("lapor", 2, 3)
    run = runs.escalate(NOON + 30 * HOUR)
    assert (run.rungs, dict(run.unheard)) == ([], {"lapor": 1})
    assert shown(30) == {"no_data": 1}
    assert stale(30) == {pair[0]}


def test_what_was_due_in_a_members_silence_stays_unknown_and_climbs_when_it_is_heard(pair):
    silent("lapor", 2, 23)
    heard("lapor", 31)
    assert (shown(30), shown(60)) == ({"no_data": 1}, {"no_data": 1})
    assert stale(60) == set()
    # One of its hours was left when the silence was known.
    assert runs.escalate(NOON + 31 * HOUR).rungs[0].due_at == NOON + 24 * HOUR


def test_a_rung_behind_the_first_is_later_by_a_members_silence(pair):
    runs.escalate(NOON + 25 * HOUR)
    silent("lapor", 26, 30)
    assert runs.escalate(NOON + 60 * HOUR).rungs == []
    heard("lapor", 60)
    (rung,) = runs.escalate(NOON + 80 * HOUR).rungs
    assert (rung.number, rung.due_at) == (2, NOON + 78 * HOUR)


def test_an_answer_that_was_told_behind_a_members_silence_may_have_been_in_time(pair):
    silent("lapor", 2, 3)
    heard("lapor", 31)
    says(pair[1], (35, "in_progress"))
    workflow.follow(NOON + 36 * HOUR)
    assert shown(40) == {"no_data": 1}


def test_an_answer_that_a_silent_member_had_heard_in_time_counts(pair):
    silent("lapor", 2, 3)
    heard("lapor", 31)
    says(pair[1], (5, "in_progress"))
    workflow.follow(NOON + 32 * HOUR)
    assert shown(40) == {"kept": 1}


@pytest.mark.parametrize(
    ("merged_h", "undone_h", "silent_h"),
    [(25, None, 2), (1, 20, 2), (1, None, 25)],
    ids=["merged behind the deadline", "undone before it", "silent behind it"],
)
def test_who_could_not_speak_for_the_lead_when_it_was_due_excuses_nothing(
    report, merged_h, undone_h, silent_h
):
    lead, other = report("1"), report("2", "lapor")
    merged = merge(other, lead, merged_h)
    if undone_h:
        unmerge(merged, undone_h)
        workflow.change_one(workflow.Step(other, "no_problem", "Sudah"), UNIT, TRIAGE, NOON + 21 * HOUR)
    silent("lapor", silent_h, silent_h + 1)
    assert shown(40)["unanswered"] == 1


def test_what_was_not_known_while_a_merge_lasted_is_not_known_when_it_is_undone(report):
    lead, other = report("1"), report("2", "lapor")
    merged = merge(other, lead, 1)
    silent("lapor", 2, 3)
    before = shown(30)
    unmerge(merged, 40)
    workflow.change_one(workflow.Step(other, "no_problem", "Sudah"), UNIT, TRIAGE, NOON + 41 * HOUR)
    assert (before, shown(30), shown(42)) == ({"no_data": 1},) * 3
    assert [rung.number for rung in runs.escalate(NOON + 42 * HOUR).rungs] == [1]


def test_a_member_of_another_office_excuses_nothing(report):
    lead, other = report("1"), report("2", "lapor")
    turns.give([turns.by_unit(other, THERE, UNIT)], NOON + HOUR / 2)
    merge(other, lead, 1)
    silent("lapor", 2, 3)
    assert [rung.number for rung in runs.escalate(NOON + 30 * HOUR).rungs] == [1]
    assert shown(30) == {"unanswered": 1}
    assert stale(30) == set()


def test_a_member_of_a_member_speaks_for_the_lead_of_both(report):
    lead, middle, other = report("1"), report("2"), report("3", "lapor")
    merge(other, middle, 1)
    merge(middle, lead, 2)
    silent("lapor", 3, 4)
    assert runs.escalate(NOON + 30 * HOUR).rungs == []
    assert shown(30) == {"no_data": 1}


def test_a_notice_waits_while_a_members_feed_is_silent(pair):
    (rung,) = runs.escalate(NOON + 25 * HOUR).rungs
    silent("lapor", 23, 26)
    (id,) = Escalation.objects.filter(turn=rung.turn_id).values_list("id", flat=True)
    assert rungs.why_not([id], NOON + 27 * HOUR) == {id: rungs.UNHEARD}


def test_a_lead_that_its_author_deleted_is_of_a_silent_feed_like_any_open_case(pair):
    lead, _ = pair
    says(lead, (2, "withdrawn"))
    workflow.follow(NOON + 3 * HOUR)
    silent("qlue", 4, 5)
    assert Case.objects.get(pk=lead).state_id == "collected"
    assert dict(runs.escalate(NOON + 30 * HOUR).unheard) == {"qlue": 1}
    assert (shown(30), stale(30)) == ({"no_data": 1}, {lead})


LATE, SOON = (26, "in_progress"), (20, "in_progress")


@pytest.mark.parametrize("is_lead_first", [True, False], ids=["lead heard first", "member heard first"])
def test_the_first_word_that_was_said_counts_whichever_was_heard_first(pair, is_lead_first):
    first, second = pair if is_lead_first else reversed(pair)
    says(first, LATE)
    workflow.follow(NOON + 26.5 * HOUR)
    assert shown(27) == {"answered_late": 1}
    says(second, SOON)
    for _ in range(2):
        workflow.follow(NOON + 28 * HOUR)
    assert shown(29) == {"kept": 1}
    assert Turn.objects.get(case=pair[0]).answered_at == NOON + 20 * HOUR
    assert [(one.to_state_id, one.said_at) for one in Change.objects.filter(case=pair[0])] == [
        ("answered", NOON + 26 * HOUR)
    ]


def test_a_rung_that_was_told_before_an_earlier_word_was_heard_stays_told(pair):
    runs.escalate(NOON + 25 * HOUR)
    says(pair[0], LATE)
    workflow.follow(NOON + 26.5 * HOUR)
    told = list(Evidence.objects.order_by("id").values_list("kind", flat=True))
    says(pair[1], SOON)
    workflow.follow(NOON + 27 * HOUR)
    assert (told[-1], list(Evidence.objects.order_by("id").values_list("kind", flat=True))) == (
        "answered",
        told,
    )
    (row,) = outcomes.board(MAY, NOON + 28 * HOUR, office=HERE).rows
    assert (row.counts["kept"], row.counts["rung_1"]) == (1, 1)
    assert len(outcomes.cell(row.cell("rung_1"), MAY, NOON + 28 * HOUR)[0]) == 1
    assert runs.escalate(NOON + 99 * HOUR).rungs == []


def test_of_one_channel_the_first_word_counts_too(report):
    id = report("1")
    for said in (LATE, SOON):
        says(id, said)
        workflow.follow(NOON + 27 * HOUR)
    assert shown(28) == {"kept": 1}


def test_what_was_said_before_a_turn_began_makes_no_answer_of_it_come_sooner(report):
    id = report("1")
    says(id, LATE)
    workflow.follow(NOON + 27 * HOUR)
    says(id, (-2, "in_progress"))
    workflow.follow(NOON + 28 * HOUR)
    assert shown(29) == {"answered_late": 1}


def test_a_word_before_a_dispute_does_not_answer_the_turn_behind_it(pair):
    lead, other = pair
    says(lead, (2, "done"), (5, "waiting"), (30, "in_progress"))
    workflow.follow(NOON + 31 * HOUR)
    says(other, (3, "in_progress"))
    workflow.follow(NOON + 32 * HOUR)
    assert list(Turn.objects.filter(case=lead).order_by("number").values_list("answered_at", flat=True)) == [
        NOON + 2 * HOUR,
        NOON + 30 * HOUR,
    ]


@pytest.mark.parametrize("is_lead_done", [True, False], ids=["lead done", "member done"])
def test_what_one_channel_says_is_done_is_resolved_though_another_told_of_work_behind_it(pair, is_lead_done):
    done, at_work = pair if is_lead_done else reversed(pair)
    says(at_work, LATE)
    workflow.follow(NOON + 27 * HOUR)
    says(done, (20, "done"))
    for hours in (28, 29):
        workflow.follow(NOON + hours * HOUR)
    assert Case.objects.get(pk=pair[0]).state_id == "resolved"
    assert shown(30) == {"kept": 1}


def test_what_was_reopened_on_its_channel_is_not_resolved_by_the_word_before(pair):
    lead, other = pair
    says(lead, LATE)
    workflow.follow(NOON + 27 * HOUR)
    says(other, (20, "done"), (21, "in_progress"))
    workflow.follow(NOON + 28 * HOUR)
    assert (Case.objects.get(pk=lead).state_id, shown(30)) == ("answered", {"kept": 1})


def test_an_answer_is_never_moved_to_later_nor_taken_back(report):
    id = report("1")
    says(id, SOON, LATE)
    workflow.follow(NOON + 27 * HOUR)
    for at in (NOON + 26 * HOUR, None):
        with pytest.raises(DatabaseError, match="times are set once"), transaction.atomic():
            Turn.objects.filter(case=id).update(answered_at=at)
    with pytest.raises(DatabaseError, match="says that it was answered"), transaction.atomic():
        Turn.objects.filter(case=id).update(answered_at=NOON + 19 * HOUR)


def ask(question: str, *parts: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(question, parts)
        (answer,) = cursor.fetchone()
    return answer


@contextmanager
def another_run() -> Iterator[list[int]]:
    """Let another session credit words, which waits for what is done here; yields how many it credited."""
    sessions: list[int] = []
    credited: list[int] = []

    def credit() -> None:
        try:
            sessions.append(ask("SELECT pg_backend_pid()"))
            credited.append(turns.credit())
        finally:
            connection.close()

    run = threading.Thread(target=credit)
    with transaction.atomic():
        yield credited
        run.start()
        while run.is_alive() and not any(
            ask("SELECT cardinality(pg_blocking_pids(%s))", one) for one in sessions
        ):
            pass
    run.join()


@pytest.mark.django_db(transaction=True)
def test_of_two_runs_that_find_two_earlier_words_neither_fails_and_the_first_word_counts(
    transactional_city, report
):
    id = report("1")
    says(id, LATE)
    workflow.follow(NOON + 27 * HOUR)
    says(id, (22, "in_progress"))
    with another_run() as credited:
        says(id, SOON)
        assert turns.credit() == 1
    assert (credited, Turn.objects.get().answered_at) == ([0], NOON + 20 * HOUR)


@pytest.mark.django_db(transaction=True)
def test_a_word_that_is_parted_while_it_is_credited_counts_for_nobody_and_the_others_of_the_run_do(
    transactional_city, report
):
    before, lead, other, behind = (report(id, channel) for id, channel in zip("1234", CHANNELS, strict=True))
    merged = merge(other, lead, 1)
    for id in (before, lead, behind):
        says(id, LATE)
    workflow.follow(NOON + 27 * HOUR)
    for id in (before, other, behind):
        says(id, SOON)
    with another_run() as credited:
        Turn.objects.select_for_update().get(case=lead)
        unmerge(merged, 28)
    assert credited == [2]
    assert {one.case_id: one.answered_at for one in Turn.objects.exclude(case=other)} == {
        before: NOON + 20 * HOUR,
        lead: NOON + 26 * HOUR,
        behind: NOON + 20 * HOUR,
    }


REFUSE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'turn %: no', NEW.id USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER refused BEFORE UPDATE ON casework_turn
        FOR EACH ROW WHEN (NEW.case_id = {case}) EXECUTE FUNCTION refuse();
"""


def test_a_word_that_the_database_refuses_is_told_and_tried_again_by_the_next_run(report, caplog):
    ids = [report(id) for id in "123"]
    for id in ids:
        says(id, LATE)
    workflow.follow(NOON + 27 * HOUR)
    for id in ids:
        says(id, SOON)
    with connection.cursor() as cursor:
        cursor.execute(REFUSE.replace("{case}", str(ids[1])))
    assert workflow.follow(NOON + 28 * HOUR) == 0
    answered = [Turn.objects.get(case=id).answered_at - NOON for id in ids]
    assert answered == [20 * HOUR, 26 * HOUR, 20 * HOUR]
    (said,) = [one.getMessage() for one in caplog.records if one.name == "casework.routing.turns"]
    assert "an answer is refused, left for the next run" in said
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refused ON casework_turn")
    assert turns.credit() == 1


@pytest.mark.parametrize("heard_h", [6, 12], ids=["heard at once", "heard late"])
def test_what_was_said_of_a_member_before_its_lead_was_merged_is_said_of_that_lead_alone(report, heard_h):
    lead, middle, other = report("1"), report("2"), report("3", "lapor")
    merge(other, middle, 1)
    if heard_h > 10:
        merge(middle, lead, 10)
    says(other, (5, "in_progress"))
    workflow.follow(NOON + heard_h * HOUR)
    if heard_h < 10:
        merge(middle, lead, 10)
    for hours in (12, 13):
        workflow.follow(NOON + hours * HOUR)
    assert Turn.objects.get(case=middle).answered_at == NOON + 5 * HOUR
    assert (Case.objects.get(pk=lead).state_id, Turn.objects.get(case=lead).answered_at) == (
        "collected",
        None,
    )
    says(other, (14, "done"))
    workflow.follow(NOON + 15 * HOUR)
    assert Turn.objects.get(case=middle).answered_at == NOON + 5 * HOUR
    assert Turn.objects.get(case=lead).answered_at == NOON + 14 * HOUR


def test_what_its_author_deleted_speaks_for_nobody_while_its_feed_is_silent(pair):
    _, other = pair
    says(other, (2, "withdrawn"))
    with tables.triggers_at_rest():
        SourceUpdate.objects.update(fetched_at=NOON + 2.5 * HOUR)
    workflow.follow(NOON + 3 * HOUR)
    silent("lapor", 4, 5)
    assert shown(30) == {"unanswered": 1}
    assert stale(30) == set()
    assert len(runs.escalate(NOON + 30 * HOUR).rungs) == 1


def deleted(id: int, hours: float) -> None:
    """Let its author delete a report, and us hear of it in that minute."""
    says(id, (hours, "withdrawn"))
    with tables.triggers_at_rest():
        SourceUpdate.objects.filter(at=NOON + hours * HOUR).update(fetched_at=NOON + hours * HOUR)
    workflow.follow(NOON + hours * HOUR)


def there_again(id: int, hours: float) -> None:
    Report.objects.filter(id=id).update(status="waiting")
    workflow.follow(NOON + hours * HOUR)


def test_a_member_that_is_there_again_changes_nothing_that_was_known_while_it_was_deleted(pair):
    deleted(pair[1], 2)
    silent("lapor", 4, 5)
    before = shown(30)
    there_again(pair[1], 31)
    assert shown(30) == before == {"unanswered": 1}


def test_a_member_that_is_there_again_goes_on_with_its_turn_when_the_merge_is_undone(report):
    lead, other = report("1"), report("2", "lapor")
    merged = merge(other, lead, 1)
    deleted(other, 2)
    there_again(other, 5)
    unmerge(merged, 6)
    assert workflow.follow(NOON + 7 * HOUR) == 0
    turn = Turn.objects.get(case=other)
    assert (turn.ended_at, turn.due_at) == (None, NOON + 29 * HOUR)


def test_what_was_there_again_when_it_was_parted_speaks_for_its_next_lead(report):
    lead, other, another = report("1"), report("2", "lapor"), report("3")
    merged = merge(other, lead, 1)
    deleted(other, 2)
    there_again(other, 3)
    unmerge(merged, 4)
    workflow.follow(NOON + 4 * HOUR)
    merge(other, another, 5)
    silent("lapor", 6, 7)
    assert stale(30) == {another}
    assert shown(30) == {"unanswered": 1, "no_data": 1}


def test_what_was_there_again_when_it_was_merged_speaks_for_its_lead(report):
    lead, other = report("1"), report("2", "lapor")
    deleted(other, 0.25)
    there_again(other, 0.5)
    merge(other, lead, 1)
    silent("lapor", 2, 3)
    assert shown(30) == {"no_data": 1}
    assert stale(30) == {lead}


def test_a_lead_that_its_author_deletes_changes_nothing_that_was_known_before_it_led_others(report):
    lead, other = report("1"), report("2", "lapor")
    turns.give([turns.by_unit(other, THERE, UNIT)], NOON + HOUR / 2)
    silent("qlue", 4, 5)
    before = shown(30)
    merge(other, lead, 31)
    deleted(lead, 32)
    assert Case.objects.get(pk=lead).state_id == "collected"
    assert shown(30) == before == {"no_data": 1}


def test_an_answer_on_a_channel_that_was_heard_is_late_whatever_other_was_silent(pair):
    lead, _ = pair
    silent("lapor", 23, 24)
    heard("lapor", 25)
    says(lead, (500, "in_progress"))
    workflow.follow(NOON + 500.1 * HOUR)
    assert shown(26) == {"no_data": 1}
    assert shown(501) == {"answered_late": 1}


def test_silences_that_were_over_when_a_turn_was_due_are_not_looked_at(pair):
    for hours in range(2, 20):
        since = NOON + hours * HOUR
        Silence.objects.create(feed="lapor", since=since, known_at=since + HOUR / 4, until=since + HOUR / 2)
    counted = []
    for behind in (NOON, NOON + DAY):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM casework_silent_members(%s, %s, %s)",
                [[pair[0]], behind, NOON + 30 * HOUR],
            )
            counted += cursor.fetchone()
    assert counted == [18, 0]


def test_what_was_parted_is_not_held_by_what_is_silent_still(report):
    lead, other = report("1"), report("2", "lapor")
    merged = merge(other, lead, 1)
    silent("lapor", 2, 3)
    assert stale(4) == {lead}
    unmerge(merged, 5)
    assert stale(30) == {other}


@pytest.mark.parametrize("first", ["lead", "member"])
def test_whose_word_was_told_behind_its_silence_is_doubted_whichever_was_heard_first(pair, first):
    lead, other = pair
    silent("lapor", 23, 24)
    heard("lapor", 25)
    for number, id in enumerate([lead, other] if first == "lead" else [other, lead]):
        says(id, (40 if id == lead else 30, "in_progress"))
        with tables.triggers_at_rest():
            SourceUpdate.objects.filter(at__lt=NOON + 41 * HOUR).update(
                fetched_at=NOON + (41 + number) * HOUR
            )
        workflow.follow(NOON + (41 + number) * HOUR)
    assert Turn.objects.get(case=lead).answered_at == NOON + 30 * HOUR
    assert shown(50) == {"no_data": 1}


def test_a_late_answer_stays_late_whatever_is_silent_afterwards(report):
    lead, silent_then, told = report("1"), report("2", "lapor"), report("3", "crm")
    merge(silent_then, lead, 1)
    merge(told, lead, 1.5)
    silent("lapor", 23, 24)
    heard("lapor", 25)
    silent("crm", 600, 601)
    heard("crm", 602)
    says(told, (500, "in_progress"))
    with tables.triggers_at_rest():
        SourceUpdate.objects.update(fetched_at=NOON + 500.1 * HOUR)
    workflow.follow(NOON + 500.1 * HOUR)
    assert shown(501) == shown(700) == {"answered_late": 1}


def test_a_member_that_its_author_deleted_ends_when_the_merge_is_undone_and_not_before(report):
    lead, other = report("1"), report("2", "lapor")
    merged = merge(other, lead, 7)
    says(other, (12, "withdrawn"))
    workflow.follow(NOON + 13 * HOUR)
    before = outcomes.board(MAY, NOON + 20 * HOUR).totals
    assert (before["duplicate"], before["taken"]) == (1, 0)
    unmerge(merged, 79)
    workflow.follow(NOON + 80 * HOUR)
    turn = Turn.objects.get(case=other)
    assert (Case.objects.get(pk=other).state_id, turn.ended_at) == ("withdrawn", NOON + 80 * HOUR)
    assert outcomes.board(MAY, NOON + 20 * HOUR).totals == before


@pytest.mark.parametrize(
    ("is_lead", "ended_h"), [(True, 5), (False, 10)], ids=["the lead, then", "the member, behind the unmerge"]
)
def test_what_its_author_deleted_before_a_merge_that_was_undone_ended_before_it_was_due(
    report, is_lead, ended_h
):
    lead, other = report("1"), report("2", "lapor")
    unmerge(merge(other, lead, 7), 10)
    before = outcomes.board(MAY, NOON + 8 * HOUR).totals["duplicate"]
    deleted = lead if is_lead else other
    says(deleted, (5, "withdrawn"))
    workflow.follow(NOON + 90 * HOUR)
    assert Case.objects.get(pk=deleted).state_id == "withdrawn"
    assert Turn.objects.get(case=deleted).ended_at == NOON + ended_h * HOUR
    totals = outcomes.board(MAY, NOON + 91 * HOUR).totals
    assert (totals["taken"], totals["unanswered"]) == (1, 1)
    assert outcomes.board(MAY, NOON + 8 * HOUR).totals["duplicate"] == before == 1


@pytest.mark.parametrize("is_own_first", [True, False], ids=["own word heard first", "the other's first"])
def test_an_answer_of_a_report_that_was_merged_wrongly_goes_with_it(report, is_own_first):
    lead, other = report("1"), report("2", "lapor")
    merged = merge(other, lead, 1)
    for id, word in sorted([(lead, LATE), (other, SOON)], key=lambda one: (one[0] == lead) != is_own_first):
        says(id, word)
        workflow.follow(NOON + 27 * HOUR)
    assert shown(27) == {"kept": 1}
    unmerge(merged, 28)
    workflow.follow(NOON + 29 * HOUR)
    assert Turn.objects.get(case=lead).answered_at == NOON + 26 * HOUR
    assert Turn.objects.get(case=other).answered_at == NOON + 20 * HOUR
    assert shown(60) == {"kept": 1, "answered_late": 1}


def test_an_answer_in_the_console_counts_where_a_sooner_word_was_of_another_problem(report):
    lead, other = report("1"), report("2", "lapor")
    merged = merge(other, lead, 1)
    workflow.change_one(workflow.Step(lead, "answered", "Sudah"), UNIT, {"answer"}, NOON + 30 * HOUR)
    says(other, SOON)
    workflow.follow(NOON + 31 * HOUR)
    unmerge(merged, 32)
    assert Turn.objects.get(case=lead).answered_at == NOON + 30 * HOUR


def test_an_own_answer_without_a_trace_counts_where_a_sooner_word_was_of_another_problem(report):
    lead, wrong, right = report("1"), report("2", "lapor"), report("3", "crm")
    merged = merge(wrong, lead, 1)
    merge(right, lead, 2)
    Report.objects.filter(id=lead).update(status="in_progress")
    workflow.follow(NOON + 10 * HOUR)
    says(wrong, (5, "in_progress"))
    says(right, (40, "in_progress"))
    workflow.follow(NOON + 41 * HOUR)
    assert Turn.objects.get(case=lead).answered_at == NOON + 5 * HOUR
    unmerge(merged, 50)
    assert Turn.objects.get(case=lead).answered_at == NOON + 10 * HOUR
    assert shown(60) == {"kept": 1, "running": 1}


@pytest.mark.parametrize("is_through_another", [False, True], ids=["merged alike", "merged with another"])
def test_the_word_of_a_report_that_stays_merged_counts_when_another_one_goes(report, is_through_another):
    lead, wrong, right = report("1"), report("2", "lapor"), report("3", "crm")
    if is_through_another:
        middle = report("4")
        merged = merge(wrong, middle, 1)
        merge(middle, lead, 2)
    else:
        merged = merge(wrong, lead, 1)
    merge(right, lead, 3)
    says(lead, LATE)
    says(right, (22, "in_progress"))
    says(wrong, SOON)
    workflow.follow(NOON + 27 * HOUR)
    assert Turn.objects.get(case=lead).answered_at == NOON + 20 * HOUR
    unmerge(merged, 28)
    assert Turn.objects.get(case=lead).answered_at == NOON + 22 * HOUR


def test_what_nothing_else_answered_stays_answered_when_a_merge_is_undone(report):
    lead, other = report("1"), report("2", "lapor")
    merged = merge(other, lead, 1)
    says(other, SOON)
    workflow.follow(NOON + 21 * HOUR)
    unmerge(merged, 28)
    assert (Case.objects.get(pk=lead).state_id, Turn.objects.get(case=lead).answered_at) == (
        "answered",
        NOON + 20 * HOUR,
    )


@pytest.mark.parametrize("word", ["own", "the other's"])
def test_an_answer_becomes_later_only_where_the_word_of_it_is_parted(report, word):
    lead, other = report("1"), report("2", "lapor")
    merged = merge(other, lead, 1)
    says(lead, SOON if word == "own" else LATE, (27, "in_progress"))
    says(other, (21, "in_progress"))
    workflow.follow(NOON + 28 * HOUR)
    if word == "own":
        unmerge(merged, 29)
    with pytest.raises(DatabaseError, match="times are set once"), transaction.atomic():
        Turn.objects.filter(case=lead).update(answered_at=NOON + 27 * HOUR)


@pytest.mark.parametrize("status", ["in_progress", "done"])
@pytest.mark.parametrize("said_h", [12, 30, 70], ids=["in time", "late", "behind the next instant"])
def test_what_its_channel_said_of_a_duplicate_changes_no_board_of_then_when_the_merge_is_undone(
    report, said_h, status
):
    lead, other = report("1"), report("2", "lapor")
    merged = merge(other, lead, 7)
    says(lead, (6, "in_progress"))
    says(other, (said_h, status))
    workflow.follow(NOON + 71 * HOUR)
    known = [outcomes.board(MAY, NOON + hours * HOUR).totals for hours in (20, 40, 78)]
    assert [one["duplicate"] for one in known] == [1, 1, 1]
    unmerge(merged, 79)
    workflow.follow(NOON + 80 * HOUR)
    assert Turn.objects.get(case=other).answered_at == NOON + said_h * HOUR
    assert [outcomes.board(MAY, NOON + hours * HOUR).totals for hours in (20, 40, 78)] == known
    assert outcomes.board(MAY, NOON + 81 * HOUR).totals["duplicate"] == 0
    steps = list(Change.objects.filter(case=other).order_by("id").values_list("at", flat=True))
    assert steps == sorted(steps)
