"""Who answers, as published: offices and no persons, figures that hold for a day."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from api import league
from boundaries.models import Official
from casework.routing import turns
from casework.steps import workflow
from casework.steps.workflow import Step
from tests.api.casework.conftest import HERE, THERE, case
from tests.conftest import NOON

__all__ = ["case"]
JUNE = datetime(2026, 6, 1, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_june(monkeypatch, settings):
    settings.BOARD_MINIMUM = 2
    monkeypatch.setattr(league, "timezone", SimpleNamespace(now=lambda: JUNE))
    league.forget()
    yield
    league.forget()


@pytest.fixture
def answered(case):
    """Three cases of one office, two of them answered within an hour; one of another, which never answers."""
    ids = [case(HERE) for _ in range(3)]
    case(THERE)
    steps = [Step(id, "answered", text="Petugas datang besok") for id in ids[:2]]
    taken = workflow.change(steps, "user:1", {"answer"}, NOON + timedelta(hours=1))
    assert taken == []
    return ids


@pytest.fixture
def offices(client):
    """Return the offices of an answer by the code of their boundary."""

    def read(query=""):
        answer = client.get(f"/api/answers{query}")
        assert answer.status_code == 200
        return {one["office"]["code"].partition("-")[2]: one for one in answer.json()["offices"]}

    return read


def test_an_office_is_told_by_share_open_cases_and_load(answered, offices):
    one = offices()[HERE]
    assert (one["kind"], one["level"], one["due"], one["kept"], one["open"]) == (
        "judged",
        "kelurahan",
        3,
        2,
        1,
    )
    assert one["share"]["low"] < 2 / 3 < one["share"]["high"]
    assert one["median_s"]["seconds"] == 3600
    assert one["problems"] == 3
    assert one["problems_per_km2"] > 0


def test_one_that_never_answers_is_there_and_below_the_minimum_nothing_is_compared(answered, offices):
    one = offices()[THERE]
    assert (one["kind"], one["due"], one["open"], one["share"], one["group"]) == ("silent", 1, 1, None, None)
    assert one["median_s"] == {"seconds": None, "low": None, "high": None}


def test_every_office_of_a_tier_is_listed_and_a_boundary_chooses_among_them(answered, offices):
    assert len(offices()) == 267
    assert len(offices("?level=kota")) == 6
    assert set(offices("?level=kecamatan&within=31.71")) == {f"31.71.{n:02}" for n in range(1, 9)}
    assert set(offices(f"?within={HERE}")) == {HERE}


def test_the_unit_stands_beside_the_offices_with_what_it_owed_itself(answered, case, client):
    assert client.get("/api/answers").json()["unit"] is None
    turns.give([turns.Given(case(HERE), None, None, {})], NOON + timedelta(hours=1))
    league.forget()
    unit = client.get("/api/answers").json()["unit"]
    assert (unit["office"], unit["level"]) == (
        {"code": "unit", "title": "Unit Pengelola Jakarta Smart City"},
        "unit",
    )
    assert (unit["kind"], unit["due"], unit["open"], unit["problems_per_km2"]) == ("silent", 1, 1, None)


def test_no_person_is_named(answered, client):
    text = client.get("/api/answers").text
    assert [name for name in Official.objects.values_list("name", flat=True) if name in text] == []


def test_the_answer_is_the_same_all_day_and_304_to_who_has_it(answered, case, client):
    first = client.get("/api/answers?days=30")
    assert (first.json()["first"], first.json()["last"]) == ("2026-05-02", "2026-05-31")
    case(HERE)
    again = client.get("/api/answers?days=30", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("days=31", "days 31: known are 30, 90, 365"),
        ("level=rw", "level 'rw': known are"),
        ("period=2026", "unknown parameter 'period'"),
    ],
)
def test_what_cannot_be_used_is_400(city, client, query, words):
    answer = client.get(f"/api/answers?{query}")
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
