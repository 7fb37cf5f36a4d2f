from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from django.db import connection, transaction

from geoplatform import sql
from layers import intake, models, revisions
from layers.layer import catalogue
from layers.models import Alert, Irregularity, Jam, Poi
from layers.record import LonLat, Snapshot
from layers.traffic import ALERTS

NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
T1, T2, T3, T4 = (NOON + timedelta(minutes=2 * i) for i in range(4))
TABLES = (models.Alert, models.Jam, models.Irregularity, models.Poi, models.Snapshot)
LAYERS = ("alerts", "hospitals", "irregularities", "jams", "petrol_stations", "restaurants")


def seen(table):
    """Return who was seen when: identity, first, last, closed; in order."""
    fields = ("external_id", "first_at", "last_at", "closed_at")
    return sorted(table.objects.values_list(*fields), key=lambda row: (row[0], row[1]))


def state():
    """Return every row of every table, without the ids."""
    rows = {}
    for table in TABLES:
        fields = [f.attname for f in table._meta.concrete_fields if f.name != "id"]
        found = (
            [str(bytes(v) if isinstance(v, memoryview) else v) for v in row]
            for row in table.objects.values_list(*fields)
        )
        rows[table.__name__] = sorted(found)
    return rows


def current():
    return {name: revisions.current(name) for name in LAYERS}


@pytest.fixture
def touched(db):
    """Say which layers a batch of snapshots touched."""

    def run(*snapshots):
        before = current()
        intake.receive(snapshots, simulated=False)
        return {name for name, revision in current().items() if revision > before[name]}

    return run


@pytest.fixture
def four(alert, jam, irregularity, poi):
    """Four snapshots: one alert stays, one goes and comes back, one is new; a jam grows and shrinks again."""
    stays, pauses, late = alert("stays"), alert("pauses"), alert("late", type="ACCIDENT")
    slow, slower = jam("jam", level=3), jam("jam", level=4, speed_kmh=4.0)
    return (
        Snapshot("waze", T1, alerts=(stays, pauses), jams=(slow,), pois=(poi("shop"),)),
        Snapshot("waze", T2, alerts=(stays,), jams=(slower,), irregularities=(irregularity(),)),
        Snapshot("waze", T3, alerts=(stays, pauses), jams=(slower,), pois=(poi("shop", name="Lain"),)),
        Snapshot("waze", T4, alerts=(stays, late), jams=(slow,)),
    )


@pytest.fixture
def in_order(db, four):
    """Return the rows that the four snapshots end with, received in order and once; then forget them."""
    with transaction.atomic():
        intake.receive(four, simulated=False)
        rows = state()
        transaction.set_rollback(True)
    return rows


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=lambda order: "".join(map(str, order)))
def test_four_snapshots_in_any_order_end_with_the_same_rows(in_order, four, order):
    intake.receive([four[i] for i in order], simulated=False)
    assert state() == in_order


@pytest.mark.parametrize("seed", range(12))
def test_four_snapshots_repeated_in_any_order_end_with_the_same_rows(in_order, four, seed):
    dice = Random(seed)
    order = [0, 1, 2, 3, *dice.choices(range(4), k=6)]
    dice.shuffle(order)
    for i in order:
        intake.receive([four[i]], simulated=False)
    assert state() == in_order


def test_what_is_gone_is_closed_at_the_first_snapshot_that_lacks_it(db, alert):
    intake.receive(
        [
            Snapshot("waze", T1, alerts=(alert("gone"),)),
            Snapshot("waze", T2),
            Snapshot("waze", T3),
        ],
        simulated=False,
    )
    assert seen(Alert) == [("gone", T1, T1, T2)]


def test_what_the_newest_snapshot_holds_is_open(db, alert):
    intake.receive([Snapshot("waze", at, alerts=(alert("here"),)) for at in (T1, T2)], simulated=False)
    assert seen(Alert) == [("here", T1, T2, None)]


def test_what_comes_back_is_open_again(db, alert):
    back = alert("back")
    intake.receive(
        [Snapshot("waze", T1, alerts=(back,)), Snapshot("waze", T2), Snapshot("waze", T3, alerts=(back,))],
        simulated=False,
    )
    assert seen(Alert) == [("back", T1, T3, None)]


