"""Whether a photo proves that a problem is solved: what is doubted, who says so, and who may not."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from casework.board import outcomes
from casework.board.periods import period
from casework.citizens import links
from casework.duplicates import clues
from casework.escalation import notices, receipts
from casework.models import Case, Change, Contact, Doubt, DoubtKind, Evidence, Notice, Proof, Turn, Verdict
from casework.routing import turns
from casework.steps import disputes, proof, workflow
from geoplatform.errors import Conflict, Forbidden, InvalidRequest, NotFound
from layers.record import LonLat
from reports import intake
from reports.models import Photo as Kept
from reports.models import Report
from reports.record import Photo, Update, Updates
from tests.conftest import MONAS, NOON

HOUR = timedelta(hours=1)
STREET = 0x0F1E2D3C4B5A6978  # a picture with as many bits set as not
LATER = NOON + 5 * HOUR
CITIZEN, SUPERVISOR = "user:1", {"supervise"}


def picture(looks: int = STREET, **said) -> Photo:
    return Photo(
        b"jpeg", "image/jpeg", hashlib.sha256(repr((looks, said)).encode()).hexdigest(), looks, **said
    )


@pytest.fixture
def report(receive_one) -> Callable[..., int]:
    """Receive a report and open its case; returns its id."""

    def make(id: str = "1", **parts) -> int:
        got = receive_one(external_id=id, **parts)
        workflow.collect(NOON)
        turns.begin()
        return got.id

    return make


def done(id: str, *photos: Photo, at=NOON + 2 * HOUR, channel: str = "qlue") -> None:
    """Let the office say on its channel that it is done, and show pictures of it."""
    step = Update(at=at, status="done", by="Lurah Gambir", note="Sudah diperbaiki", photos=photos)
    intake.receive([Updates(channel, id, (step,))], simulated=False)
    workflow.follow(at)


def doubts(report_id: int) -> dict[str, float]:
    proof.judge(LATER)
    return {one.kind: one.amount for one in proof.flagged([report_id])}


def test_a_photo_of_the_place_taken_after_the_report_is_not_doubted(report):
    id = report()
    done("1", picture(point=MONAS, taken_at=NOON + HOUR))
    assert doubts(id) == {}
    assert (Proof.objects.count(), Case.objects.get().state_id) == (1, "resolved")


@pytest.mark.parametrize(
    ("said", "kind", "amount"),
    [
        ({"point": LonLat(MONAS.lon, MONAS.lat + 0.001)}, "far_off", pytest.approx(110.6, abs=0.1)),
        ({"taken_at": NOON - HOUR}, "too_early", 3600),
    ],
)
def test_a_photo_taken_elsewhere_or_before_the_report_is_doubted(report, said, kind, amount):
    id = report()
    done("1", picture(**said))
    assert doubts(id) == {kind: amount}
    assert Case.objects.get().state_id == "resolved"


@pytest.mark.parametrize(
    "said", [{"point": LonLat(MONAS.lon, MONAS.lat + 0.0008)}, {"taken_at": NOON - HOUR / 20}]
)
def test_what_a_camera_may_be_wrong_by_is_allowed(report, said):
    id = report()
    done("1", picture(**said))
    assert doubts(id) == {}


@pytest.mark.parametrize(
    ("other", "is_found"), [(STREET, True), (STREET ^ 0b111111, True), (STREET ^ 0b1111111, False)]
)
def test_a_picture_that_an_office_showed_for_another_report_is_doubted(report, other, is_found):
    report()
    second = report("2")
    done("1", picture(other), at=NOON + HOUR)
    done("2", picture())
    found = doubts(second)
    assert found == ({"seen_before": (STREET ^ other).bit_count()} if is_found else {})


def test_of_two_that_show_the_same_picture_the_later_one_is_doubted(report):
    first, second = report(), report("2")
    done("2", picture())
    done("1", picture(STREET ^ 1), at=NOON + HOUR)
    assert doubts(first) == {}
    (found,) = proof.flagged([second])
    assert (found.earlier_report_id, found.earlier_at) == (first, NOON + HOUR)


def test_the_citizens_own_picture_of_the_problem_proves_nothing(report):
    id = report(photos=(picture(),))
    done("1", picture(STREET ^ 3))
    assert doubts(id) == {"seen_before": 2}


def test_a_picture_of_nothing_is_like_every_other_and_is_not_compared(report):
    id = report(photos=(picture(0),))
    done("1", picture(1))
    assert doubts(id) == {}


def test_a_picture_that_was_refused_is_doubted_when_it_is_shown_again(report):
    id = report()
    done("1", picture(taken_at=NOON - HOUR))
    assert doubts(id) == {"too_early": 3600}
    proof.refuse(id, "user:9", SUPERVISOR, "Foto diambil sebelum laporan", LATER)
    answer(id, LATER + HOUR)
    shown = Update(at=LATER + HOUR, status=None, by="Lurah Gambir", note="Ini", photos=(picture(),))
    intake.receive([Updates("qlue", "1", (shown,))], simulated=False)
    assert doubts(id) == {"seen_before": 0}


def answer(id: int, at) -> None:
    for state in ("answered", "resolved"):
        workflow.change_one(workflow.Step(id, state, "Sudah"), "user:5", {"answer"}, at)


def test_two_pictures_of_one_answer_are_not_one_another_s_past(report):
    id = report()
    step = Update(at=NOON + HOUR, status="in_progress", by="Lurah", note="Sedang", photos=(picture(),))
    intake.receive([Updates("qlue", "1", (step,))], simulated=False)
    done("1", picture(STREET ^ 1))
    assert doubts(id) == {}
    assert Proof.objects.count() == 2


def test_a_photo_is_judged_once_and_one_that_comes_late_as_well(report):
    id = report()
    done("1")
    assert proof.judge(LATER) == (0, 0)
    step = Update(
        at=NOON + 3 * HOUR, status=None, by="Lurah", note="Foto", photos=(picture(taken_at=NOON - HOUR),)
    )
    intake.receive([Updates("qlue", "1", (step,))], simulated=False)
    assert [proof.judge(LATER), proof.judge(LATER)] == [(1, 1), (0, 0)]
    assert len(proof.flagged([id])) == 1


def test_a_confirmed_resolution_is_not_flagged_until_another_photo_is_doubted(report):
    id = report()
    done("1", picture(taken_at=NOON - HOUR))
    proof.judge(NOON + 3 * HOUR)
    proof.confirm(id, "user:9", SUPERVISOR, "Jam kamera salah, saya periksa di tempat", NOON + 4 * HOUR)
    assert (proof.flagged([id]), Case.objects.get().state_id) == ([], "resolved")
    step = Update(
        at=LATER, status=None, by="Lurah", note="", photos=(picture(STREET ^ 255, taken_at=NOON - HOUR),)
    )
    intake.receive([Updates("qlue", "1", (step,))], simulated=False)
    assert doubts(id) == {"too_early": 3600}


def test_a_refused_resolution_goes_back_to_the_same_office_and_tells_the_citizen_why(report):
    id = report()
    done("1", picture(taken_at=NOON - HOUR))
    assert doubts(id)
    proof.refuse(id, "user:9", SUPERVISOR, "Foto diambil sebelum laporan", LATER)
    last = Change.objects.latest("id")
    assert (last.to_state_id, last.permission, last.text) == (
        "disputed",
        "supervise",
        "Foto diambil sebelum laporan",
    )
    assert [turn.office_id for turn in Turn.objects.order_by("number")] == ["kelurahan-31.71.01.1001"] * 2
    assert proof.flagged() == []
    assert not Verdict.objects.get().is_confirmed


@pytest.mark.parametrize(
    ("by", "permissions", "why", "error"),
    [
        ("user:9", {"triage", "answer"}, "ya", Forbidden),
        ("user:5", SUPERVISOR, "ya", Forbidden),
        ("user:9", SUPERVISOR, " ", InvalidRequest),
    ],
)
def test_who_resolved_a_case_cannot_say_that_it_is(report, by, permissions, why, error):
    id = report()
    workflow.change_one(workflow.Step(id, "selected"), "user:2", {"triage"}, NOON)
    step = Update(
        at=NOON, status="in_progress", by="Lurah", note="Sedang", photos=(picture(taken_at=NOON - HOUR),)
    )
    intake.receive([Updates("qlue", "1", (step,))], simulated=False)
    workflow.follow(NOON)
    workflow.change_one(workflow.Step(id, "resolved", "Sudah"), "user:5", {"answer"}, NOON + HOUR)
    Kept.objects.update(shown_at=NOON + HOUR)
    assert doubts(id) == {"too_early": 3600}
    with pytest.raises(error):
        proof.confirm(id, by, permissions, why, LATER)
    assert Verdict.objects.count() == 0


def test_the_database_refuses_a_verdict_of_the_one_who_resolved_it_and_one_on_nothing(report):
    id = report()
    done("1", picture())
    change = Change.objects.get(to_state="resolved")
    said = {"change": change, "is_confirmed": True, "at": LATER, "why": "ya"}
    with pytest.raises(IntegrityError, match="nothing is doubted"), transaction.atomic():
        Verdict.objects.create(by="user:9", **said)
    Doubt.objects.create(proof=proof_of(id), kind_id="far_off", amount=200, most=100)
    with pytest.raises(IntegrityError, match="resolved it"), transaction.atomic():
        Verdict.objects.create(by="feed:qlue", **said)


def proof_of(id: int) -> Proof:
    proof.judge(LATER)
    return Proof.objects.get(change__case_id=id)


def test_where_nothing_is_doubted_there_is_nothing_to_say(report):
    id = report()
    with pytest.raises(Conflict, match="nothing is doubted"):
        proof.confirm(id, "user:9", SUPERVISOR, "ya", LATER)
    with pytest.raises(NotFound):
        proof.confirm(id + 1, "user:9", SUPERVISOR, "ya", LATER)


def test_what_was_judged_is_history(report):
    id = report()
    done("1", picture(taken_at=NOON - HOUR))
    doubts(id)
    for table in (Proof, Doubt):
        with pytest.raises(IntegrityError, match="history"), transaction.atomic():
            table.objects.all()._raw_delete(using="default")


def test_the_amounts_are_an_operators_and_no_greater_than_the_pieces_find(report):
    DoubtKind.objects.filter(code="far_off").update(most=500)
    proof.load()
    id = report()
    done("1", picture(point=LonLat(MONAS.lon, MONAS.lat + 0.001)))
    assert doubts(id) == {}
    with pytest.raises(IntegrityError, match="doubt_kind_is_found_by_pieces"), transaction.atomic():
        DoubtKind.objects.filter(code="seen_before").update(most=7)


def test_pictures_of_answers_are_no_clues_to_duplicates(report):
    from casework.duplicates import candidates

    report("1", photos=(picture(),))
    report("2", point=LonLat(106.7, -6.2), category="flood", submitted_at=NOON + HOUR)
    done("2", picture())
    found = candidates.untold(0, NOON - HOUR, 10)[0]
    assert [list(one.looks) for one in found] == [[STREET], []]
    assert not clues.is_plain(STREET)


def test_who_has_a_reports_token_disputes_its_answer_and_the_same_office_has_it_again(report):
    id = report()
    done("1", picture())
    disputes.by_token(links.token(id, NOON), "Masih berlubang", LATER)
    last = Change.objects.latest("id")
    assert (last.to_state_id, last.by, last.text) == ("disputed", f"citizen:{id}", "Masih berlubang")
    first, second = Turn.objects.order_by("number")
    assert (second.office_id, second.began_at) == (first.office_id, LATER)
    assert (first.ended_by, second.answered_at) == ("resolved", None)
    shown = outcomes.board(period("2026-05"), LATER + HOUR, office=first.office_id)
    assert shown.totals["disputed"] == 1


def test_the_photo_of_an_answer_that_was_disputed_is_doubted_where_it_is_shown_again(report):
    id = report()
    step = Update(NOON + HOUR, "in_progress", "Lurah Gambir", "Sudah ditambal", photos=(picture(),))
    intake.receive([Updates("qlue", "1", (step,))], simulated=False)
    workflow.follow(NOON + HOUR)
    disputes.dispute(id, "Masih berlubang", f"citizen:{id}", NOON + 2 * HOUR)
    done("1", picture(), at=NOON + 3 * HOUR)
    assert doubts(id).keys() == {"seen_before"}


@pytest.mark.parametrize("change", [lambda text: text + "x", lambda text: "9" + text, lambda text: "1"])
def test_a_token_that_we_did_not_sign_disputes_nothing(report, change):
    id = report()
    done("1", picture())
    with pytest.raises(Forbidden, match="none of ours"):
        disputes.by_token(change(links.token(id, NOON)), "Masih", LATER)
    assert Case.objects.get().state_id == "resolved"


@pytest.mark.parametrize("words", ["", "  ", "x" * 2001])
def test_a_dispute_has_words(report, words):
    id = report()
    done("1")
    with pytest.raises(InvalidRequest, match="words"):
        disputes.dispute(id, words, "citizen:1", LATER)


def test_what_nobody_answered_is_not_disputed(report):
    with pytest.raises(Conflict, match="no step leads"):
        disputes.dispute(report(), "Masih", "citizen:1", LATER)
    assert Report.objects.count() == 1


def test_whoever_answered_is_told_once_that_it_was_disputed_and_nothing_of_the_citizen(report):
    id = report(author="Budi Santoso")
    done("1", picture())
    Contact.objects.create(
        office_id="kelurahan-31.71.01.1001", channel="email", address="lurah@contoh.example"
    )
    disputes.by_token(links.token(id, NOON), "Masih berlubang, telepon saya 08123456789", LATER)
    notice = Notice.objects.get()
    assert (notice.address, notice.subject, notice.next_at) == (
        "lurah@contoh.example", f"Jawaban dibantah: laporan {id}", LATER,
    )  # fmt: skip
    assert "Yth. Lurah Gambir" in notice.text
    assert f"Laporan {id}: " in notice.text
    assert "Batas jawaban 15 Mei 2026 17.00 WIB" in notice.text
    assert not any(secret in notice.text for secret in ("Budi", "berlubang", "0812"))


def test_a_notice_of_a_dispute_leaves_evidence_as_one_of_the_ladder_does(report, settings):
    settings.PUBLIC_URL = "https://peta.example"
    id = report()
    done("1", picture())
    Contact.objects.create(
        office_id="kelurahan-31.71.01.1001", channel="email", address="lurah@contoh.example"
    )
    disputes.dispute(id, "Masih berlubang", "citizen:1", LATER)
    notice = Notice.objects.get()
    assert (notice.turns.get(), notice.escalations.count()) == (Turn.objects.latest("number"), 0)
    notices.settle(notice, LATER + HOUR)
    # The link bears the second at which it was signed.
    (token,) = re.findall(r"https://peta\.example/notices/(\S+)", notice.text)
    for _ in range(2):
        receipts.see(token, LATER + 2 * HOUR)
    found = Evidence.objects.order_by("id").values_list("notice", "escalation", "kind", "at")
    assert list(found) == [
        (notice.pk, None, "sent", LATER + HOUR), (notice.pk, None, "seen", LATER + 2 * HOUR),
    ]  # fmt: skip


def test_an_office_without_an_address_is_told_nothing(report):
    id = report()
    done("1", picture(taken_at=NOON - HOUR))
    proof.judge(LATER)
    proof.refuse(id, "user:9", SUPERVISOR, "Foto lama", LATER)
    assert Notice.objects.count() == 0


def test_after_a_dispute_the_office_answers_on_its_channel_anew_and_not_by_what_it_said_before(report):
    id = report()
    done("1", picture())
    disputes.by_token(links.token(id, NOON), "Masih berlubang", LATER)
    assert (workflow.follow(LATER), Case.objects.get().state_id) == (0, "disputed")
    done("1", picture(), at=LATER + HOUR)
    assert Case.objects.get().state_id == "resolved"
    second = Turn.objects.latest("number")
    assert (second.answered_at, second.ended_by) == (LATER + HOUR, "resolved")
    assert doubts(id) == {"seen_before": 0}


def test_what_a_dispute_keeps_of_its_words_is_what_the_public_may_read(report):
    id = report(author="Budi Santoso")
    done("1", picture())
    disputes.by_token(links.token(id, NOON), "Masih berlubang. Budi Santoso, 0812-3456-7890", LATER)
    assert Change.objects.latest("id").text == "Masih berlubang. [nama], [nomor]"
