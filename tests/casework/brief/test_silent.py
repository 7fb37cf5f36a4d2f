"""The brief where next to nothing was reported: who is silent stays so, and nobody is."""

from datetime import timedelta

import pytest

from casework.board import outcomes
from casework.brief import contents, forms, sentences
from casework.routing import turns
from casework.steps import workflow
from geoplatform.errors import NotFound
from tests.conftest import NOON


@pytest.mark.parametrize(("days", "is_long"), [(20, False), (30, True), (60, True)])
def test_who_is_silent_stays_so_though_nothing_more_is_reported(receive_one, days, is_long):
    for number in range(12):
        receive_one(external_id=str(number))
    workflow.collect(NOON)
    turns.begin()
    made = contents.make(NOON + timedelta(days=days))
    (one,) = made.silent
    assert (one.period == made.long) == is_long
    assert one.row.counts["unanswered"] == made.unanswered == 12
    assert outcomes.count(one.cell, one.period, made.at) == 12
    assert (sentences.LONG_MARK in sentences.code(made, one)) == is_long
    (line,) = [line for line in forms.csv(made).splitlines() if ",since," in line]
    assert one.period.text in line


def test_where_nothing_was_reported_it_says_so(city):
    empty = contents.make(NOON)
    assert (empty.silent, empty.spots) == ([], [])
    assert sentences.NOBODY in forms.html(empty)
    for form in forms.FORMS:
        assert forms.made(empty, form)
    with pytest.raises(NotFound, match="no form 'docx'"):
        forms.made(empty, "docx")
