"""What is done by a command is in the audit, as what is done by the API is."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from access import audit
from access.models import Entry
from casework.models import Merge
from casework.routing import rules, turns
from casework.steps import workflow
from tests.conftest import NOON


@pytest.fixture
def pair(receive_one) -> tuple[int, int]:
    """Two cases of one office, each with its turn."""
    ids = receive_one(external_id="1").id, receive_one(external_id="2").id
    workflow.collect(NOON)
    turns.begin()
    return ids


def lines() -> list[tuple[str, str]]:
    return list(Entry.objects.order_by("id").values_list("action", "subject"))


def test_merging_and_undoing_it_are_recorded(pair):
    lead, other = pair
    call_command("merge", str(other), "--into", str(lead), "--by", "Sari", "--text", "Laporan yang sama")
    call_command("unmerge", str(Merge.objects.get().id), "--by", "Sari", "--text", "Bukan yang sama")
    assert lines() == [("case.merge", f"report:{lead}"), ("case.unmerge", f"report:{lead}")]
    assert Entry.objects.order_by("id").first().details["said_by"] == "Sari"
    assert audit.faults() == []


def test_a_pause_and_its_end_are_recorded(pair):
    id, until = str(pair[0]), timezone.now() + timedelta(days=2)
    call_command("pause", id, "--reason", "weather", "--until", until.isoformat(), "--by", "Sari")
    call_command("pause", id, "--resume", "--by", "Sari")
    assert lines() == [("case.pause", f"report:{id}"), ("case.resume", f"report:{id}")]


def test_rules_that_are_replaced_are_recorded(city):
    call_command("rules", "--load", str(rules.TABLE))
    assert lines() == [("rules.load", "")]
