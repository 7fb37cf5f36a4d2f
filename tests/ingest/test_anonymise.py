"""After the term nothing in any table, nor among the pictures, tells who a citizen was; all counts stand."""

import hashlib
import io
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from access.audit import Origin
from access.models import Entry
from casework import anonymise, clusters, duplicates, workflow
from casework.models import Alternative, Anonymised, Case, Change, Follower, Merge
from casework.workflow import Step
from ingest import kept, retention
from ingest.adapter import Feed
from ingest.models import Payload, Rejection
from reports import intake, outbox, photos
from reports.models import Contact, Outgoing, Report, SourceUpdate, Suggestion
from reports.models import Photo as PhotoRow
from reports.record import LonLat, Photo, Submission, Update, Updates
from tests.conftest import NOON

AUTHOR, PHONE, MAIL = "Ratnaningsih Wirokusumo", "0812-3456-7890", "wirokusumo77@contoh.example"
HINT = "rumah pojok gang Mawar nomor tujuhbelas"
SECRETS = ("wirokusumo", "3456-7890", "gang mawar", "akun_rahasia", hashlib.sha256(b"author").hexdigest())
WORKER = Origin("worker")
DAY = timedelta(days=1)
FEED = Feed("qlue", "Qlue", "x", "http://127.0.0.1", 300)
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
            workflow.choose(made.id, "user:1", words, NOON)
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
    duplicates.find(NOON - DAY, None)
    told = Outgoing.objects.create(
        channel="qlue", external_id="1", kind="answer", digest=b"1", body={"text": AUTHOR}, created_at=NOON,
        next_at=NOON,
    )  # fmt: skip
    outbox.settle(told, "1", NOON)
    workflow.collect(NOON)
    close(report.id)
    return report


def everything() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall() if name != "spatial_ref_sys"]
        found = []
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(row::text, chr(10)), '') FROM \"{table}\" AS row")
            found.append(f"{table}: {cursor.fetchone()[0]}")
    return "\n".join(found).lower()


def counts() -> dict[str, int]:
    lost = (Suggestion, Contact, Anonymised, Entry)
    return {
        model.__name__: model.objects.count()
        for model in (Report, SourceUpdate, Case, Change, Alternative, Outgoing, PhotoRow, Payload, Rejection)
        if model not in lost
    }


def test_before_the_term_nothing_is_due_and_all_stands(closed):
    assert retention.anonymise(NOON + 364 * DAY, WORKER) == 0
    found = everything()
    assert [secret for secret in SECRETS[:4] if secret not in found] == []
    assert photos.path(picture().digest).read_bytes() == JPEG


def test_after_the_term_no_table_holds_a_secret_and_every_count_stands(closed, settings):
    before, author_hash = counts(), closed.author_hash
    assert author_hash
    assert retention.anonymise(NOON + 366 * DAY, WORKER) == 1
    found = everything()
    assert [secret for secret in (*SECRETS, author_hash) if secret in found] == []
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
    merged = clusters.merge([second.id], first.id, "user:1", {clusters.TRIAGE}, f"{AUTHOR} {PHONE}", NOON)
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
    assert "3456-7890" in everything()
    assert retention.anonymise(after, WORKER) == 1
    assert [secret for secret in SECRETS if secret in everything()] == []


def test_an_open_case_keeps_what_it_needs(closed):
    intake.receive([submission("2", photos=(picture(),))], simulated=False)
    workflow.collect(NOON)
    assert retention.anonymise(NOON + 366 * DAY, WORKER) == 1
    other = Report.objects.get(external_id="2")
    assert (AUTHOR in other.description, bool(other.author_hash)) == (True, True)
    # The picture is the other one's, too.
    assert photos.path(picture().digest).exists()


def test_a_report_that_its_author_withdrew_is_due_after_the_term_too(city):
    intake.receive([submission("3")], simulated=False)
    Report.objects.update(status="withdrawn")
    assert retention.anonymise(NOON + 364 * DAY, WORKER) == 0
    assert retention.anonymise(NOON + 366 * DAY, WORKER) == 1


def test_the_term_is_a_setting_and_shorter_than_that_of_payloads_counts_for_them(closed, settings):
    settings.ANONYMISE_DAYS = 10
    assert retention.anonymise(NOON + 9 * DAY, WORKER) == 0
    assert Payload.objects.get().body
    assert retention.anonymise(NOON + 11 * DAY, WORKER) == 1
    assert Payload.objects.get().body == ""


def test_an_answer_that_waits_is_sent_before_it_is_forgotten(closed):
    Outgoing.objects.update(sent_at=None)
    retention.anonymise(NOON + 366 * DAY, WORKER)
    assert Outgoing.objects.get().body == {"text": AUTHOR}


def test_a_dry_run_counts_and_changes_nothing(closed):
    for options, line in (
        ({"dry_run": True}, "1 reports closed more than 365 days ago (dry run: nothing was changed)\n"),
        ({}, "1 reports closed more than 365 days ago\n"),
        ({}, "0 reports closed more than 365 days ago\n"),
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
