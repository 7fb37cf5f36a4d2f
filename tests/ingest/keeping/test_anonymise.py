"""After the term nothing in any table, nor among the pictures, tells who a citizen was; all counts stand."""

import hashlib
import io
from base64 import b64encode
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.contrib.gis.geos import Point
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from access.audit import Origin
from access.models import Entry
from casework.citizens import anonymise, links
from casework.duplicates import candidates, merging
from casework.models import (
    Alternative,
    Anonymised,
    Case,
    Change,
    Follower,
    Merge,
    Notice,
    Turn,
    Unmerge,
    Verdict,
)
from casework.routing import turns
from casework.steps import disputes, workflow
from casework.steps.workflow import Step
from geoplatform.errors import Forbidden
from ingest.adapter import Feed
from ingest.keeping import kept, retention
from ingest.models import AnswerPicture, Payload, Rejection
from reports import intake, outbox, photos
from reports.models import Contact, Outgoing, Placement, Report, SourceUpdate, Suggestion
from reports.models import Photo as PhotoRow
from reports.record import LonLat, Photo, Submission, Update, Updates
from tests.conftest import NOON, triggers_at_rest

AUTHOR, PHONE, MAIL = "Ratnaningsih Wirokusumo", "0812-3456-7890", "wirokusumo77@contoh.example"
HINT = "rumah pojok gang Mawar nomor tujuhbelas"
SECRETS = ("wirokusumo", "3456-7890", "gang mawar", "akun_rahasia", hashlib.sha256(b"author").hexdigest())
WORKER = Origin("worker")
DAY = timedelta(days=1)
FEED = Feed("qlue", "Qlue", "x", "http://127.0.0.1", 300)
EMAIL = Feed("email", "E-mail", "x", "imap://127.0.0.1", 300)
# Where the citizen of ``closed`` stands before the term: all that is below must be gone behind it.
PLANTED = {
    "casework_alternative.evidence",
    "casework_alternative.what",
    "casework_change.text",
    "casework_choice.why",
    "casework_notice.error",
    "casework_notice.text",
    "casework_follower.external_id",
    "casework_merge.words",
    "casework_unmerge.words",
    "casework_verdict.why",
    "ingest_answerpicture.error",
    "ingest_payload.body",
    "ingest_rejection.reason",
    "reports_outgoing.body",
    "reports_outgoing.error",
    "reports_outgoing.external_id",
    "reports_report.description",
    "reports_report.hint",
    "reports_report.image_url",
    "reports_sourceupdate.by",
    "reports_sourceupdate.image_url",
    "reports_sourceupdate.note",
    "reports_suggestion.words",
}
# Where a citizen may stand for ever, and why.
KEPT = {
    "reports_report.external_id": "an e-mail is known by its Message-ID: without it, it would be new",
    "reports_sourceupdate.external_id": "so is its thread",
    "reports_outgoing.external_id": "so is what was answered to it",
    "reports_photo.external_id": "so is what it showed",
}
LEFT = "Lalu lintas lancar"  # names nobody
JPEG = b"the bytes of a picture"


def submission(id: str, author: str = AUTHOR, **parts: object) -> Submission:
    said = {
        "channel": "qlue",
        "external_id": id,
        "category": "public_order",
        "description": f"Jalan rusak. Hubungi {AUTHOR} {PHONE} atau {MAIL}",
        "submitted_at": NOON,
        "updated_at": NOON,
        "point": LonLat(106.8272431, -6.1754912),
        "author": author,
        "hint": HINT,
        "image_url": "https://img.example/akun_rahasia/1.jpg",
    }
    return Submission(**(said | parts))  # type: ignore[arg-type]


def picture(body: bytes = JPEG) -> Photo:
    return Photo(body, "image/jpeg", hashlib.sha256(body).hexdigest(), 7)


def close(id: int) -> None:
    """Close a case, with staff naming the citizen wherever they can write."""
    words = f"Yth. {AUTHOR}, {PHONE}: sudah kami tangani"
    permissions = {"triage", "decide", "answer"}
    for state in ("selected", "proposed", "decided", "assigned", "answered", "resolved"):
        if state == "decided":
            made = Alternative.objects.create(
                case_id=id,
                what=words,
                evidence=words,
                consequences="Lalu lintas lancar",
                by="user:1",
                at=NOON,
            )
            # No rule sees that this is a name: it is known by whose report it is.
            workflow.choose(made.id, "user:1", f"sudah disampaikan kepada {AUTHOR.lower()}", NOON)
        workflow.change_one(Step(id, state, words), "user:1", permissions, NOON)


