"""The link of a notice: opening it notes nothing, its button does, once; and what the ladder did is shown."""

import uuid
from datetime import timedelta

import pytest
from django.core import signing

from casework.escalation import receipts, runs
from casework.models import Evidence, Notice
from tests.conftest import NOON

DAY = timedelta(days=1)


@pytest.fixture
def told(case):
    """Let a case climb its ladder, and tell somebody of it; returns the case and the notice."""
    id = case()
    runs.escalate(NOON + 9 * DAY)
    notice = Notice.objects.create(
        number=uuid.UUID(int=7), channel="email", address="camat@example.go.id", subject="x", text="x",
        created_at=NOON, next_at=NOON,
    )  # fmt: skip
    from casework.models import Escalation

    notice.escalations.set(Escalation.objects.filter(turn__case_id=id))
    return id, notice


def link(notice: Notice) -> str:
    return f"/notices/{signing.dumps(notice.number.hex, salt=receipts.SALT)}"


def test_opening_the_link_notes_nothing_and_the_button_does_once(told, client):
    _, notice = told
    opened = client.get(link(notice))
    assert (opened.status_code, Evidence.objects.filter(kind="seen").count()) == (200, 0)
    assert "Sudah saya baca" in opened.content.decode()
    for _ in range(2):
        assert "Terima kasih" in client.post(link(notice)).content.decode()
    assert Evidence.objects.filter(kind="seen").count() == notice.escalations.count() > 0


def test_the_page_names_no_address_and_takes_nothing_from_elsewhere(told, client):
    _, notice = told
    page = client.get(link(notice))
    assert "camat@" not in page.content.decode() and "<script" not in page.content.decode()
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert page["Cache-Control"] == "no-store" and not page.cookies
    assert (page["X-Robots-Tag"], page["Referrer-Policy"]) == ("noindex, nofollow", "no-referrer")


def test_buttons_of_links_are_counted_with_what_writes(told, client, settings):
    _, notice = told
    settings.LIMITS = "writing=2"
    answers = [client.post(link(notice), REMOTE_ADDR="192.0.2.7").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_a_link_that_is_not_ours_is_not_found(told, client):
    for token in ("x", "a:b:c", signing.dumps(uuid.UUID(int=8).hex, salt="other")):
        for answer in (client.get(f"/notices/{token}"), client.post(f"/notices/{token}")):
            assert (answer.status_code, answer.json()["detail"]) == (404, "no such notice")


def test_a_case_shows_each_rung_that_it_reached_and_what_is_known_of_its_notice(told, login, client):
    id, notice = told
    client.post(link(notice))
    (turn,) = login("auditor").get(f"/api/staff/cases/{id}").json()["turns"]
    climbed = turn["escalations"]
    assert [one["number"] for one in climbed] == sorted(one["number"] for one in climbed) and climbed
    assert all("seen" in {said["kind"] for said in one["evidence"]} for one in climbed)
    assert "kecamatan-31.71.01" in {one["office"]["code"] for one in climbed}
    assert "camat@" not in str(turn)
