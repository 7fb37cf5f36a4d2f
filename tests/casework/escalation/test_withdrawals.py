"""Before each attempt: a notice that is true no more is withdrawn, and who holds the office now is told."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from boundaries.models import Office, Official, Term
from casework.clock import dues
from casework.duplicates import merging
from casework.escalation import letters, notices, runs, withdrawals
from casework.models import Contact, Escalation, Evidence, Holiday, Merge, Notice, Succession, Turn
from casework.routing import turns
from casework.steps import workflow
from casework.steps.workflow import Step, change_one
from geoplatform.errors import Unavailable
from layers.models import FeedState, Silence
from tests.casework.mail_server import Handler, serving
from tests.casework.ruled import answer_within
from tests.conftest import NOON
from tests.ports import free_port

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = NOON + DAY
LURAH, CAMAT = "kelurahan-31.71.01.1001", "kecamatan-31.71.01"
FORMER, NEXT = "lama@city.example", "baru@city.example"


@pytest.fixture
def server(settings) -> Iterator[Handler]:
    with serving(settings) as handler:
        yield handler


@pytest.fixture
def planned(receive_one) -> Callable[..., list[int]]:
    """Let some cases be overdue, and put down what the lurah is told; returns the cases."""

    def plan(cases: int = 1) -> list[int]:
        held = Term.objects.get(office=LURAH)
        Contact.objects.create(official=held.official, channel="email", address=FORMER)
        ids = [receive_one(external_id=str(number)).id for number in range(cases)]
        workflow.collect(NOON)
        turns.begin()
        runs.escalate(DUE)
        return ids

    return plan


def replace(since: datetime, address: str | None = NEXT, acting: bool = False) -> Official:
    """Let the lurah's term end and another one's begin with a day."""
    day = since.date()
    Term.objects.filter(office=LURAH).update(during=DateRange(None, day))
    new = Official.objects.create(name=f"Contoh Lurah {Official.objects.count()}")
    Term.objects.create(office_id=LURAH, official=new, during=DateRange(day, None), acting=acting)
    if address:
        Contact.objects.create(official=new, channel="email", address=address)
    return new


def answer(case: int, at: datetime) -> None:
    change_one(Step(case, "answered", "Sudah kami tangani"), "user:1", {"answer"}, at)


def evidence() -> list[tuple[str, str]]:
    found = Evidence.objects.exclude(kind__in=("answered", "failed")).order_by("id")
    return list(found.values_list("kind", "note"))


def test_who_left_while_the_mail_server_was_down_is_not_told_and_who_came_is_once(planned, server, settings):
    up, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    planned()
    notices.send_due(DUE)
    new = replace(DUE + DAY, acting=True)
    settings.EMAIL_PORT = up
    assert [notices.send_due(DUE + DAY), notices.send_due(DUE + 2 * DAY)] == [1, 0]
    assert [mail["To"] for mail in server.taken] == [NEXT]
    assert "Yth. Lurah Gambir (Plt./Pj.)," in server.taken[0].get_content()
    assert evidence() == [("withdrawn", "replaced"), ("sent", "")]
    told = Succession.objects.get()
    assert (told.official, told.acting, told.at) == (new, True, DUE + DAY)
    assert Escalation.objects.count() == 1
    first, second = Notice.objects.order_by("id")
    assert (first.withdrawn_at, first.error, first.sent_at) == (DUE + DAY, "replaced", None)
    assert second.escalations.get() == first.escalations.get()


def test_who_answered_while_the_mail_server_was_down_is_not_told(planned, server, settings):
    up, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    (case,) = planned()
    notices.send_due(DUE)
    answer(case, DUE + HOUR)
    settings.EMAIL_PORT = up
    assert notices.send_due(DUE + 2 * HOUR) == 0
    assert (server.taken, evidence()) == ([], [("withdrawn", "answered")])
    assert (notices.waiting().count(), notices.dead().count()) == (0, 0)


def test_of_many_cases_those_that_wait_are_told_by_another_notice(planned, server):
    first, second, third = planned(3)
    answer(second, DUE + HOUR)
    assert notices.send_due(DUE + 2 * HOUR) == 1
    (mail,) = server.taken
    assert (mail["To"], f"Laporan {second}:" in mail.get_content()) == (FORMER, False)
    assert all(f"Laporan {case}:" in mail.get_content() for case in (first, third))
    assert evidence() == [("withdrawn", "answered"), ("sent", ""), ("sent", "")]


def test_a_case_that_the_unit_gave_to_another_office_is_not_told(planned, server):
    (case,) = planned()
    turns.give([turns.by_unit(case, "kelurahan-31.71.01.1002", "user:1")], DUE + HOUR)
    assert notices.send_due(DUE + 2 * HOUR) == 0
    assert evidence() == [("withdrawn", "ended")]


def test_a_post_that_is_vacant_by_then_is_shown_and_the_next_rung_comes(planned, server):
    planned()
    Term.objects.filter(office=LURAH).update(during=DateRange(None, (DUE + DAY).date()))
    assert notices.send_due(DUE + DAY) == 0
    assert evidence() == [("withdrawn", "replaced")]
    assert Evidence.objects.filter(kind="failed", note="vacant").count() == 1
    assert [rung.number for rung in runs.escalate(DUE + DAY).rungs] == [2]


def test_who_follows_without_an_address_is_shown_as_such(planned, server):
    planned()
    replace(DUE + DAY, address=None)
    assert notices.send_due(DUE + DAY) == 0
    assert list(Evidence.objects.filter(kind="failed").values_list("note", flat=True)) == [
        "no address is known"
    ]


def test_what_was_told_by_one_channel_is_not_told_to_who_came_by_another(planned, server, settings):
    settings.NOTICE_CHANNELS |= {"whatsapp": f"{__name__}.deaf"}
    lurah = Term.objects.get(office=LURAH).official
    Contact.objects.create(official=lurah, channel="whatsapp", address="+62000")
    planned()
    assert notices.send_due(DUE) == 1
    replace(DUE + DAY)
    assert notices.send_due(DUE + DAY) == 0
    assert [mail["To"] for mail in server.taken] == [FORMER]
    assert evidence() == [("sent", ""), ("withdrawn", "replaced")]


def deaf(notice: Notice) -> None:
    raise Unavailable("nobody there")


def test_two_channels_tell_who_came_once_each(planned, server, settings):
    settings.NOTICE_CHANNELS |= {"whatsapp": "casework.mail.send"}
    lurah = Term.objects.get(office=LURAH).official
    Contact.objects.create(official=lurah, channel="whatsapp", address="lama.wa@city.example")
    planned()
    new = replace(DUE + DAY)
    Contact.objects.create(official=new, channel="whatsapp", address="baru.wa@city.example")
    assert notices.send_due(DUE + DAY) == 2
    assert sorted(mail["To"] for mail in server.taken) == ["baru.wa@city.example", NEXT]
    assert Succession.objects.count() == 1


def test_who_comes_back_before_anything_was_sent_is_told(planned, server, settings):
    up, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    planned()
    former = Term.objects.get(office=LURAH).official
    replace(DUE + DAY)
    notices.send_due(DUE + DAY)
    Term.objects.filter(office=LURAH).delete()
    Term.objects.create(office_id=LURAH, official=former, during=DateRange(None, None), acting=False)
    settings.EMAIL_PORT = up
    assert notices.send_due(DUE + 3 * DAY) == 1
    assert [mail["To"] for mail in server.taken] == [FORMER]


def test_a_dead_notice_that_a_person_takes_up_again_is_looked_at_too(planned, server):
    server.to_recipient[FORMER] = "550 5.1.1 no such user"
    planned()
    notices.send_due(DUE)
    (dead,) = notices.dead()
    replace(DUE + DAY)
    notices.retry([dead.id])
    assert notices.send_due(DUE + DAY) == 1
    assert [mail["To"] for mail in server.taken] == [NEXT]
    with pytest.raises(CommandError, match="was withdrawn: replaced"):
        call_command("notices", "--retry", str(dead.id))


def test_a_dispute_that_was_answered_or_whose_office_changed_hands_is_not_told_as_it_was(planned, server):
    (case,) = planned()
    Notice.objects.update(next_at=DUE + 90 * DAY)
    first = dispute(case, DUE)
    replace(DUE + DAY)
    assert notices.send_due(DUE + DAY) == 1
    assert (server.taken[0]["To"], server.taken[0]["Subject"]) == (NEXT, f"Jawaban dibantah: laporan {case}")
    first.refresh_from_db()
    assert (first.withdrawn_at, first.error) == (DUE + DAY, "replaced")


def test_the_governors_office_is_told_though_the_governor_left_and_nobody_follows(receive_one, server):
    office = Office.objects.create(
        code="provinsi-31", level="provinsi", boundary_code="31", title="Gubernur DKI Jakarta"
    )
    left = NOON + 21 * DAY
    governor = Official.objects.create(name="Contoh Gubernur")
    Term.objects.create(office=office, official=governor, during=DateRange(None, left.date()), acting=False)
    Contact.objects.create(channel="email", address="kantor@city.example")
    Contact.objects.create(official=governor, channel="email", address=FORMER)
    receive_one()
    workflow.collect(NOON)
    turns.begin()
    runs.escalate(left - DAY)
    assert notices.send_due(left + DAY) == 1
    assert [mail["To"] for mail in server.taken] == ["kantor@city.example"]
    assert evidence() == [("withdrawn", "replaced"), ("sent", "")]
    told = Succession.objects.get()
    assert (told.escalation.official, told.official, told.acting) == (governor, None, False)


@pytest.fixture
def moved(planned, server, settings) -> Callable[..., datetime]:
    """Let rungs be reached in an outage, and a holiday be loaded; returns when the answer is due by then."""
    answer_within("lapor_verify", "road")
    Contact.objects.create(office_id=CAMAT, channel="email", address="camat@city.example")

    def load(rungs: int) -> datetime:
        up, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
        planned()
        due = Turn.objects.get().due_at
        written = [runs.escalate(due + number * DAY).rungs for number in range(rungs)]
        assert [[one.number for one in run] for run in written] == [[1], [2]][:rungs]
        Holiday.objects.create(on=due.date(), name="Cuti", kind="collective_leave", source="Contoh")
        dues.renew(due + (rungs - 1) * DAY + HOUR, settled=True)
        settings.EMAIL_PORT = up
        return Turn.objects.get().due_at

    return load


def run(at: datetime) -> int:
    """Escalate and send, as the worker does; returns how many notices were sent."""
    runs.escalate(at)
    return notices.send_due(at)


def test_what_is_due_later_by_now_is_told_then_with_its_new_date(moved, server):
    later = moved(rungs=1)
    assert [run(at) for at in (later - DAY + 2 * HOUR, later - HOUR, later, later + HOUR)] == [0, 0, 1, 0]
    assert f"Batas jawaban {letters.until(later)}." in server.taken[0].get_content()
    assert evidence() == [("withdrawn", "early"), ("sent", "")]


def test_behind_a_holiday_that_was_loaded_late_each_rung_is_told_after_its_own_time(moved, server):
    later = moved(rungs=2)
    told = [run(later + hours * HOUR) for hours in (1, 23, 24, 25)]
    assert told == [1, 0, 1, 0]
    assert [mail["To"] for mail in server.taken] == [FORMER, "camat@city.example"]


def test_a_holiday_within_the_time_of_a_rung_alone_holds_that_one_back(planned, server, settings):
    """The governor's 24 hours know no holidays; the two working days to the wali kota do."""
    Contact.objects.create(office_id="kota-31.71", channel="email", address="kota@city.example")
    up, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    planned()
    reached = next(one.due_at for one in runs.plan(DUE + 9 * DAY).rungs if one.number == 3)
    runs.escalate(reached)
    Holiday.objects.create(on=reached.date(), name="Cuti", kind="collective_leave", source="Contoh")
    settings.EMAIL_PORT = up
    assert run(reached + HOUR) == 1
    assert (server.taken[0]["To"], run(reached + DAY)) == (FORMER, 1)
    assert server.taken[1]["To"] == "kota@city.example"


