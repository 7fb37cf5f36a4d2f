"""The link below an answer: what its page says, in both languages, and what its buttons do."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from access.models import Entry
from api.casework import tries
from api.words import FOLDER, LANGUAGES, words
from casework.citizens import links
from casework.duplicates import clusters
from casework.models import Anonymised, Change
from casework.steps.workflow import Step, change_one
from reports import intake
from reports.models import Outgoing, Report
from reports.record import WITHDRAWN, Update, Updates
from tests.api.casework.conftest import HERE, state
from tests.conftest import NOON


@pytest.fixture
def answered(case, login, post, answering) -> int:
    """Let an office answer a case; returns its id."""
    id = case(author="Budi Santoso", description="Lubang di depan pasar, hubungi 0812-3456-7890")
    answer = post(
        login("official", HERE), f"/api/staff/cases/{id}/steps", to="answered", text="Sudah kami tambal"
    )
    assert answer.status_code == 200, answer.content
    return id


def token(id: int) -> str:
    return links.token(id, timezone.now())


def page(id: int, language: str = "id") -> str:
    answer = Client().get(f"/answers/{token(id)}?lang={language}")
    assert answer.status_code == 200
    return answer.content.decode()


def act(id: int, act: str, **said: str):
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/answers/{token(id)}", {"act": act, **said})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_was_reported_and_what_was_answered_and_by_whom(answered, language):
    said = page(answered, language)
    for text in ("Lubang di depan pasar", "Sudah kami tambal", "Lurah Gambir", "Gambir", f"{answered}"):
        assert text in said
    assert words("answers", language)["dispute"] in said and f'<html lang="{language}">' in said
    assert not any(secret in said for secret in ("0812", "Budi", "<script"))


def test_what_an_office_said_on_its_channel_is_on_the_page(case):
    id = case()
    step = Update(NOON, "done", "Sudin Bina Marga", "Lubang sudah ditutup")
    intake.receive([Updates("qlue", Report.objects.get(pk=id).external_id, (step,))], simulated=False)
    change_one(Step(id, "resolved"), "feed:qlue", {"follow"}, NOON)
    said = page(id)
    assert "Sudin Bina Marga" in said and "Lubang sudah ditutup" in said
    assert words("answers", "id")["dispute"] in said


def test_the_button_opens_the_case_anew_and_a_second_visit_says_so(answered):
    answer = act(answered, "dispute", text="Masih berlubang, telepon 0812-3456-7890")
    assert (answer.status_code, state(answered)) == (200, "disputed")
    assert words("answers", "id")["thanks"] in answer.content.decode() and not answer.cookies
    assert Change.objects.latest("id").text == "Masih berlubang, telepon [nomor]"
    told = Entry.objects.get(action="case.dispute")
    # The audit is never erased: it says nothing of where a citizen sat.
    assert (told.by, told.address, told.agent) == (f"citizen:{answered}", "", "")
    steps = Client().get(f"/api/reports/{answered}/story").json()["steps"]
    assert [(step["by"]["kind"], step["text"]) for step in steps[-1:]] == [("citizen", "")]
    again = page(answered)
    assert words("answers", "id")["disputed"] in again and "<textarea" not in again
    assert act(answered, "dispute", text="Masih").status_code == 409
    assert Change.objects.filter(to_state="disputed").count() == 1


def test_a_report_that_was_withdrawn_shows_its_words_to_nobody(answered):
    Report.objects.filter(pk=answered).update(status=WITHDRAWN)
    assert Client().get(f"/answers/{token(answered)}").status_code == 404


def test_to_hear_no_more_is_in_the_audit_and_so_is_to_hear_again(answered):
    act(answered, "stop")
    act(answered, "hear")
    assert list(Entry.objects.order_by("id").values_list("action", "by"))[-2:] == [
        ("follower.stop", f"citizen:{answered}"),
        ("follower.hear", f"citizen:{answered}"),
    ]


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
def test_a_dispute_without_words_says_what_is_missing_and_keeps_what_was_written(answered, text):
    answer = act(answered, "dispute", text=text)
    assert (answer.status_code, state(answered)) == (400, "answered")
    assert words("answers", "id")["no_words"] in answer.content.decode() and text in answer.content.decode()


def test_what_is_not_answered_yet_cannot_be_disputed_and_says_so(case):
    said = page(case())
    assert words("answers", "id")["waiting"] in said and "<textarea" not in said


def test_what_was_closed_says_so(case):
    id = case()
    change_one(Step(id, "no_problem", "Bukan masalah"), "user:1", {"triage"}, NOON)
    assert words("answers", "id")["closed"] in page(id)


@pytest.mark.parametrize("token", ["x", "1:x", "1"])
def test_a_link_that_is_not_ours_says_so_in_plain_words(db, client, token):
    for answer in (client.get(f"/answers/{token}?lang=en"), client.post(f"/answers/{token}?lang=en")):
        assert answer.status_code == 404
        assert "This link is not valid" in answer.content.decode()


def test_a_link_of_long_ago_a_revoked_one_and_one_of_a_forgotten_report_are_not_valid(answered, client):
    links.revoke([answered])
    revoked, old = token(answered), links.token(answered, NOON - timedelta(days=400))
    links.revoke([answered])
    forgotten = token(answered)
    Anonymised.objects.create(report_id=answered, at=NOON)
    for one in (revoked, old, forgotten):
        gone = client.get(f"/answers/{one}")
        assert (gone.status_code, "Tautan ini tidak berlaku" in gone.content.decode()) == (404, True)


def test_who_tries_links_may_try_so_many_an_hour_and_who_has_one_is_let_in(answered, settings, monkeypatch):
    client = Client(REMOTE_ADDR="198.51.100.201")
    monkeypatch.setattr(tries, "MOST", 3)
    said = [client.get(f"/answers/{number}").status_code for number in range(4)]
    assert (said, client.get(f"/answers/{token(answered)}").status_code) == ([404, 404, 404, 429], 200)
    guess = {"token": "x", "text": "x"}
    answer = client.post("/api/disputes", guess, content_type="application/json")
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)


def test_one_click_of_a_mail_program_stops_the_news(answered, client):
    answer = client.post(f"/answers/{token(answered)}", {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, clusters.has_stopped(answered)) == (200, True)


def test_the_page_takes_nothing_from_elsewhere_and_is_kept_nowhere(answered, client):
    answer = client.get(f"/answers/{token(answered)}")
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert (answer["Cache-Control"], answer["Content-Language"]) == ("no-store", "id")
    assert (answer["X-Robots-Tag"], answer["Referrer-Policy"]) == ("noindex, nofollow", "no-referrer")


def test_who_wants_to_hear_no_more_says_so_by_a_button_and_can_take_it_back(answered, login, post):
    said = act(answered, "stop").content.decode()
    assert words("answers", "id")["stopped"] in said
    before = Outgoing.objects.count()
    assert (
        post(login("triage"), f"/api/staff/cases/{answered}/answers", text="Petugas datang").status_code
        == 409
    )
    act(answered, "hear")
    assert (
        post(login("supervisor"), f"/api/staff/cases/{answered}/answers", text="Petugas datang").status_code
        == 202
    )
    assert (Outgoing.objects.count(), clusters.has_stopped(answered)) == (before + 1, False)


def test_what_the_office_said_bears_the_link_where_the_platform_has_an_address(
    case, login, post, answering, settings
):
    settings.PUBLIC_URL = "https://peta.example"
    id, official = case(), login("official", HERE)
    post(official, f"/api/staff/cases/{id}/answers", text="Petugas datang besok")
    post(official, f"/api/staff/cases/{id}/steps", to="answered", text="Sudah kami tambal")
    assert [one.body["below"] for one in Outgoing.objects.order_by("id")] == [
        {"words": "Rincian laporan Anda", "report": id},
        {"words": "Belum beres? Bantah jawaban ini", "report": id},
    ]


def test_the_page_has_the_same_words_in_each_language():
    files = {path.name for path in FOLDER.glob("*.json")}
    pages = {name.split(".")[0] for name in files}
    assert files == {f"{page}.{language}.json" for page in pages for language in LANGUAGES}
    for name in pages:
        first, second = (json.loads((FOLDER / f"{name}.{one}.json").read_text()) for one in LANGUAGES)
        assert list(first) == list(second)
        assert all(text.strip() for text in (*first.values(), *second.values()))