def test_a_jam_that_changes_its_level_gets_a_new_version_and_the_former_is_closed(db, jam):
    intake.receive(
        [
            Snapshot("waze", T1, jams=(jam("jam", level=2),)),
            Snapshot("waze", T2, jams=(jam("jam", level=4),)),
        ],
        simulated=False,
    )
    assert seen(Jam) == [("jam", T1, T1, T2), ("jam", T2, T2, None)]
    assert list(Jam.objects.order_by("first_at").values_list("level", flat=True)) == [2, 4]


def test_history_is_kept_when_all_is_gone(db, four):
    intake.receive([*four, Snapshot("waze", T4 + timedelta(minutes=2))], simulated=False)
    assert [table.objects.count() for table in (Alert, Jam, Irregularity, Poi)] == [3, 2, 1, 2]
    assert not any(t.objects.filter(closed_at=None).exists() for t in (Alert, Jam, Irregularity, Poi))


def test_a_late_snapshot_moves_the_time_of_closing_to_itself(db, alert):
    intake.receive([Snapshot("waze", T1, alerts=(alert(),)), Snapshot("waze", T3)], simulated=False)
    intake.receive([Snapshot("waze", T2)], simulated=False)
    assert seen(Alert) == [("alert-1", T1, T1, T2)]


def test_a_late_snapshot_closes_its_own_versions_at_the_next_one(db, alert):
    intake.receive([Snapshot("waze", T1), Snapshot("waze", T3)], simulated=False)
    intake.receive([Snapshot("waze", T2, alerts=(alert(),))], simulated=False)
    assert seen(Alert) == [("alert-1", T2, T2, T3)]


def test_a_feed_closes_nothing_of_another(db, alert, poi):
    intake.receive(
        [
            Snapshot("overpass", T1, pois=(poi(),)),
            Snapshot("waze", T1, alerts=(alert(),)),
            Snapshot("other", T2, alerts=(alert(),)),
            Snapshot("other", T3),
        ],
        simulated=False,
    )
    assert seen(Poi) == [("node/1", T1, T1, None)]
    assert list(Alert.objects.filter(closed_at=None).values_list("feed", flat=True)) == ["waze"]


def test_a_thing_named_twice_in_one_snapshot_is_one_row(db, alert):
    intake.receive([Snapshot("waze", T1, alerts=(alert(), alert()))], simulated=False)
    assert seen(Alert) == [("alert-1", T1, T1, None)]


def test_what_was_sent_is_what_is_stored(db, jam):
    sent = jam(speed_kmh=None, delay_s=None, attributes={"city": "Jakarta", "deep": {"list": [1, None]}})
    intake.receive([Snapshot("waze", T1, jams=(sent,))], simulated=True)
    row = Jam.objects.get()
    assert row.simulated
    assert (row.speed_kmh, row.delay_s, row.level, row.street) == (None, None, sent.level, sent.street)
    assert (row.attributes, row.reported_at) == (sent.attributes, sent.reported_at)
    assert tuple(LonLat(*vertex) for vertex in row.line.coords) == sent.line


@pytest.mark.parametrize(
    "point", [LonLat(1e-7, -1e-7), LonLat(106.82720000000001, -6.1754), LonLat(180.0, -90.0)]
)
def test_a_position_is_stored_to_the_last_bit(db, alert, point):
    intake.receive([Snapshot("waze", T1, alerts=(alert(point=point),))], simulated=False)
    assert Alert.objects.get().point.coords == tuple(point)


def test_it_says_how_many_are_new_and_how_many_changed(db, four):
    counts = [intake.receive([snapshot], simulated=False) for snapshot in four]
    assert [(count.new, count.changed) for count in counts] == [(4, 0), (2, 3), (1, 2), (1, 4)]


def test_a_snapshot_that_comes_twice_changes_nothing(db, four):
    intake.receive(four, simulated=False)
    again = intake.receive(four, simulated=False)
    assert (again.new, again.changed) == (0, 0)


