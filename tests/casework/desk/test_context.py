"""What was near a report at its hour, how far, how old, and where nothing is known of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.desk import context
from casework.desk.context import Part
from geoplatform import sql
from geoplatform.errors import NotFound
from layers import intake
from layers.models import FeedState
from layers.record import Alert, Jam, LonLat, Poi, Snapshot
from reports import intake as reports_intake
from reports.models import Report
from tests.conftest import MONAS, NOON

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
METRE = 1 / 110_574  # degrees of latitude


def north(metres: float) -> LonLat:
    return LonLat(MONAS.lon, MONAS.lat + metres * METRE)


def alert(id: str = "a", metres: float = 100, **said) -> Alert:
    return Alert(id, "HAZARD", "", "Jl. Merdeka", "", 6, NOON, north(metres), {}, **said)


def jam(id: str = "j", metres: float = 100, level: int = 3) -> Jam:
    ends = tuple(LonLat(MONAS.lon + east, MONAS.lat + metres * METRE) for east in (-0.02, 0.02))
    return Jam(id, level, 9.0, 60, 4400, "Jl. Merdeka", NOON, ends, {"level": level})


def poi(id: str, metres: float, kind: str = "fuel") -> Poi:
    return Poi(id, kind, f"SPBU {id}", "", north(metres), {})


def seen(minutes: float, *, feed: str = "waze", **things) -> None:
    """Let a feed be read so many minutes after the report."""
    intake.receive([Snapshot(feed, NOON + minutes * MINUTE, **things)], simulated=False)


def ask(report: Report, at=NOON + DAY) -> context.Context:
    return context.context(report.id, at)


def found(part: Part) -> list[tuple[float, float]]:
    assert part.is_known
    return [(round(near.distance_m), near.age_s) for near in part.found]


def test_a_jam_that_lasted_while_the_report_was_made_is_no_minute_old(receive_one):
    report = receive_one()
    seen(-10, jams=(jam(),))
    seen(10, jams=(jam(),))
    assert found(ask(report).jams) == [(100, 0)]


@pytest.mark.parametrize(
    ("first", "last", "age_s"), [(-40, -29, 29 * 60), (-40, -31, None), (29, 40, -29 * 60), (31, 40, None)]
)
@pytest.mark.parametrize("is_on_the_map", [True, False])
def test_what_ended_or_began_within_half_an_hour_is_shown(receive_one, first, last, age_s, is_on_the_map):
    report = receive_one()
    seen(20 if first > 0 else -20)
    for minute in (first, last):
        seen(minute, jams=(jam(),), alerts=(alert(),))
    if not is_on_the_map:
        seen(50)
    near = ask(report)
    expected = [] if age_s is None else [(100, age_s)]
    assert (found(near.jams), found(near.alerts)) == (expected, expected)


@pytest.mark.parametrize(("metres", "is_near"), [(298, True), (302, False)])
def test_traffic_is_near_within_three_hundred_metres(receive_one, metres, is_near):
    report = receive_one()
    seen(0, jams=(jam(metres=metres),), alerts=(alert(metres=metres),))
    near = ask(report)
    assert (len(near.jams.found), len(near.alerts.found)) == (is_near, is_near)


def test_of_several_versions_of_a_jam_that_of_the_hour_is_shown(receive_one):
    report = receive_one()
    for minute, level in ((-20, 2), (-8, 3), (-2, 4), (8, 5)):
        seen(minute, jams=(jam(level=level),))
    (near,) = ask(report).jams.found
    assert (near.what["level"], near.age_s) == (4, 120)


def test_what_waze_did_not_say_in_that_hour_is_no_data_and_not_no_jam(receive_one):
    report = receive_one()
    assert ask(report).jams == Part(False, None, ())
    seen(-31, jams=(jam(),))
    seen(31)
    assert ask(report).alerts == Part(False, NOON - 31 * MINUTE, ())
    seen(-30)
    assert ask(report).jams == Part(True, NOON - 30 * MINUTE, ())


def test_the_three_nearest_of_each_kind_of_place_are_named(receive_one):
    report = receive_one()
    stations = tuple(poi(str(metres), metres) for metres in (1500, 90, 1990, 400, 2010))
    seen(0, feed="overpass", pois=(*stations, poi("rs", 700, "hospital"), poi("kafe", 10, "cafe")))
    near = ask(report, NOON + DAY)
    assert found(near.petrol_stations) == [(90, 86400), (400, 86400), (1500, 86400)]
    assert [(one.what["name"], round(one.distance_m)) for one in near.hospitals.found] == [("SPBU rs", 700)]


def test_places_that_nobody_read_for_days_are_no_data(receive_one):
    report = receive_one()
    seen(0, feed="overpass", pois=(poi("1", 90),))
    FeedState.objects.create(
        feed="overpass", title="", owner="", enabled=True, simulated=False, cadence_s=3600
    )
    assert found(ask(report, NOON + 3 * 60 * MINUTE).petrol_stations) == [(90, 3 * 3600)]
    assert ask(report, NOON + 181 * MINUTE).hospitals == Part(False, NOON, ())


def test_other_reports_of_the_week_come_by_kind_then_by_distance(receive_one):
    report = receive_one()
    for id, metres, category, days in (
        ("far", 310, "road", 0), ("old", 10, "road", 8), ("loud", 20, "noise", 1),
        ("drain", 200, "drainage", 0), ("same", 250, "road", -6), ("near", 100, "road", 6),
    ):  # fmt: skip
        at = NOON - days * DAY
        receive_one(external_id=id, point=north(metres), category=category, submitted_at=at, updated_at=at)
    around = [(one.what["category"], round(one.distance_m), one.age_s) for one in ask(report).reports.found]
    assert around == [
        ("road", 100, 6 * 86400),
        ("road", 250, -6 * 86400),
        ("drainage", 200, 0),
        ("noise", 50, 86400),  # 20, as far as its public point tells
    ]


def test_how_far_a_sensitive_report_is_says_no_more_than_its_public_point(receive_one):
    report = receive_one(external_id="one")
    other = receive_one(
        external_id="two", category="noise", point=LonLat(MONAS.lon + 0.0004, MONAS.lat + 0.0003)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_Distance(one.point::geography, two.public_point::geography)"
            " FROM reports_report AS one, reports_report AS two WHERE (one.id, two.id) = (%s, %s)",
            [report.id, other.id],
        )
        (public_m,) = cursor.fetchone()
    assert ask(report).reports.found[0].distance_m == pytest.approx(public_m, abs=0.5)


@pytest.mark.parametrize("east", [-299, 299])
@pytest.mark.parametrize("up", [-299, 0, 299])
def test_the_nine_tiles_hold_all_that_is_near(receive_one, east, up):
    report = receive_one()
    share = 1 if up == 0 else 0.7
    point = LonLat(MONAS.lon + east * share / 110_700, MONAS.lat + up * share * METRE)
    receive_one(external_id="2", point=point)
    assert len(ask(report).reports.found) == 1


def test_of_a_report_without_a_point_nothing_is_known(receive_one):
    report = receive_one(point=None)
    seen(0, jams=(jam(),))
    near = ask(report)
    assert [near.jams, near.hospitals, near.reports] == [Part(False, None, ())] * 3


def test_there_is_no_context_of_what_is_no_report(city):
    with pytest.raises(NotFound):
        context.context(1, NOON)


@pytest.mark.parametrize(
    ("name", "index", "more"),
    [
        ("near_jams", "jam_past", {"soon_s": 1800}),
        ("near_alerts", "alert_past", {"soon_s": 1800}),
        ("near_places", "poi_open", {"kind": "fuel", "limit": 3, "at": NOON}),
    ],
)
def test_every_look_up_may_go_by_its_index(receive_one, name, index, more):
    report = receive_one()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        params = {"id": report.id, "lon": 106.8, "lat": -6.2, "reach_m": 300, **more}
        cursor.execute(f"EXPLAIN {sql.statement(f'casework/{name}')}", params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert index in plan


def test_of_thousands_of_reports_those_near_one_are_found_by_their_tiles(city, submission):
    grid = [
        submission(
            external_id=f"{east} {up}",
            point=LonLat(MONAS.lon + east / 200, MONAS.lat + up / 200),
            submitted_at=NOON + (east * 40 + up) * MINUTE,
        )
        for east in range(50)
        for up in range(40)
    ]
    reports_intake.receive(grid, simulated=False)
    report = Report.objects.get(external_id="25 20")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reports_report")
    with CaptureQueriesContext(connection) as asked:
        ask(report)
    (statement,) = [one["sql"] for one in asked.captured_queries if one["sql"].startswith("-- near_reports")]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "report_tile" in plan and "Seq Scan on reports_report" not in plan
