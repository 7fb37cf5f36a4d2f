"""Links of answers: what people had in their hands before they were random works on, and expires."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.signing import Signer
from django.utils import timezone

from casework.citizens import links
from casework.migrations import _links
from geoplatform.errors import Forbidden
from reports import outbox
from reports.models import Outgoing
from tests.conftest import NOON

DAY = timedelta(days=1)
WORDS = "Belum beres? Bantah jawaban ini"


def signed(id: int) -> str:
    """Return the token that a report had, as every message on it bore it."""
    return Signer(salt="casework.dispute").sign(str(id))


def put(report, is_sent: bool) -> Outgoing:
    """Put an answer down as it was put down then: with the link in it."""
    message = outbox.put(report, outbox.ANSWER, by="Lurah Gambir", at=NOON, text="Sudah")
    message.body["below"] = f"{WORDS}: https://peta.example/answers/{signed(report.pk)}"
    message.sent_at = NOON if is_sent else None
    message.save()
    return message


@pytest.mark.parametrize("is_sent", [True, False])
def test_a_token_that_was_sent_works_on_and_no_message_holds_one(receive_one, settings, is_sent):
    report = receive_one()
    message = put(report, is_sent)
    _links.take_over(apps, None)
    message.refresh_from_db()
    assert message.body["below"] == {"words": WORDS, "report": report.pk}
    at = timezone.now()
    if not is_sent:
        with pytest.raises(Forbidden):
            links.report_of(signed(report.pk), at)
        return
    assert links.report_of(signed(report.pk), at) == report.pk
    with pytest.raises(Forbidden):
        links.report_of(signed(report.pk), at + (settings.LINK_DAYS + 1) * DAY)


def test_the_token_of_a_receipt_works_on(receive_one):
    report, other = receive_one(channel="web"), receive_one(external_id="2")
    _links.take_over(apps, None)
    assert links.report_of(signed(report.pk), timezone.now()) == report.pk
    with pytest.raises(Forbidden):
        links.report_of(signed(other.pk), timezone.now())


def test_each_link_is_another_and_expires_at_its_time(receive_one, settings):
    settings.LINK_DAYS = 30
    id = receive_one().pk
    first, second = links.token(id, NOON), links.token(id, NOON)
    assert first != second
    assert {links.report_of(one, NOON + 29 * DAY) for one in (first, second)} == {id}
    with pytest.raises(Forbidden, match="too old"):
        links.report_of(first, NOON + 30 * DAY)
    links.revoke([id])
    with pytest.raises(Forbidden):
        links.report_of(second, NOON)