def test_a_broken_snapshot_leaves_the_others_whole_and_itself_out(db, alert, jam):
    broken = replace(jam(), line=(LonLat(106.8, -6.2),))
    first, second = (
        Snapshot("waze", T1, alerts=(alert(),)),
        Snapshot("waze", T2, alerts=(alert("other"),), jams=(broken,)),
    )
    with pytest.raises(Exception, match="geometry requires more points"), transaction.atomic():
        intake.receive([second], simulated=False)
    intake.receive([first], simulated=False)
    assert seen(Alert) == [("alert-1", T1, T1, None)]


def test_a_new_alert_touches_its_layer_alone(touched, alert):
    assert touched(Snapshot("waze", T1, alerts=(alert(),))) == {"alerts"}


def test_a_new_place_touches_the_layers_of_places(touched, poi):
    assert touched(Snapshot("overpass", T1, pois=(poi(),))) == {"hospitals", "petrol_stations", "restaurants"}


def test_every_kind_of_thing_is_shown_by_a_layer_of_its_own_statement():
    shown = {(layer.rows, layer.statement) for layer in catalogue().values() if layer.rows}
    assert shown == {(kind, f"layers/{kind}_tile") for kind in intake.KINDS}


def test_a_layer_over_the_same_rows_under_another_statement_is_touched_with_them(touched, alert, monkeypatch):
    cameras = replace(ALERTS, name="speed_cameras", statement="layers/speed_cameras_tile")
    known = catalogue() | {cameras.name: cameras}
    monkeypatch.setattr(intake, "catalogue", lambda: known)
    before = revisions.current("speed_cameras")
    assert touched(Snapshot("waze", T1, alerts=(alert(),))) == {"alerts"}
    assert revisions.current("speed_cameras") == before + 1


def test_a_snapshot_without_news_touches_nothing(touched, alert, jam):
    same = {"alerts": (alert(),), "jams": (jam(),)}
    touched(Snapshot("waze", T1, **same))
    assert touched(Snapshot("waze", T2, **same)) == set()


def test_an_empty_feed_touches_nothing(touched):
    assert touched(Snapshot("waze", T1)) == set()


def test_what_is_gone_touches_its_layer(touched, alert, jam):
    touched(Snapshot("waze", T1, alerts=(alert(),), jams=(jam(),)))
    assert touched(Snapshot("waze", T2, alerts=(alert(),))) == {"jams"}


def test_what_comes_back_touches_its_layer(touched, alert):
    touched(Snapshot("waze", T1, alerts=(alert(),)), Snapshot("waze", T2))
    assert touched(Snapshot("waze", T3, alerts=(alert(),))) == {"alerts"}


def test_a_late_snapshot_touches_nothing_for_the_newest_one_alone_is_shown(touched, alert, jam):
    touched(Snapshot("waze", T1, alerts=(alert(),)), Snapshot("waze", T3))
    assert touched(Snapshot("waze", T2, jams=(jam(),))) == set()
    assert seen(Jam) == [("jam-1", T2, T2, T3)]


def test_closing_looks_things_up_however_long_the_history(db, alert):
    intake.receive([Snapshot("waze", T1, alerts=(alert(),))], simulated=False)
    with connection.cursor() as cursor:
        # Four weeks of polls, and as many things that have gone.
        cursor.execute(
            "INSERT INTO layers_snapshot (feed, taken_at)"
            " SELECT 'waze', %s - n * interval '2 minutes' FROM generate_series(1, 20000) AS n",
            [T1],
        )
        cursor.execute(
            "INSERT INTO layers_alert (feed, external_id, digest, first_at, last_at, closed_at, attributes,"
            " simulated, type, subtype, street, description, reported_at, point)"
            " SELECT feed, n::text, digest, first_at - n * interval '2 minutes',"
            " last_at - n * interval '2 minutes', last_at - (n - 1) * interval '2 minutes', attributes,"
            " simulated, type, subtype, street, description, reported_at, point"
            " FROM layers_alert, generate_series(1, 20000) AS n",
        )
        # Else the plan is that of the rows which whoever looked last has found there.
        cursor.execute("ANALYZE layers_snapshot, layers_alert")
        cursor.execute(f"EXPLAIN {sql.statement('layers/close')}", {"feed": "waze", "taken_at": T2})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "using snapshot_identity" in plan
    assert "alert_closed" in plan
    assert "Seq Scan on layers_snapshot" not in plan
    assert "Seq Scan on layers_alert" not in plan
