"""Templates of answers: each for a step that owes words, filled in by what is known of a case."""

import re

import pytest

from casework.models import AnswerTemplate, Case, Transition
from casework.routing import turns
from casework.steps import answer_templates, workflow
from tests.conftest import NOON


@pytest.fixture
def case(receive_one) -> Case:
    report = receive_one()
    workflow.collect(NOON)
    turns.begin()
    return Case.objects.get(report=report)


def test_each_is_for_a_step_that_owes_words_and_fills_in_only_what_is_known(city):
    owed = set(Transition.objects.filter(needs_text=True).values_list("to_state", flat=True))
    found = AnswerTemplate.objects.all()
    assert {one.to_state_id for one in found} <= owed
    assert {name for one in found for name in re.findall(r"{(\w*)}", one.text)} == {
        "laporan", "kelurahan", "kantor",
    }  # fmt: skip
    assert all(one.source and len(one.text) <= 4000 for one in found)


def test_those_of_the_category_come_first_and_those_of_others_do_not_come(city):
    found = answer_templates.of("road", "answered")
    assert found[0].category == "road"
    assert {one.category for one in found} == {"road", None}
    assert {one.to_state for one in found} == {"answered"}


def test_a_template_is_filled_in_for_a_case(case):
    (said,) = (one for one in answer_templates.of("road", "resolved", case) if one.code == "resolved_done")
    assert f"laporan {case.pk} di Kelurahan Gambir" in said.text
    assert "oleh Lurah Gambir" in said.text and "{" not in said.text


def test_where_nobody_knows_the_kelurahan_none_is_named(receive_one):
    report = receive_one(point=None)
    workflow.collect(NOON)
    turns.begin()
    said = answer_templates.of("road", "no_problem", Case.objects.get(report=report))
    assert "di Jakarta" in said[0].text


def test_what_an_operator_changed_stays(city):
    AnswerTemplate.objects.filter(code="resolved_done").update(text="Beres.")
    answer_templates.load()
    assert AnswerTemplate.objects.get(code="resolved_done").text == "Beres."
