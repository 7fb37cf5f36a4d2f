"""The story of a report: what the city did, as far as the public may know it."""

from datetime import timedelta

import pytest

from api import story
from casework.duplicates import clusters, merging
from casework.routing import turns
from casework.steps import workflow
from casework.steps.workflow import Step
from reports import intake
from reports.models import Report
from reports.record import Update, Updates
from tests.api.casework.conftest import case
from tests.conftest import NOON

__all__ = ["case"]
HOUR = timedelta(hours=1)
WORDS = "Pak Budi, petugas datang besok. Hubungi 0812-3456-7890"


def step(id, to, permission, at, text=WORDS):
    assert workflow.change([Step(id, to, text)], "user:7", {permission}, at) == []


def test_an_answer_is_told_with_its_deadline_and_how_long_it_took(case, client):
    id = case()
    step(id, "answered", "answer", NOON + 2 * HOUR)
    told = client.get(f"/api/reports/{id}/story").json()
    answer = told["answer"]
    assert answer["office"]["title"] == "Lurah Gambir"
    assert (answer["taken_s"], answer["is_late"], answer["is_open"]) == (7200, False, False)
    assert answer["came_answered"] is False
    assert answer["due_at"] == "2026-05-15T05:00:00Z"


def test_what_came_answered_took_nobody_a_time(case, client):
    id = case()
    given = [turns.by_unit(id, "kecamatan-31.71.01", "user:1")]
    turns.give(given, NOON + 3 * HOUR)
    report = Report.objects.get(id=id)
    said = Update(at=NOON + HOUR, status="in_progress", by="Lurah Gambir", note="")
    intake.receive([Updates(report.channel, report.external_id, (said,))], simulated=False)
    workflow.follow(NOON + 4 * HOUR)
    answer = client.get(f"/api/reports/{id}/story").json()["answer"]
    assert (answer["office"]["code"], answer["came_answered"]) == ("kecamatan-31.71.01", True)
    assert (answer["taken_s"], answer["is_late"], answer["is_open"]) == (None, False, False)
    page = client.get(f"/reports/{id}").text
    assert "Sudah dijawab sebelum laporan ini sampai ke kantor ini." in page
    assert "<dt>Dijawab pada</dt>" not in page and "<dt>Dijawab oleh</dt>" not in page


def test_one_that_nobody_answers_is_open_and_late_behind_its_deadline(case):
    id = case()
    before, behind = (story.told(id, NOON + 24 * HOUR + apart)["answer"] for apart in (-HOUR, HOUR))
    assert (before["is_open"], before["is_late"], before["answered_at"]) == (True, False, None)
    assert (behind["is_open"], behind["is_late"], behind["taken_s"]) == (True, True, 25 * 3600)


def test_steps_bear_the_name_of_an_office_and_masked_words_never_an_account(case, client):
    id = case()
    step(id, "selected", "triage", NOON + HOUR, text="")
    step(id, "answered", "answer", NOON + 2 * HOUR)
    body = client.get(f"/api/reports/{id}/story")
    assert [(one["state"]["code"], one["by"]) for one in body.json()["steps"]] == [
        ("selected", {"kind": "unit", "title": clusters.UNIT}),
        ("answered", {"kind": "office", "title": "Lurah Gambir"}),
    ]
    assert "petugas datang besok" in body.text
    for secret in ("user:7", "0812", "Budi"):
        assert secret not in body.text


def test_merged_reports_are_named_but_not_one_that_its_author_withdrew(case, client):
    lead, member, gone = case(), case(), case()
    merging.merge([member, gone], lead, "user:1", {"triage"}, "Digabung", NOON + HOUR)
    deleted = Update(at=NOON + 2 * HOUR, status="withdrawn", by="", note="")
    intake.receive([Updates("qlue", "a2", (deleted,))], simulated=False)
    for id in (lead, member):
        told = client.get(f"/api/reports/{id}/story").json()["cluster"]
        assert told == {"lead": lead, "reports": [lead, member]}
    assert client.get(f"/api/reports/{gone}/story").status_code == 404


def test_a_report_without_a_case_has_an_empty_story(receive_one, client):
    report = receive_one()
    assert client.get(f"/api/reports/{report.pk}/story").json() == {
        "answer": None, "steps": [],
        "cluster": {"lead": report.pk, "reports": [report.pk]},
    }  # fmt: skip


@pytest.mark.parametrize("id", [999_999_999])
def test_of_no_report_there_is_no_story(city, client, id):
    answer = client.get(f"/api/reports/{id}/story")
    assert (answer.status_code, answer.json()["detail"]) == (404, f"no report {id}")
