"""The unit on the board: its own turns, judged as those of offices are, and beside them."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.management import call_command

from casework.board import outcomes, spreadsheet
from casework.board.cells import Cell, cell
from casework.board.periods import period
from casework.brief import contents, forms, sentences
from casework.routing import turns
from casework.steps import workflow
from casework.steps.workflow import Step, change_one
from tests.conftest import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAY = period("2026-05")
LATER = NOON + 3 * DAY


@pytest.fixture
def lost(receive_one):
    """Receive reports of which nobody knows where they lie: the unit's own; the first is answered in time."""

    def received(count: int) -> list[int]:
        ids = [receive_one(external_id=f"lost {number}", point=None).id for number in range(count)]
        workflow.collect(NOON)
        turns.begin()
        change_one(Step(ids[0], "answered", "Sudah"), "user:1", {"answer"}, NOON + HOUR)
        return ids

    return received


def test_the_unit_has_a_row_of_its_own_and_is_in_no_total(lost):
    lost(3)
    made = outcomes.board(MAY, LATER)
    assert len({row.office for row in made.rows}) == 317
    assert made.totals["turns"] == sum(row.counts["turns"] for row in made.rows) == 0
    counts = made.unit.counts
    assert (counts["turns"], counts["due"], counts["kept"], counts["unanswered"]) == (3, 3, 1, 2)
    assert (made.unit.office, made.unit.title) == ("unit", "Unit Pengelola Jakarta Smart City")


def test_every_figure_of_the_unit_opens_as_many_turns_as_it_says(lost, receive_one):
    ids = lost(3)
    receive_one(external_id="here")
    workflow.collect(NOON)
    turns.begin()
    unit = outcomes.board(MAY, LATER).unit
    for column, count in unit.counts.items():
        found, _ = outcomes.cell(unit.cell(column), MAY, LATER)
        assert len(found) == count
        assert {one.office_id for one in found} <= {None}
    assert str(unit.cell("due")) == "unit:all:due"
    assert {one.report_id for one in outcomes.cell(cell("unit:all:turns"), MAY, LATER)[0]} == set(ids)
    assert len(outcomes.cell(Cell("all", None, "turns"), MAY, LATER)[0]) == 1


def test_the_unit_can_be_asked_for_alone_and_is_of_no_tier(lost):
    lost(1)
    alone = outcomes.board(MAY, LATER, "unit")
    assert (alone.rows, alone.unit.counts["turns"]) == ([], 1)
    whole = outcomes.board(MAY, LATER)
    assert outcomes.narrowed(whole, "kelurahan").unit is None
    assert outcomes.board(MAY, LATER, "kelurahan-31.71.01.1001").unit is None


def test_table_command_and_brief_show_the_unit_last(lost):
    lost(2)
    *_, last = csv.DictReader(io.StringIO(spreadsheet.table(outcomes.board(MAY, LATER))))
    assert (last["office"], last["due"], last["kept"]) == ("unit", "2", "1")
    out = io.StringIO()
    call_command("board", "--period", "2026-05", "--at", LATER.isoformat(), stdout=out)
    assert out.getvalue().splitlines()[-1].startswith("unit ")
    told = contents.make(LATER)
    assert "Unit sendiri (unit:all:due): 1 dari 2 tepat waktu, 1 tidak dijawab." in sentences.beside(told)
    lines = [line for line in csv.DictReader(io.StringIO(forms.csv(told))) if line["section"] == "unit"]
    assert [(line["figure"], line["value"]) for line in lines] == [
        ("due", "2"),
        ("kept", "1"),
        ("unanswered", "1"),
    ]
    assert lines[2]["command"].endswith("--cell unit:all:unanswered")
