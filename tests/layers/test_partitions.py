"""Traffic in a partition for each month: where rows lie, what is released, and that a table loses none."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from geoplatform import sql
from layers import intake, partitions
from layers.migrations._partitions import SPLIT
from layers.models import Jam
from layers.record import Snapshot

MAY = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
JUNE, JULY = datetime(2026, 6, 20, 5, 0, tzinfo=UTC), datetime(2026, 7, 2, 5, 0, tzinfo=UTC)
TWO_MINUTES = timedelta(minutes=2)


def lies_in() -> dict[str, str]:
    """Say in which table each jam lies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT external_id, tableoid::regclass::text FROM layers_jam")
        return dict(cursor.fetchall())


def rows(table: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        return cursor.fetchall()


@pytest.fixture
def receive(db, jam):
    """Receive a snapshot of jams by their ids, each with the time of its report."""

    def take(taken_at: datetime, **reported_at: datetime) -> None:
        jams = tuple(jam(name, reported_at=at) for name, at in reported_at.items())
        intake.receive([Snapshot("waze", taken_at, jams=jams)], simulated=False)

    return take


def test_a_jam_lies_in_the_month_of_its_report(receive):
    partitions.make_months(MAY)
    receive(JUNE, old=MAY, new=JUNE)
    assert lies_in() == {"old": "layers_jam_2026_05", "new": "layers_jam_2026_06"}


@pytest.mark.parametrize("edge", ["2026-05-01T00:00:00+00:00", "2026-05-31T23:59:59.999999+00:00"])
def test_a_month_has_its_first_and_its_last_instant(receive, edge):
    partitions.make_months(MAY)
    receive(JUNE, edge=datetime.fromisoformat(edge))
    assert lies_in() == {"edge": "layers_jam_2026_05"}


def test_what_no_month_was_made_for_is_stored_all_the_same_and_moved_when_it_is(receive):
    receive(MAY, early=MAY)
    before = rows("layers_jam")
    assert lies_in() == {"early": "layers_jam_rest"}
    partitions.make_months(JULY)
    assert lies_in() == {"early": "layers_jam_2026_05"}
    assert rows("layers_jam") == before


def test_months_are_made_once_for_the_one_that_is_and_two_that_come(db):
    at = MAY.replace(year=2041)  # of which no other test makes any
    assert partitions.make_months(at) == 9
    assert partitions.make_months(at) == 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT since, until FROM layers_partition"
            " WHERE parent = 'layers_jam' AND NOT is_rest AND since >= '2041-01-01' ORDER BY since"
        )
        made = cursor.fetchall()
    assert made == [(partitions.month(at, later), partitions.month(at, later + 1)) for later in range(3)]


@pytest.mark.parametrize(
    ("at", "later", "begins"),
    [
        ("2026-12-31T23:59:59+00:00", 0, "2026-12-01"),
        ("2026-12-31T23:59:59+00:00", 1, "2027-01-01"),
        ("2026-01-01T06:59:59+07:00", 0, "2025-12-01"),
        ("2026-01-15T00:00:00+00:00", -13, "2024-12-01"),
    ],
)
def test_months_are_those_of_utc(at, later, begins):
    month = partitions.month(datetime.fromisoformat(at), later)
    assert month == datetime.fromisoformat(f"{begins}T00:00:00+00:00")


def test_a_version_that_is_seen_again_in_another_month_stays_one_row(receive):
    partitions.make_months(MAY)
    receive(MAY, jam=MAY)
    receive(JUNE, jam=MAY)
    assert list(Jam.objects.values_list("first_at", "last_at", "closed_at")) == [(MAY, JUNE, None)]


def test_a_released_month_keeps_in_the_table_what_is_on_the_map_or_has_just_left_it(receive):
    partitions.make_months(MAY)
    receive(MAY, gone=MAY, lately=MAY, open=MAY)
    receive(MAY + TWO_MINUTES, lately=MAY, open=MAY)
    receive(JUNE, open=MAY)
    before = rows("layers_jam")
    assert partitions.release(partitions.month(JUNE)) == [
        "layers_alert_2026_05", "layers_irregularity_2026_05", "layers_jam_2026_05"
    ]  # fmt: skip
    assert lies_in() == {"lately": "layers_jam_rest", "open": "layers_jam_rest"}
    after = [*rows("layers_jam"), *rows("detached.layers_jam_2026_05")]
    assert sorted(after) == sorted(before)


def test_what_stayed_of_a_released_month_is_released_when_it_is_gone(receive):
    partitions.make_months(MAY)
    receive(MAY, closure=MAY)
    partitions.release(partitions.month(JULY))
    assert lies_in() == {"closure": "layers_jam_rest"}
    receive(JUNE)
    partitions.make_months(JULY, since=partitions.month(JULY))
    assert partitions.release(partitions.month(JULY)) == ["layers_jam_rest"]
    assert lies_in() == {}
    assert [row[2] for row in rows("detached.layers_jam_rest")] == ["closure"]


