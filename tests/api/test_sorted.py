"""Pages in an order, put together, are the one list that SQL gives: nothing twice, and nothing left out."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from psycopg import sql as compose

from api import collections
from api.features import answers, paging
from layers import intake as layers_intake
from layers.record import Alert, Jam, LonLat, Poi, Snapshot
from reports import intake

NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
# In the order of texts 10 comes before 9, 1e-05 behind 100, and -1 behind 1.
NUMBERS = (9.0, 10.0, 100.0, 0.00001, 1234567.0, 2.0, 11.0, 8.5, 9.0, 10.0, 3.0)
MOST_ONE_BY_ONE = 50  # rows


@pytest.fixture
def layers(city, submission):
    """Store reports, some without a point; jams and alerts with numbers of every length; stations."""
    sent = [
        submission(
            str(n),
            category=("road", "flood", "tree")[n % 3],
            submitted_at=NOON + timedelta(days=n % 4, microseconds=7 * n),
            updated_at=NOON + timedelta(days=n),
            point=None if n % 5 == 0 else LonLat(106.7 + n / 100, -6.2 - n / 1000),
        )
        for n in range(20)
    ]
    intake.receive(sent, simulated=False)
    line = (LonLat(106.8, -6.2), LonLat(106.81, -6.21))
    jams = tuple(
        Jam(str(n), n % 5 + 1, number, int(number) or None, int(number) + 1, f"Jalan {n}", NOON, line, {})
        for n, number in enumerate(NUMBERS)
    )
    alerts = tuple(
        Alert(str(n), "hazard", "", f"Jalan {n}", "", n % 11 or None, NOON, LonLat(106.8, -6.2), {})
        for n in range(12)
    )
    pois = tuple(
        Poi(f"node/{n}", "fuel", f"SPBU {n}", "", LonLat(106.8, -6.2 + n / 100), {}) for n in range(12)
    )
    layers_intake.receive(
        [Snapshot("waze", NOON, jams=jams, alerts=alerts), Snapshot("overpass", NOON, pois=pois)],
        simulated=False,
    )


def walked(name, sortby, limit):
    """Return the ids of all pages."""
    ids, query = [], f"limit={limit}&sortby={sortby}&properties="
    following = None
    while True:
        after = f"&after={paging.written(following)}" if following else ""
        wanted = answers.question(name, query + after)
        found = answers.find(wanted)
        ids += [json.loads(body)["id"] for body in found.bodies]
        following = found.following
        if following is None or len(ids) > 1_000:
            return ids


def listed(name, column, direction):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT id FROM analyst.{name} ORDER BY "{column}" {direction} NULLS LAST, id')
        return [id for (id,) in cursor.fetchall()]


@pytest.mark.parametrize(("sign", "direction"), [("", "ASC"), ("-", "DESC")])
@pytest.mark.parametrize("limit", [1, 7])
def test_the_pages_by_any_column_are_the_list_that_sql_gives(layers, limit, sign, direction):
    for name, collection in collections.catalogue().items():
        for column in ("id", *collection.columns):
            expected = listed(name, column, direction)
            if limit > 1 or len(expected) <= MOST_ONE_BY_ONE:
                assert (name, column, walked(name, sign + column, limit)) == (name, column, expected)


def test_the_largest_comes_first_and_not_the_one_that_is_written_last(layers, client):
    answer = client.get("/api/collections/kecamatan/items?limit=1000&sortby=-area_km2").json()
    areas = [feature["properties"]["area_km2"] for feature in answer["features"]]
    assert areas == sorted(areas, reverse=True)


@pytest.mark.parametrize("column", sorted(collections.INDEXED["reports"]))
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_page_by_a_time_is_a_range_of_its_index_however_deep(layers, column, sign):
    """No plan sorts the table, nor walks the index from its beginning."""
    first = answers.find(answers.question("reports", f"limit=3&sortby={sign}{column}&properties="))
    deep = answers.question(
        "reports", f"limit=3&sortby={sign}{column}&properties=&after={paging.written(first.following)}"
    )
    plans: list[str] = []

    def explain(execute, sql, params, many, context):
        if "ORDER BY" in str(sql):
            with connection.connection.cursor() as cursor:
                # Of twenty rows any plan is as good.
                for way in ("seqscan", "bitmapscan", "sort"):
                    cursor.execute(
                        compose.SQL("SET LOCAL {} = off").format(compose.Identifier(f"enable_{way}"))
                    )
                cursor.execute(compose.SQL("EXPLAIN {}").format(sql), params)
                plans.append("\n".join(line for (line,) in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        answers.find(deep)
    (plan,) = plans
    index = {"submitted_at": "report_by_submitted", "updated_at": "report_by_updated"}[column]
    assert f"{index} on" in plan and "Presorted Key" in plan
    assert f"Index Cond: ({column} {'<=' if sign else '>='}" in plan


def test_the_columns_that_are_called_never_null_are(city):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname::text FROM pg_attribute"
            " WHERE attrelid = 'reports_report'::regclass AND attnotnull"
        )
        assert collections.INDEXED["reports"] <= {name for (name,) in cursor.fetchall()}
