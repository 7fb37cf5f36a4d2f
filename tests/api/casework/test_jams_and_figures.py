"""Reports near jams by the hour of the week, and figures that accounts keep."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from api import limits
from casework.models import SavedFigure
from layers import intake as traffic
from layers.record import Jam, LonLat, Snapshot
from reports import intake

AT = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)  # a Thursday, noon in Jakarta
MONAS = LonLat(106.8272, -6.1754)
DAYS = "from=2026-05-10&to=2026-05-16"
FIGURE = "mode=jams&from=2026-05-10&to=2026-05-16&category=flood"


@pytest.fixture
def jam(city) -> None:
    """One jam at Monas, seen at noon and gone an hour later."""
    line = (LonLat(MONAS.lon - 0.001, MONAS.lat), LonLat(MONAS.lon + 0.001, MONAS.lat))
    seen = Jam("jam", 4, 6.4, 540, 220, "Jl. Contoh", AT, line, {})
    snapshots = [Snapshot("waze", AT, jams=(seen,)), Snapshot("waze", AT + timedelta(hours=1))]
    traffic.receive(snapshots, simulated=False)


@pytest.fixture
def report(submission):
    """Receive a report so far north of the jam and so long after it was seen."""

    def received(name: str, metres: float, minutes: float, **parts: object) -> None:
        at, point = AT + timedelta(minutes=minutes), LonLat(MONAS.lon, MONAS.lat + metres / 110_600)
        sent = submission(name, point=point, submitted_at=at, updated_at=at, **parts)
        intake.receive([sent], simulated=False)

    return received


def hours(client, query=DAYS):
    answer = client.get(f"/api/staff/jam-hours?{query}")
    assert answer.status_code == 200, answer.text
    return [tuple(row.values()) for row in answer.json()["hours"]]


def test_a_report_is_near_a_jam_within_300_metres_and_half_an_hour(jam, report, login):
    report("near", 290, 25)
    report("far", 310, 25)
    report("late", 0, 31)
    report("early", 0, -29)
    report("unplaced", 0, 0)
    assert hours(login("triage")) == [(4, 11, 1, 1), (4, 12, 4, 2)]


def test_filters_choose_which_reports_are_held_against_jams(jam, report, login):
    report("a", 0, 0, category="flood")
    report("b", 0, 0, category="road")
    client = login("governor")
    assert hours(client, f"{DAYS}&category=flood") == [(4, 12, 1, 1)]
    assert hours(client, "from=2026-05-15&to=2026-05-16") == []


@pytest.mark.parametrize("query", ["", "from=2026-05-10", "from=2026-05-01&to=2026-06-01", f"{DAYS}&near=1"])
def test_no_span_one_of_more_than_31_days_and_what_is_unknown_are_refused(city, login, query):
    assert login("triage").get(f"/api/staff/jam-hours?{query}").status_code == 400


@pytest.mark.parametrize("question", ["changes", "counts", "heat", "series"])
def test_staff_are_answered_as_the_public_is_and_are_not_told_to_wait(city, report, login, client, question):
    report("a", 0, 0)
    query = {"heat": DAYS, "series": DAYS}.get(question, f"by=kota&{DAYS}")
    own = login("triage").get(f"/api/staff/questions/{question}?{query}")
    assert own.status_code == 200
    assert own.json() == client.get(f"/api/{question}?{query}").json()
    assert limits.class_of("GET", f"/api/staff/questions/{question}") == limits.OTHER
    assert limits.class_of("GET", f"/api/{question}") == limits.HEAVY


def test_an_unknown_question_is_named(city, login):
    answer = login("triage").get("/api/staff/questions/reports")
    assert answer.status_code == 404
    assert "'reports'" in answer.json()["detail"]


def test_a_figure_is_kept_replaced_and_forgotten(city, login, post):
    client = login("auditor")
    kept = post(client, "/api/staff/figures", name=" Banjir ", query=FIGURE)
    assert kept.status_code == 201
    again = post(client, "/api/staff/figures", name="Banjir", query="mode=spots").json()
    assert again["id"] == kept.json()["id"]
    listed = client.get("/api/staff/figures").json()["figures"]
    assert [(one["name"], one["query"]) for one in listed] == [("Banjir", "mode=spots")]
    assert client.delete(f"/api/staff/figures/{again['id']}").json() == {"id": again["id"]}
    assert client.get("/api/staff/figures").json() == {"figures": []}


def test_nobody_sees_or_forgets_a_figure_of_somebody_else(city, login, post):
    kept = post(login("triage"), "/api/staff/figures", name="x", query=FIGURE).json()
    other = login("governor")
    assert other.get("/api/staff/figures").json() == {"figures": []}
    assert other.delete(f"/api/staff/figures/{kept['id']}").status_code == 404
    assert SavedFigure.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("", FIGURE),
        ("x" * 61, FIGURE),
        ("x", ""),
        ("x", "mode=<b>"),
        ("x", "//evil.example"),
        ("x", "a" * 1001),
    ],
    ids=["no name", "a long name", "no query", "markup", "another place", "a long query"],
)
def test_what_is_no_figure_is_refused(city, login, post, name, query):
    assert post(login("triage"), "/api/staff/figures", name=name, query=query).status_code == 400


def test_no_account_keeps_more_than_fifty(city, login, post):
    client = login("triage")
    made = (SavedFigure(user=client.user, name=str(number), query="a=b", at=AT) for number in range(50))
    SavedFigure.objects.bulk_create(made)
    assert post(client, "/api/staff/figures", name="new", query=FIGURE).status_code == 409
    assert post(client, "/api/staff/figures", name="7", query=FIGURE).status_code == 201


def test_the_database_takes_no_second_figure_of_a_name_and_none_without(city, login):
    user = login("triage").user
    SavedFigure.objects.create(user=user, name="x", query="a=b", at=AT)
    for name in ("x", ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedFigure.objects.create(user=user, name=name, query="a=b", at=AT)
