"""Which norm holds: by category, office and tier; as rows that end and have a source; for solutions too."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from access.models import Entry
from casework.clock import deadlines, dues, norms
from casework.clock.deadlines import ANSWER, SOLUTION, Wanted
from casework.models import Deadline, Turn
from casework.routing import turns
from casework.steps import workflow
from geoplatform.errors import InvalidRequest, NotFound
from tests.casework.ruled import answer_within
from tests.conftest import NOON

LURAH, OTHER = "kelurahan-31.71.01.1001", "kelurahan-31.74.01.1001"
HEADER = "purpose,category,tier,office,norm,source"
HOUR = timedelta(hours=1)


@pytest.fixture
def turn(receive_one) -> Turn:
    receive_one()
    workflow.collect(NOON)
    turns.begin()
    return Turn.objects.select_related("office", "case__report").get()


def table(tmp_path, *lines: str):
    path = tmp_path / "deadlines.csv"
    path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return path


def typed(*words: object) -> list[str]:
    out = io.StringIO()
    call_command("deadlines", *map(str, words), stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("category", "office", "expected"),
    [
        ("road", LURAH, "oversight"),
        ("tree", LURAH, "light"),
        ("road", OTHER, "ordinary"),
        ("tree", OTHER, "governor"),
    ],
)
def test_what_is_said_of_the_category_comes_first_and_then_what_is_said_of_the_office(
    city, category, office, expected
):
    answer_within("ordinary", "road")
    answer_within("light", office=LURAH)
    answer_within("oversight", "road", office=LURAH)
    assert deadlines.norm(deadlines.known(), ANSWER, category, "kelurahan", office).code == expected


def test_an_office_with_a_deadline_of_its_own_has_another_due_date(receive_one):
    answer_within("lapor_answer", office=OTHER)
    answer_within("light", office=LURAH)
    receive_one()
    workflow.collect(NOON)
    turns.begin()
    assert Turn.objects.get().due_at == datetime(2026, 5, 19, 17, tzinfo=UTC)


def test_a_changed_deadline_is_another_row_and_what_held_at_an_instant_is_known(city):
    answer_within("light")
    assert deadlines.known()[deadlines.Key(ANSWER)].code == "light"
    assert deadlines.known(NOON - HOUR)[deadlines.Key(ANSWER)].code == "governor"
    former, present = Deadline.objects.filter(purpose=ANSWER).order_by("id")
    assert (former.ended_at, present.began_at, present.ended_at) == (NOON, NOON, None)
    assert deadlines.put(Wanted(ANSWER, None, None, None, "light", "a test"), NOON + HOUR) is False


def test_the_deadline_of_every_answer_is_replaced_and_never_ended(city):
    (id,) = Deadline.objects.filter(purpose=ANSWER).values_list("id", flat=True)
    with pytest.raises(InvalidRequest, match="that of every answer"):
        deadlines.end(id, NOON)
    answer_within("light", "road")
    own = Deadline.objects.get(category="road")
    deadlines.end(own.id, NOON)
    with pytest.raises(NotFound, match=f"no deadline {own.id} holds"):
        deadlines.end(own.id, NOON)


def test_a_solution_is_due_by_its_own_norm_and_by_what_held_when_the_turn_began(turn):
    deadlines.put(Wanted(SOLUTION, "road", None, None, "governor", "a test"), NOON + HOUR)
    due = dues.solution(turn, [], norms.calendar())
    # Five working days: Thursday and Friday are closed, 18 to 22 May are not.
    assert due.at == datetime(2026, 5, 22, 17, tzinfo=UTC) and due.is_sure
    turn.began_at = NOON + HOUR
    assert dues.solution(turn, [], norms.calendar()).at == NOON + 25 * HOUR


def test_where_no_norm_of_a_solution_holds_none_is_due(turn):
    deadlines.end(Deadline.objects.get(purpose=SOLUTION).id, NOON)
    assert dues.solution(turn, [], norms.calendar()) is None


def test_the_command_makes_the_deadlines_those_of_a_table_and_open_turns_keep_theirs(turn, tmp_path):
    lines = typed(table(tmp_path, "answer,,,,light,a decree", f"answer,road,,{LURAH},normative,a letter"))
    assert lines[:2] == [
        "3 deadlines begun or ended",
        "1 answers that are waited for keep the deadline that they have",
    ]
    assert lines[2].split()[:4] == ["answer", "any", "any", "office"]
    assert lines[3].split()[:3] == ["answer", "road", LURAH]
    assert Entry.objects.get(action="deadlines.load").details == {"changed": 3}
    assert not deadlines.lasting().filter(purpose=SOLUTION).exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("praise,,,,light,s", "line 2: purpose 'praise' is none of answer, solution"),
        ("answer,ufo,,,light,s", "line 2: category 'ufo' is unknown"),
        ("answer,,desa,,light,s", "line 2: tier 'desa' is none of"),
        (f"answer,,kota,{LURAH},light,s", "line 2: tier 'kota', office"),
        ("answer,,,dinas,light,s", "line 2: office 'dinas' is unknown"),
        ("answer,,,,soon,s", "line 2: norm 'soon' is unknown"),
        ("answer,,,,light,", "line 2: source '': a deadline has a source"),
        ("answer,,,,light", "line 2: the columns are purpose"),
        ("answer,road,,,light,s", "no line is of every answer, without which none would be due"),
        ("answer,,,,light,s\nanswer,,,,light,s", "line 3: the same stands above"),
    ],
)
def test_a_table_that_cannot_be_used_changes_nothing_and_says_where(city, tmp_path, line, words):
    with pytest.raises(CommandError, match=words):
        typed(table(tmp_path, line))
    assert set(deadlines.lasting().values_list("norm", flat=True)) == {"governor", "normative"}