@pytest.fixture
def closed(city, settings) -> Report:
    """A report with personal data wherever it can be, whose case was closed at NOON."""
    settings.CONTACT_KEYS = Fernet.generate_key().decode()
    sent = {"id": 1, "text": AUTHOR, "phone": PHONE}
    kept.keep(FEED, kept.digested([sent]), NOON)
    payload = Payload.objects.get()
    Rejection.objects.create(payload=payload, reason=f"unknown category {AUTHOR!r}", rejected_at=NOON)
    step = Update(
        NOON, "in_progress", AUTHOR, f"telepon saya {PHONE}", "https://img.example/akun_rahasia", ""
    )
    trace = Updates("qlue", "1", (step,))
    intake.receive([submission("1", photos=(picture(),)), trace], simulated=False)
    report = Report.objects.get()
    Suggestion.objects.create(
        report=report, edition=city, rank=1, level="kelurahan", code="31.71.01.1001", score=0.5,
        words=[HINT], spans=[],
    )  # fmt: skip
    candidates.find(NOON - DAY, None)
    told = Outgoing.objects.create(
        channel="qlue", external_id="1", kind="answer", digest=b"1", body={"text": AUTHOR}, created_at=NOON,
        next_at=NOON,
    )  # fmt: skip
    outbox.settle(told, "1", NOON)
    Outgoing.objects.update(error=f"550 {MAIL}: no such user")
    workflow.collect(NOON)
    close(report.id)
    surround(report)
    return report


def surround(report: Report) -> None:
    """Let the citizen stand in what belongs to a report besides: notices, followers, merges, faults."""
    step = SourceUpdate.objects.get()
    AnswerPicture.objects.create(step=step, next_at=NOON, ended_at=NOON, error=f"{step.image_url}: no answer")
    Follower.objects.create(report=report, channel="jaki", external_id="akun_rahasia", since=NOON)
    shared = {"created_at": NOON, "next_at": NOON, "sent_at": NOON}
    Outgoing.objects.create(
        channel="jaki",
        external_id="akun_rahasia",
        kind="answer",
        digest=b"2",
        body={"text": AUTHOR},
        **shared,
    )
    Notice.objects.create(
        channel=Notice.REPLY, address=str(report.id), subject="x", text=f"Yth. {AUTHOR}", error=MAIL, **shared
    )
    with triggers_at_rest():
        merged = Merge.objects.create(into_id=report.id, by="user:1", at=NOON, words=f"Milik {AUTHOR}")
        Unmerge.objects.create(merge=merged, by="user:1", at=NOON, words=f"Milik {AUTHOR} {PHONE}")
        Verdict.objects.create(
            change=Change.objects.filter(to_state="resolved").get(),
            is_confirmed=True,
            by="user:2",
            at=NOON,
            why=f"Kata {AUTHOR}",
        )


def held(*secrets: str) -> set[str]:
    """Return each column, of any table of any schema, in which one of some words stands.

    Numbers and times hold no words; bytes are read as text.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT format('%I.%I', table_schema, table_name),
                array_agg(column_name::text ORDER BY column_name),
                array_agg(
                    CASE data_type WHEN 'bytea' THEN format('encode(%I, ''escape'')', column_name)
                    ELSE format('%I::text', column_name) END ORDER BY column_name
                )
            FROM information_schema.columns
            JOIN information_schema.tables USING (table_schema, table_name)
            WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
              AND data_type NOT IN ('bigint', 'integer', 'smallint', 'boolean', 'double precision', 'date',
                                    'timestamp with time zone', 'interval', 'uuid')
            GROUP BY table_schema, table_name
            """
        )
        found = set()
        for table, columns, texts in cursor.fetchall():
            looked = ", ".join(f"coalesce(bool_or({text} ILIKE ANY (%(words)s)), false)" for text in texts)
            cursor.execute(f"SELECT {looked} FROM {table}", {"words": [f"%{one}%" for one in secrets]})
            name = table.removeprefix("public.")
            found |= {
                f"{name}.{one}" for one, is_there in zip(columns, cursor.fetchone(), strict=True) if is_there
            }
    return found