def test_a_month_that_comes_again_waits_until_the_former_is_archived(receive):
    partitions.make_months(MAY)
    receive(MAY, first=MAY)
    receive(MAY + TWO_MINUTES)
    assert "layers_jam_2026_05" in partitions.release(partitions.month(JUNE))
    receive(MAY + 2 * TWO_MINUTES, second=MAY + TWO_MINUTES)
    receive(MAY + 3 * TWO_MINUTES)
    partitions.make_months(JUNE)
    assert partitions.release(partitions.month(JUNE)) == []
    assert lies_in() == {"second": "layers_jam_2026_05"}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT layers_detach('layers_jam', 'layers_jam_2026_05', '2026-05-31')",
        "SELECT layers_detach('layers_jam', 'layers_jam_rest', '2027-01-01')",
        "SELECT layers_detach('layers_alert', 'layers_jam_2026_05', '2027-01-01')",
    ],
    ids=["not over", "the rest", "of another table"],
)
def test_only_a_month_that_is_over_is_detached(db, statement):
    partitions.make_months(MAY)
    refused = pytest.raises(DatabaseError, match="has not ended before")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_is_detached_is_not_dropped_while_a_row_of_it_is_archived_nowhere(receive):
    partitions.make_months(MAY)
    receive(MAY, jam=MAY)
    receive(MAY + TWO_MINUTES)
    partitions.release(partitions.month(JUNE))
    raises = pytest.raises(DatabaseError, match="has 1 rows, 0 are archived")
    with raises as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT layers_drop('layers_jam_2026_05', 0)")
    assert isinstance(refused.value.__cause__, psycopg.errors.RestrictViolation)
    assert len(rows("detached.layers_jam_2026_05")) == 1


PROBE = """
CREATE TABLE layers_probe (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, feed text NOT NULL, external_id text NOT NULL,
    digest bytea NOT NULL, reported_at timestamptz NOT NULL, closed_at timestamptz,
    doubled bigint GENERATED ALWAYS AS (id * 2) STORED,
    CONSTRAINT probe_identity UNIQUE (feed, external_id, digest)
);
CREATE INDEX probe_open ON layers_probe (reported_at) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX probe_key ON layers_probe (id, reported_at);
CREATE UNIQUE INDEX probe_version ON layers_probe (feed, external_id, digest, reported_at);
"""
FILL = """
INSERT INTO layers_probe (feed, external_id, digest, reported_at)
SELECT 'waze', number::text, '\\x00', timestamptz '2026-05-01' + number * interval '1 day'
FROM generate_series(1, 40) AS number
"""


@pytest.fixture
def probe(db):
    """Make a table as those of traffic were, and what splits it."""
    with connection.cursor() as cursor:
        cursor.execute(PROBE)
        cursor.execute(SPLIT)
        yield cursor


def test_a_table_with_rows_becomes_the_partition_of_all_before_and_no_row_is_written(probe):
    probe.execute(FILL)
    probe.execute("SELECT ctid::text, * FROM layers_probe ORDER BY id")
    before = probe.fetchall()
    probe.execute(
        "ALTER TABLE layers_probe ADD CONSTRAINT layers_probe_ends CHECK (reported_at < '2026-08-01')"
    )
    probe.execute("SELECT layers_split('layers_probe', 'probe', '2026-08-01')")
    probe.execute("SELECT ctid::text, * FROM layers_probe ORDER BY id")
    assert probe.fetchall() == before
    probe.execute("SELECT name, until FROM layers_partition WHERE parent = 'layers_probe' ORDER BY name")
    ends = datetime(2026, 8, 1, tzinfo=UTC)
    assert probe.fetchall() == [("layers_probe_before", ends), ("layers_probe_rest", None)]
    probe.execute(
        "SELECT DISTINCT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'layers_probe'::regclass"
    )
    assert {name for (name,) in probe.fetchall()} == {"layers_probe_pkey", "probe_identity", "probe_open"}


def test_a_table_without_rows_becomes_the_rest_and_numbers_go_on_where_they_were(probe):
    probe.execute(FILL)
    probe.execute("DELETE FROM layers_probe")
    probe.execute("SELECT layers_split('layers_probe', 'probe', NULL)")
    probe.execute(FILL)
    probe.execute("SELECT min(id), max(id), min(doubled), min(tableoid::regclass::text) FROM layers_probe")
    assert probe.fetchall() == [(41, 80, 82, "layers_probe_rest")]


def test_the_tile_of_what_is_open_asks_every_month_by_its_index_of_what_is_open(receive):
    partitions.make_months(MAY)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT FROM layers_jam"
            " WHERE closed_at IS NULL AND line && ST_MakeEnvelope(106, -7, 107, -6, 4326)"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert plan.count("_line_idx") == 3, plan
    assert "Seq Scan" not in plan


def test_the_statement_that_looks_for_months_of_the_rest_tells_those_from_an_instant_on(receive):
    receive(JULY, may=MAY, june=JUNE)
    asked = {"at": JULY, "since": partitions.month(JUNE)}
    assert sql.rows("layers/rest_months", asked) == [("layers_jam", partitions.month(JUNE))]