def test_while_its_feed_is_silent_nothing_is_told_and_what_still_is_so_when_it_is_heard(planned, server):
    first, second = planned(2)
    feed = FeedState.objects.create(
        feed="qlue", title="Qlue", owner="", enabled=True, simulated=False, cadence_s=60,
        silent_since=DUE - HOUR, stale_at=DUE + HOUR,
    )  # fmt: skip
    assert run(DUE + 2 * HOUR) == 0
    assert evidence() == [("withdrawn", "unheard")] * 2
    Silence.objects.create(feed="qlue", since=DUE - HOUR, known_at=DUE + HOUR, until=DUE + 3 * HOUR)
    FeedState.objects.filter(pk=feed.pk).update(silent_since=None, stale_at=None)
    answer(first, DUE + 3 * HOUR)
    assert [run(DUE + hours * HOUR) for hours in (4, 5)] == [1, 0]
    assert [mail["Subject"] for mail in server.taken] == [subject(second)]


def test_at_one_address_attempts_count_on_though_cases_are_answered_between_them(planned, server):
    server.to_recipient[FORMER] = "452 4.2.2 mailbox full"
    cases = planned(12)
    for number, case in enumerate(cases[:-1]):
        notices.send_due(DUE + number * DAY)
        answer(case, DUE + number * DAY + HOUR)
    assert (len(server.senders), notices.dead().count(), notices.waiting().count()) == (8, 1, 0)
    failed = Evidence.objects.filter(kind="failed", note__contains="452").values("escalation__turn__case")
    assert {"escalation__turn__case": cases[-1]} in list(failed)