def counts() -> dict[str, int]:
    lost = (Suggestion, Contact, Anonymised, Entry, Follower, Notice)
    return {
        model.__name__: model.objects.count()
        for model in (Report, SourceUpdate, Case, Change, Alternative, PhotoRow, Payload, Rejection)
        if model not in lost
    }


def test_before_the_term_nothing_is_due_and_all_stands(closed):
    assert retention.anonymise(NOON + 364 * DAY, WORKER) == 0
    assert held(*SECRETS) == PLANTED
    assert photos.path(picture().digest).read_bytes() == JPEG


def test_after_the_term_no_table_holds_a_secret_and_every_count_stands(closed, settings):
    before, author_hash = counts(), closed.author_hash
    assert author_hash
    assert retention.anonymise(NOON + 366 * DAY, WORKER) == 1
    assert held(*SECRETS, author_hash) == set()
    assert not photos.path(picture().digest).exists()
    assert counts() == before
    report = Report.objects.get()
    assert report.description == report.public_text != ""
    assert (report.kelurahan_code, report.office_id) == (closed.kelurahan_code, closed.office_id)
    assert report.point == report.public_point
    assert Case.objects.get().state_id == "resolved"
    assert set(Change.objects.values_list("text", flat=True)) == {anonymise.STRUCK}
    assert Alternative.objects.get().consequences == LEFT
    entry = Entry.objects.get(action="personal.anonymise")
    assert (entry.by, entry.details) == ("worker", {"reports": 1})


def test_words_of_merges_are_struck_out_and_who_followed_is_forgotten(city):
    for id in ("1", "2"):
        intake.receive([submission(id)], simulated=False)
    workflow.collect(NOON)
    first, second = Report.objects.order_by("id")
    merged = merging.merge([second.id], first.id, "user:1", {merging.TRIAGE}, f"{AUTHOR} {PHONE}", NOON)
    Follower.objects.create(report=second, channel="qlue", external_id="akun_rahasia", since=NOON)
    assert retention.anonymise(NOON + 366 * DAY, WORKER) == 1
    merged.refresh_from_db()
    assert merged.words == anonymise.STRUCK
    assert not Follower.objects.exists()
    with pytest.raises(DatabaseError, match="is history"), transaction.atomic():
        Merge.objects.update(words="x")


def test_a_report_is_anonymised_once_and_again_when_its_channel_sends_it_anew(closed):
    after = NOON + 366 * DAY
    assert [retention.anonymise(after, WORKER), retention.anonymise(after, WORKER)] == [1, 0]
    intake.receive([submission("1", updated_at=NOON + DAY, description=f"Masih! {PHONE}")], simulated=False)
    assert held("3456-7890")
    assert retention.anonymise(after, WORKER) == 1
    assert held(*SECRETS) == set()


def test_an_open_case_keeps_what_it_needs(closed):
    intake.receive([submission("2", photos=(picture(),))], simulated=False)
    workflow.collect(NOON)
    assert retention.anonymise(NOON + 366 * DAY, WORKER) == 1
    other = Report.objects.get(external_id="2")
    assert (AUTHOR in other.description, bool(other.author_hash)) == (True, True)
    # The picture is the other one's, too.
    assert photos.path(picture().digest).exists()


def test_a_case_that_nobody_closed_is_forgotten_once_nothing_happened_for_long(city):
    intake.receive([submission("4")], simulated=False)
    workflow.collect(NOON)
    workflow.change_one(Step(Report.objects.get().pk, "selected"), "user:1", {"triage"}, NOON + 9 * DAY)
    assert retention.anonymise(NOON + 738 * DAY, WORKER) == 0
    assert [retention.anonymise(NOON + 740 * DAY, WORKER) for _ in range(2)] == [1, 0]
    assert held(*SECRETS) == set()


def test_where_somebody_put_the_pin_of_a_sensitive_report_loses_digits_with_its_own(city):
    intake.receive([submission("5")], simulated=False)
    workflow.collect(NOON)
    report = Report.objects.get()
    intake.move(report.pk, LonLat(106.8281234, -6.1764321), "user:1", NOON)
    workflow.change_one(Step(report.pk, "no_problem", "Tidak ada"), "user:1", {"triage"}, NOON)
    assert retention.anonymise(NOON + 366 * DAY, WORKER) == 1
    said = Placement.objects.get()
    assert said.from_point.coords == pytest.approx((106.827, -6.175))
    assert said.point.coords == pytest.approx((106.828, -6.176)) == Report.objects.get().point.coords
    with pytest.raises(DatabaseError, match="is history"), transaction.atomic():
        Placement.objects.update(point=Point(106.9, -6.2, srid=4326))


