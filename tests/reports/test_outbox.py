"""What is put down for citizens: once, with the transaction that it tells of, and in order."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from geoplatform.errors import Conflict, InvalidRequest, NotFound
from reports import intake, outbox
from reports.models import Outgoing, Report
from tests.conftest import NOON

LATER = timedelta(days=1)


@pytest.fixture
def report(receive_one):
    return receive_one(channel="lapor", external_id="4711")


@pytest.fixture
def put(report):
    """Put a status down; ``put("done")``."""

    def put(status: str = "done", **more) -> Outgoing:
        said = {"by": "Kelurahan Menteng", "at": NOON, "status": status}
        return outbox.put(report, outbox.STATUS, **(said | more))

    return put


def claim() -> Outgoing | None:
    return outbox.claim("lapor", timezone.now() + timedelta(seconds=1), busy_s=60)


def test_the_same_message_is_put_down_once(report, put):
    said = {"by": "Kelurahan Menteng", "at": NOON, "text": " Sudah selesai. "}
    first = outbox.put(report, outbox.ANSWER, **said)
    assert outbox.put(report, outbox.ANSWER, **said | {"text": "Sudah selesai."}).id == first.id
    assert first.body == {
        "by": "Kelurahan Menteng", "at": NOON.isoformat(), "text": "Sudah selesai.", "status": ""
    }  # fmt: skip
    assert outbox.put(report, outbox.ANSWER, **said | {"at": NOON + LATER}).id != first.id
    assert put().id != first.id
    assert outbox.waiting().count() == 3


@pytest.mark.parametrize(
    ("kind", "parts", "reason"),
    [
        ("answer", {}, "an answer has words"),
        ("answer", {"text": " \n"}, "an answer has words"),
        ("answer", {"text": "ya", "status": "done"}, "an answer has words, and no status"),
        ("status", {"text": "ya"}, "status '' is none"),
        ("status", {"status": "withdrawn"}, "status 'withdrawn' is none"),
        ("letter", {"text": "ya"}, "kind 'letter' is neither"),
    ],
)
def test_a_message_that_makes_no_sense_is_refused(report, kind, parts, reason):
    with pytest.raises(InvalidRequest, match=reason):
        outbox.put(report, kind, by="Kelurahan Menteng", at=NOON, **parts)


def test_what_is_taken_back_is_not_sent(report, put):
    with transaction.atomic():
        put()
        transaction.set_rollback(True)
    assert claim() is None


def test_an_attempt_is_counted_and_the_next_one_set_before_it_is_made(put):
    put()
    message = claim()
    assert message.attempts == 1
    kept = Outgoing.objects.get()
    assert kept.attempts == 1
    assert kept.next_at >= timezone.now() + timedelta(seconds=60)
    assert claim() is None


@pytest.mark.parametrize(("attempt", "least", "most"), [(1, 150, 300), (2, 300, 600), (7, 9600, 19200)])
def test_pauses_grow_and_are_jittered(attempt, least, most):
    pauses = {outbox._pause_s(attempt) for _ in range(50)}
    assert len(pauses) > 1
    assert all(least <= pause <= most for pause in pauses)


def test_messages_of_one_report_keep_their_order(put, receive_one):
    first, second = put("in_progress"), put("done")
    other = outbox.put(
        receive_one(channel="lapor", external_id="4712"), "answer", by="Kelurahan Menteng", at=NOON, text="ya"
    )
    assert claim().id == first.id
    assert claim().id == other.id
    assert claim() is None
    outbox.settle(first, "T-1", NOON)
    assert claim().id == second.id


def test_a_dead_letter_lets_those_behind_it_go_on(put, caplog):
    first, second = put("in_progress", text="nama rahasia"), put("done")
    outbox.bury(claim(), "status 404", NOON)
    assert claim().id == second.id
    assert f"dead letter id={first.id} channel=lapor attempts=1: status 404" in caplog.text
    assert "rahasia" not in caplog.text
    assert list(outbox.dead()) == [first]


def test_after_eight_attempts_a_message_is_given_up(put):
    put()
    for attempt in range(1, outbox.MOST_ATTEMPTS + 1):
        Outgoing.objects.update(next_at=NOON)
        message = claim()
        assert message.attempts == attempt
        outbox.postpone(message, "status 500", None, timezone.now())
    dead = Outgoing.objects.get()
    assert dead.dead_at
    assert (dead.attempts, dead.error) == (8, "status 500")
    assert claim() is None


def test_a_message_whose_last_attempt_was_killed_is_given_up_too(put):
    put()
    Outgoing.objects.update(next_at=NOON, attempts=outbox.MOST_ATTEMPTS)
    assert claim() is None
    assert outbox.dead().get().error == "the last attempt did not end"


def test_a_channel_that_asks_for_a_rest_gets_it_for_all_its_messages(put, receive_one):
    put()
    other = outbox.put(
        receive_one(channel="qlue", external_id="1"), "answer", by="Kelurahan Menteng", at=NOON, text="ya"
    )
    second = outbox.put(
        receive_one(channel="lapor", external_id="4712"), "answer", by="Kelurahan Menteng", at=NOON, text="ya"
    )
    now = timezone.now()
    outbox.postpone(claim(), "status 429", 7200, now)
    assert outbox.channels_due(now + timedelta(seconds=7000)) == ["qlue"]
    assert Outgoing.objects.get(id=second.id).next_at == now + timedelta(seconds=7200)
    assert Outgoing.objects.get(id=other.id).next_at < now


@pytest.mark.parametrize("seconds", [31_536_000, 1e20, float("inf"), float("nan")])
def test_no_channel_gets_a_rest_of_more_than_a_day(put, seconds):
    put()
    now = timezone.now()
    outbox.postpone(claim(), "status 429", seconds, now)
    assert Outgoing.objects.get().next_at == now + timedelta(days=1)


def test_a_dead_letter_may_be_taken_up_again_with_all_its_attempts(put):
    put()
    outbox.bury(claim(), "status 404", NOON)
    message = outbox.dead().get()
    outbox.retry([message.id])
    again = claim()
    assert (again.id, again.attempts, again.dead_at) == (message.id, 1, None)


def test_only_dead_letters_are_taken_up_again_all_or_none(put):
    first, second = put("in_progress"), put("done")
    outbox.bury(claim(), "status 404", NOON)
    with pytest.raises(NotFound, match="no message 0"):
        outbox.retry([first.id, 0])
    with pytest.raises(Conflict, match=f"message {second.id} waits to be sent"):
        outbox.retry([second.id])
    assert outbox.dead().get().id == first.id
    outbox.settle(claim(), "T-2", NOON)
    with pytest.raises(Conflict, match=f"message {second.id} was sent"):
        outbox.retry([second.id])
    with pytest.raises(Conflict, match="a later status of the same report was sent"):
        outbox.retry([first.id])


def test_two_workers_do_not_take_one_message(transactional_city, submission):
    intake.receive([submission(channel="lapor", external_id=id) for id in ("1", "2")], simulated=False)
    for report in Report.objects.all():
        outbox.put(report, "status", by="Kelurahan Menteng", at=NOON, status="done")
    first, second = outbox.waiting()
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM reports_outgoing WHERE id = %s FOR UPDATE", [first.id])
        assert claim().id == second.id
        assert claim() is None
        other.rollback()
    finally:
        other.close()
    assert claim().id == first.id