def test_what_fails_at_one_notice_leaves_withdrawn_those_before_it(planned, receive_one, server, monkeypatch):
    cases = planned()
    for number in (1, 2):
        cases.append(receive_one(external_id=f"later {number}").id)
        workflow.collect(NOON)
        turns.begin()
        runs.escalate(DUE + number * HOUR)
    for case in cases:
        answer(case, DUE + 3 * HOUR)
    withdraw, seen = withdrawals.withdraw, []

    def fail(notice: Notice, *rest):
        seen.append(notice)
        if len(seen) == 3:
            raise OSError("broken")
        return withdraw(notice, *rest)

    monkeypatch.setattr(withdrawals, "withdraw", fail)
    with pytest.raises(OSError, match="broken"):
        notices.send_due(DUE + DAY)
    assert list(Notice.objects.order_by("id").values_list("error", flat=True)) == ["answered", "answered", ""]


def test_for_what_was_answered_nobody_is_looked_up(planned, server, monkeypatch):
    answer(*planned(), at=DUE + HOUR)
    monkeypatch.delattr("casework.escalation.holders.Holders.on")
    assert notices.send_due(DUE + DAY) == 0
    assert evidence() == [("withdrawn", "answered")]


@pytest.fixture
def merged(planned, server) -> Callable[[], tuple[int, Merge]]:
    """Let a case be merged before its notice is sent, and the notice be withdrawn; returns both."""

    def merge() -> tuple[int, Merge]:
        case, lead = planned(2)
        done = merging.merge([case], lead, "user:1", {"triage"}, "Digabung", DUE + HOUR)
        notices.send_due(DUE + 2 * HOUR)
        assert [mail["Subject"] for mail in server.taken] == [subject(lead)]
        return case, done

    return merge