@pytest.mark.parametrize("is_sensitive", [True, False], ids=["sensitive", "another"])
def test_how_far_a_sensitive_report_was_from_a_border_is_forgotten_with_its_point(city, is_sensitive):
    intake.receive([submission("5")], simulated=False)
    if not is_sensitive:
        Report.objects.update(category="flood")
    workflow.collect(NOON)
    turns.begin()
    report, turn = Report.objects.get(), Turn.objects.get()
    assert turn.explanation["border_m"] == round(report.border_m, 1)
    workflow.change_one(Step(report.pk, "no_problem", "Tidak ada"), "user:1", {"triage"}, NOON)
    assert retention.anonymise(NOON + 366 * DAY, WORKER) == 1
    kept = turn.explanation | ({"border_m": None} if is_sensitive else {})
    assert Turn.objects.get().explanation == kept
    assert (Report.objects.get().border_m is None) == is_sensitive
    assert Report.objects.get().kelurahan_code == report.kelurahan_code
    for other in ({"border_m": 7}, {"polygon": None}, {"border_m": None, "polygon": None}):
        with pytest.raises(DatabaseError, match="stays as it was decided"), transaction.atomic():
            Turn.objects.update(explanation=turn.explanation | other)


@pytest.mark.parametrize("is_sensitive", [True, False], ids=["sensitive", "another"])
def test_what_was_anonymised_before_distances_were_forgotten_is_due_again_once(city, is_sensitive):
    intake.receive([submission("5")], simulated=False)
    if not is_sensitive:
        Report.objects.update(category="flood")
    workflow.collect(NOON)
    turns.begin()
    before = Turn.objects.get().explanation
    workflow.change_one(Step(Report.objects.get().pk, "no_problem", "Tidak ada"), "user:1", {"triage"}, NOON)
    retention.anonymise(NOON + 366 * DAY, WORKER)
    with triggers_at_rest():
        Turn.objects.update(explanation=before)
    assert [retention.anonymise(NOON + 367 * DAY, WORKER) for _ in range(2)] == [is_sensitive, 0]
    assert (Turn.objects.get().explanation["border_m"] is None) == is_sensitive


def test_who_is_forgotten_leaves_no_word_of_a_dispute(closed):
    workflow.follow(NOON)
    id = closed.pk
    disputes.dispute(id, "Lubang di depan rumah saya masih ada", f"citizen:{id}", NOON + DAY)
    anonymise.forget(id, NOON + 2 * DAY)
    assert held("rumah saya") == set()
    assert Change.objects.get(to_state="disputed").text == anonymise.STRUCK


def test_a_report_that_its_author_withdrew_is_due_after_the_term_too(city):
    intake.receive([submission("3")], simulated=False)
    said = Update(NOON, None, "", "Rumah saya di ujung gang Mawar", author=AUTHOR)
    intake.receive([Updates("qlue", "3", (said,))], simulated=False)
    Report.objects.update(status="withdrawn")
    assert retention.anonymise(NOON + 364 * DAY, WORKER) == 0
    assert [retention.anonymise(NOON + 366 * DAY, WORKER) for _ in range(2)] == [1, 0]
    assert held("jalan rusak.", "gang mawar") == set()


def test_of_an_e_mail_its_id_alone_may_tell_who_wrote_it(city, settings):
    settings.CONTACT_KEYS = Fernet.generate_key().decode()
    id = f"1.{MAIL}"
    sent = {"channel": "email", "author": f"{AUTHOR} <{MAIL}>", "hint": "", "image_url": ""}
    step = Update(NOON, "in_progress", "", "Kami cek")
    intake.receive(
        [submission(id, photos=(picture(),), **sent), Updates("email", id, (step,))], simulated=False
    )
    outbox.settle(outbox.put(Report.objects.get(), "answer", by="Lurah", at=NOON, text="Sudah"), "1", NOON)
    workflow.collect(NOON)
    id = Report.objects.get().pk
    workflow.change_one(Step(id, "no_problem", f"Kata {AUTHOR}"), "user:1", {"triage"}, NOON)
    assert retention.anonymise(NOON + 366 * DAY, WORKER) == 1
    assert held(*SECRETS) == KEPT.keys()
    assert Change.objects.get().text == anonymise.STRUCK


