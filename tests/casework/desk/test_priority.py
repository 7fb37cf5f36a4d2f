"""How urgent a case is: points by a table, each of them explained, the same for one case and for a list."""

from datetime import timedelta

import pytest

from casework.desk import priority
from casework.desk.priority import Last
from casework.models import Case, DuplicateCandidate, Weight
from casework.routing import turns
from casework.steps import workflow
from reports import intake
from reports.models import Category, Report
from reports.record import Submission
from tests.conftest import MONAS, NOON

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def opened(city, submission):
    """Receive submissions and open their cases; returns the ids in their order."""

    def made(*parts: dict) -> list[int]:
        sent: list[Submission] = [
            submission(external_id=f"p{number}", **said) for number, said in enumerate(parts)
        ]
        intake.receive(sent, simulated=False)
        workflow.collect(NOON)
        turns.begin()
        by_name = dict(Report.objects.values_list("external_id", "id"))
        return [by_name[one.external_id] for one in sent]

    return made


def points(id: int, at=NOON) -> dict[str, int]:
    found = priority.of(id, at)
    assert found.points == sum(part.points for part in found.parts)
    return {part.part: part.points for part in found.parts}


def pair(first: int, second: int) -> None:
    DuplicateCandidate.objects.create(
        first_id=min(first, second),
        second_id=max(first, second),
        score=0.9,
        parts={},
        rule="x",
        found_at=NOON,
    )


def test_every_category_has_a_weight(city):
    known = Weight.objects.filter(part="category").values_list("key", flat=True)
    assert set(known) == set(Category.objects.values_list("code", flat=True))


def test_a_new_case_has_the_points_of_its_category_and_its_one_citizen(opened):
    (id,) = opened({})
    assert points(id) == {"category": 15, "crowd": 2}


def test_the_parts_are_said_in_both_languages(opened):
    ids = opened(*({"category": "flood", "author": name} for name in "abcd"))
    for other in ids[1:]:
        pair(ids[0], other)
    found = priority.of(ids[0], NOON + 3 * DAY)
    assert found.words_id == "Banjir atau genangan: 30; jawaban terlambat: 20; umur 3 hari: 12; 4 warga: 8"
    assert (
        found.words_en
        == "Flood or standing water: 30; the answer is overdue: 20; 3 days old: 12; 4 citizens: 8"
    )


def test_age_counts_by_the_whole_day_and_not_for_ever(opened):
    (id,) = opened({})
    ages = [NOON + DAY - HOUR, NOON + DAY, NOON + 10 * DAY, NOON + 400 * DAY]
    assert [points(id, at).get("age", 0) for at in ages] == [0, 4, 40, 40]


def test_a_citizen_who_writes_often_counts_once(opened):
    one, again, once_more, other = opened(
        {"author": "Budi"}, {"author": "Budi"}, {"author": "budi "}, {"author": "Siti"}
    )
    for id in (again, once_more, other):
        pair(one, id)
    assert points(one)["crowd"] == 4


def test_who_gives_no_name_is_a_citizen_of_their_own(opened):
    one, two, three = opened({}, {}, {})
    pair(one, two)
    pair(one, three)
    assert points(one)["crowd"] == 6


def test_a_report_that_was_withdrawn_is_no_crowd(opened):
    one, two = opened({}, {})
    pair(one, two)
    Report.objects.filter(id=two).update(status="withdrawn")
    assert points(one)["crowd"] == 2


def test_three_citizens_of_a_kecamatan_make_a_flood_for_three_hours(opened):
    flood = {"category": "flood", "point": MONAS}
    ids = opened(*({**flood, "author": name} for name in "abc"), {"category": "drainage"}, {})
    first, drain, road = ids[0], ids[3], ids[4]
    assert [points(id).get("flood_now") for id in (first, drain, road)] == [25, 10, None]
    assert "flood_now" not in points(first, NOON + 3 * HOUR)
    Report.objects.filter(id=ids[1]).update(submitted_at=NOON - 4 * HOUR)
    assert "flood_now" not in points(first)


def test_three_reports_of_one_citizen_make_no_flood(opened):
    first, *_ = opened(*({"category": "flood", "author": "Budi"} for _ in range(3)))
    assert "flood_now" not in points(first)


def test_what_is_overdue_has_more_points_until_it_is_answered(opened):
    (id,) = opened({})
    late = NOON + 25 * HOUR
    assert points(id, late)["overdue"] == 20
    workflow.change([workflow.Step(id, "answered")], "feed:qlue", {"follow"}, late)
    assert "overdue" not in points(id, late)


def test_what_a_citizen_disputes_has_more_points(opened):
    (id,) = opened({})
    for state in ("resolved", "disputed"):
        workflow.change([workflow.Step(id, state)], "feed:qlue", {"follow"}, NOON)
    assert points(id)["disputed"] == 15


def test_an_operator_who_changes_a_weight_changes_the_priority_and_keeps_it(opened):
    (id,) = opened({})
    Weight.objects.filter(part="category", key="road").update(points=77)
    priority.load()
    assert points(id)["category"] == 77


def test_a_list_is_read_page_by_page_each_case_once_and_weighed_as_one_alone(opened):
    kinds = ["road", "flood", "noise", "tree", "road", "noise", "flood", "road"]
    ids = opened(*({"category": kind} for kind in kinds))
    read, after = [], None
    while page := priority.rank(ids, NOON, limit=3, after=after):
        read += page
        after = Last(page[-1].points, page[-1].report_id)
    assert sorted(one.report_id for one in read) == sorted(ids)
    assert [(-one.points, one.report_id) for one in read] == sorted(
        (-one.points, one.report_id) for one in read
    )
    assert read == [priority.of(one.report_id, NOON) for one in read]


@pytest.mark.parametrize("batch", [1, 2, 7, 8])
def test_however_many_cases_are_weighed_at_a_time_the_most_urgent_are_the_same(opened, monkeypatch, batch):
    kinds = ["road", "flood", "noise", "tree", "road", "noise", "flood", "road"]
    ids = opened(*({"category": kind} for kind in kinds))
    monkeypatch.setattr(priority, "BATCH", batch)
    first = priority.most_urgent(Case.objects.all(), NOON, limit=3)
    assert first == priority.rank(ids, NOON, limit=3)
    after = Last(first[-1].points, first[-1].report_id)
    rest = priority.most_urgent(Case.objects.all(), NOON, limit=99, after=after)
    assert rest == priority.rank(ids, NOON, limit=99, after=after)
    assert priority.most_urgent(Case.objects.none(), NOON, limit=3) == []


def test_what_is_no_case_has_no_priority(city):
    assert priority.of(4711, NOON) is None
    assert priority.rank([], NOON, limit=3) == []
    assert Case.objects.count() == 0