def unmerge(done: Merge, at: datetime) -> None:
    merging.unmerge(done.id, "user:1", {"triage"}, "Dibuka kembali", at)


def subject(case: int) -> str:
    return f"Belum dijawab: laporan {case} (Jalan rusak), batas 15 Mei 2026 12.00 WIB"


def test_a_rung_that_was_withdrawn_as_ended_is_told_once_when_the_merge_is_undone(merged, server):
    case, done = merged()
    runs.escalate(DUE + 3 * HOUR)
    unmerge(done, DUE + 4 * HOUR)
    both = [runs.escalate(DUE + hours * HOUR) for hours in (5, 6)]
    assert [[one.report_id for one in run.anew.values()] for run in both] == [[case], []]
    assert [notices.send_due(DUE + hours * HOUR) for hours in (6, 7)] == [1, 0]
    assert (server.taken[1]["To"], server.taken[1]["Subject"]) == (FORMER, subject(case))
    assert runs.escalate(DUE + 8 * HOUR).anew == {}
    assert Evidence.objects.filter(kind="sent", escalation__turn__case=case).count() == 1


def test_who_holds_the_office_by_then_is_told_of_what_goes_on(merged, server):
    case, done = merged()
    unmerge(done, DUE + 4 * HOUR)
    new = replace(DUE + DAY)
    runs.escalate(DUE + DAY - HOUR * 12)
    notices.send_due(DUE + DAY)
    assert [mail["To"] for mail in server.taken] == [FORMER, NEXT]
    assert Succession.objects.get(escalation__turn__case=case).official == new