def test_who_asks_is_forgotten_at_once_though_the_case_is_open(city, settings, capsys):
    settings.CONTACT_KEYS = Fernet.generate_key().decode()
    letter = f"Message-ID: <1@contoh.example>\r\n\r\nHubungi {AUTHOR}"
    for sent in ({"raw": b64encode(letter.encode()).decode()}, {"raw": b64encode(b"Halo").decode()}):
        kept.keep(EMAIL, kept.digested([sent]), NOON)
    mine = {"channel": "email", "author": f"{AUTHOR} <{MAIL}>"}
    said = Update(NOON, None, "", "Masih di gang Mawar", author=AUTHOR)
    intake.receive(
        [submission("1@contoh.example", **mine), Updates("email", "1@contoh.example", (said,))],
        simulated=False,
    )
    outbox.put(Report.objects.get(), "answer", by="Lurah", at=NOON, text=f"Yth. {AUTHOR}")
    workflow.collect(NOON)
    token = links.token(Report.objects.get().pk, NOON)
    call_command("forget", "email", "1@contoh.example")
    number = Report.objects.get().pk
    assert capsys.readouterr().out == f"report {number}: its citizen is forgotten, 1 payloads emptied\n"
    assert held(*SECRETS, "jalan rusak.", b64encode(letter.encode()).decode()) == set()
    assert (Case.objects.get().state_id, Payload.objects.filter(body="").count()) == ("collected", 1)
    assert Entry.objects.get(action="personal.forget").subject == f"report:{number}"
    with pytest.raises(Forbidden):
        links.report_of(token, NOON)
    with pytest.raises(CommandError, match="no report '4711' of email"):
        call_command("forget", "email", "4711")


def test_a_contact_that_no_key_opens_stops_nothing(closed, settings):
    settings.CONTACT_KEYS = Fernet.generate_key().decode()
    assert retention.anonymise(NOON + 366 * DAY, WORKER) == 1
    assert held(*SECRETS) == set()


def test_the_term_is_a_setting_and_shorter_than_that_of_payloads_counts_for_them(closed, settings):
    settings.ANONYMISE_DAYS = 10
    assert retention.anonymise(NOON + 9 * DAY, WORKER) == 0
    assert Payload.objects.get().body
    assert retention.anonymise(NOON + 11 * DAY, WORKER) == 1
    assert Payload.objects.get().body == ""


def test_an_answer_that_waits_is_sent_before_it_is_forgotten(closed):
    Outgoing.objects.update(sent_at=None)
    retention.anonymise(NOON + 366 * DAY, WORKER)
    assert [one.body for one in Outgoing.objects.all()] == [{"text": AUTHOR}] * 2


def test_a_dry_run_counts_and_changes_nothing(closed):
    for options, line in (
        (
            {"dry_run": True},
            "1 reports closed more than 365 days ago, or untouched for 730 (dry run: nothing was changed)\n",
        ),
        ({}, "1 reports closed more than 365 days ago, or untouched for 730\n"),
        ({}, "0 reports closed more than 365 days ago, or untouched for 730\n"),
    ):
        out = io.StringIO()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE casework_case DISABLE TRIGGER by_changes")
            cursor.execute("UPDATE casework_case SET since = now() - interval '366 days'")
            cursor.execute("ALTER TABLE casework_case ENABLE TRIGGER by_changes")
        call_command("anonymise", stdout=out, **options)
        assert out.getvalue() == line


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE casework_change SET text = 'x'",
        "UPDATE casework_change SET text = '[dianonimkan]', by = 'x'",
        "UPDATE casework_change SET by = '[dianonimkan]'",
        "UPDATE casework_choice SET why = ''",
        "UPDATE casework_alternative SET cost_idr = 1",
        "DELETE FROM casework_change",
        "UPDATE reports_sourceupdate SET note = 'x'",
        "UPDATE reports_sourceupdate SET note = 'x', public_note = 'x'",
        "UPDATE reports_sourceupdate SET note = public_note, status = 'done'",
        "DELETE FROM reports_sourceupdate",
    ],
)
def test_history_is_refused_every_other_change(closed, statement):
    with pytest.raises(DatabaseError, match="is history"), transaction.atomic():
        connection.cursor().execute(statement)