@pytest.mark.parametrize("office", ["vacant", "no address is known"])
def test_where_nobody_can_be_told_of_what_goes_on_that_is_shown_and_not_tried_again(merged, office):
    case, done = merged()
    unmerge(done, DUE + 4 * HOUR)
    if office == "vacant":
        Term.objects.filter(office=LURAH).delete()
    Contact.objects.all().delete()
    told = [len(runs.escalate(DUE + hours * HOUR).anew) for hours in (5, 6)]
    assert told == [1, 0]
    failed = Evidence.objects.filter(kind="failed", escalation__turn__case=case, escalation__number=1)
    assert list(failed.values_list("note", flat=True)) == [office]


def test_a_rung_goes_on_when_the_step_that_closed_its_case_is_undone(planned, server):
    (case,) = planned()
    change_one(Step(case, "no_problem", "Bukan masalah"), "user:1", {"triage"}, DUE + HOUR)
    notices.send_due(DUE + HOUR)
    change_one(Step(case, "collected"), "user:1", {"undo"}, DUE + 2 * HOUR)
    runs.escalate(DUE + 3 * HOUR)
    assert [notices.send_due(DUE + 3 * HOUR), evidence()] == [1, [("withdrawn", "ended"), ("sent", "")]]


def test_the_last_rung_is_told_though_nothing_is_left_to_climb(planned, server):
    Contact.objects.create(channel="email", address="gubernur@city.example")
    case, lead = planned(2)
    notices.send_due(DUE)
    far = DUE + 30 * DAY
    runs.escalate(far)
    done = merging.merge([case], lead, "user:1", {"triage"}, "Digabung", far + HOUR)
    notices.send_due(far + 2 * HOUR)
    assert Turn.objects.get(case=case).is_climbed
    unmerge(done, far + 3 * HOUR)
    (told,) = runs.escalate(far + 4 * HOUR).anew.values()
    assert (told.report_id, told.number, notices.send_due(far + 4 * HOUR)) == (case, 4, 1)


def test_what_would_be_told_anew_is_said_by_a_dry_run(merged, capsys, monkeypatch):
    case, done = merged()
    unmerge(done, DUE + 4 * HOUR)
    monkeypatch.setattr(timezone, "now", lambda: DUE + 5 * HOUR)
    call_command("escalate", "--dry-run")
    line, total = capsys.readouterr().out.splitlines()
    assert line.startswith(f"case {case:>7}") and line.endswith("  email  told anew")
    assert total.endswith("0 cases held until holidays are known, 1 told anew")
    assert Notice.objects.filter(withdrawn_at=None, sent_at=None).count() == 0


def test_two_runs_at_a_time_tell_it_once(merged, server):
    """Both have planned before either writes."""
    _, done = merged()
    unmerge(done, DUE + 4 * HOUR)
    plans = [runs.plan(DUE + 5 * HOUR) for _ in range(2)]
    for one in plans:
        runs.write(one.rungs, DUE + 5 * HOUR, anew=one.anew)
    assert ([len(one.anew) for one in plans], notices.send_due(DUE + 6 * HOUR)) == ([1, 1], 1)


def dispute(case: int, at: datetime) -> Notice:
    """Let a case be answered, resolved and disputed, with an hour between; returns the notice of that."""
    rights = {"answer", "supervise", "triage", "follow"}
    for hours, step in enumerate(("answered", "resolved", "disputed"), 1):
        change_one(Step(case, step, "Kata-kata"), "user:1", rights, at + hours * HOUR)
    return Notice.objects.filter(escalations=None).latest("id")


def test_a_dispute_is_told_to_who_holds_the_office_though_it_fell_due_under_another(planned, server):
    (case,) = planned()
    Notice.objects.update(next_at=DUE + 90 * DAY)
    first = dispute(case, DUE)
    new = replace(DUE + 2 * DAY)
    assert notices.send_due(DUE + 3 * DAY) == 1
    assert [mail["To"] for mail in server.taken] == [NEXT]
    first.refresh_from_db()
    assert (first.error, Notice.objects.latest("id").official) == ("replaced", new)


def test_of_two_disputes_the_one_that_waits_is_told_anew_by_that_channel_alone(planned, server, settings):
    settings.NOTICE_CHANNELS |= {"whatsapp": f"{__name__}.deaf"}
    lurah = Term.objects.get(office=LURAH).official
    Contact.objects.create(official=lurah, channel="whatsapp", address="+62000")
    first, second = planned(2)
    Notice.objects.update(next_at=DUE + 90 * DAY)
    for case in (first, second):
        for hours, step in enumerate(("answered", "resolved"), 1):
            change_one(Step(case, step, "Kata-kata"), "user:1", {"answer"}, DUE + hours * HOUR)
    steps = [Step(case, "disputed", "Kata-kata") for case in (first, second)]
    assert workflow.change(steps, "user:1", {"supervise"}, DUE + 3 * HOUR) == []
    notices.send_due(DUE + 3 * HOUR)
    answer(first, DUE + 4 * HOUR)
    notices.send_due(DUE + DAY)
    assert [mail["Subject"] for mail in server.taken] == [f"Jawaban dibantah: laporan {first} dan 1 lain"]
    (waits,) = notices.waiting().filter(escalations=None)
    assert (waits.channel, waits.turns.get().case_id) == ("whatsapp", second)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE casework_notice SET withdrawn_at = NULL",
        "UPDATE casework_notice SET sent_at = withdrawn_at",
        "UPDATE casework_notice SET official_id = 1 WHERE withdrawn_at IS NULL",
        "UPDATE casework_succession SET acting = NOT acting",
        "DELETE FROM casework_succession",
        "INSERT INTO casework_succession (escalation_id, official_id, acting, at)"
        " SELECT id, official_id, acting, at + interval '9 days' FROM casework_escalation",
        "INSERT INTO casework_succession (escalation_id, official_id, acting, at)"
        " SELECT id, NULL, false, at FROM casework_escalation",
    ],
    ids=["back", "sent after all", "to another", "another heir", "no heir", "one who left", "nobody"],
)
def test_the_database_itself_refuses(planned, server, statement):
    planned()
    replace(DUE + DAY)
    Notice.objects.update(next_at=DUE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("casework.mail.hand_over", deaf)
        notices.send_due(DUE + DAY)
    with (
        pytest.raises(DatabaseError, match=r"is history|does not hold"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
