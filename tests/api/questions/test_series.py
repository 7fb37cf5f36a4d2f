import csv
import io

import pytest

from api.questions import tables

LOCAL = "submitted_at AT TIME ZONE 'Asia/Jakarta'"


def series(client, query):
    response = client.get(f"/api/series?{query}")
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.parametrize(("step", "steps"), [("day", 80), ("week", 12), ("month", 4), ("year", 1)])
def test_each_step_has_its_reports_and_those_without_any_are_zeros(client, mixed, said, step, steps):
    rows = series(client, f"step={step}&from=2026-02-27&to=2026-05-17")["series"]
    truth = {
        start: count
        for start, count in said(
            f"SELECT to_char(date_trunc('{step}', {LOCAL}), 'YYYY-MM-DD'), count(*)"
            " FROM analyst.reports GROUP BY 1"
        )
    }
    assert len(rows) == steps
    assert {row["start"]: row["count"] for row in rows if row["count"]} == truth
    assert sum(row["days"] for row in rows) == 80
    assert [row["start"] for row in rows] == sorted(row["start"] for row in rows)


def test_hours_are_those_of_the_city(client, mixed, said):
    rows = series(client, "step=hour&from=2026-03-02&to=2026-04-01&split=category")["series"]
    truth = said(
        f"SELECT to_char(date_trunc('hour', {LOCAL}), 'YYYY-MM-DD\"T\"HH24:MI:SS+07:00'), category, count(*)"
        f" FROM analyst.reports WHERE ({LOCAL})::date <= '2026-04-01' GROUP BY 1, 2"
    )
    assert len(rows) == 31 * 24
    found = [
        (row["start"], name.removeprefix("count_"), value)
        for row in rows
        for name, value in row.items()
        if name.startswith("count_") and value
    ]
    assert sorted(found) == sorted(truth)
    assert sum(row["count"] for row in rows) == sum(count for _, _, count in truth)


def test_a_split_by_words_adds_up_to_the_whole(client, mixed):
    rows = series(client, "step=month&from=2026-03-01&to=2026-05-31&split=status")["series"]
    for row in rows:
        assert row["count"] == sum(value for name, value in row.items() if name.startswith("count_"))
    assert sum(row["count"] for row in rows) > 100


def test_filters_are_those_of_the_tiles(client, mixed, said):
    query = "step=month&from=2026-03-01&to=2026-05-31&category=tree&kelurahan=31.71.01.1001&status=waiting"
    rows = series(client, query)["series"]
    ((count,),) = said(
        "SELECT count(*) FROM analyst.reports"
        " WHERE category = 'tree' AND status = 'waiting' AND kelurahan = '31.71.01.1001'"
    )
    assert sum(row["count"] for row in rows) == count


def test_a_step_that_the_span_cuts_says_how_many_days_of_it_are_counted(client, city):
    rows = series(client, "step=week&from=2026-05-13&to=2026-05-26")["series"]
    assert [(row["start"], row["days"]) for row in rows] == [
        ("2026-05-11", 5),
        ("2026-05-18", 7),
        ("2026-05-25", 2),
    ]


@pytest.mark.parametrize(
    ("step", "steps"), [("day", 30), ("week", 26), ("month", 24), ("year", 10), ("hour", 48)]
)
def test_without_a_span_the_steps_lead_up_to_today(client, city, monkeypatch, step, steps):
    rows = series(client, f"step={step}")["series"]
    assert len(rows) == steps


def test_a_csv_is_the_same_table(client, mixed):
    query = "step=week&from=2026-03-01&to=2026-05-20&split=status"
    rows = list(csv.DictReader(io.StringIO(client.get(f"/api/series?{query}&f=csv").content.decode())))
    expected = series(client, query)["series"]
    assert rows == [{name: str(value) for name, value in row.items()} for row in expected]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("step=minute", "step 'minute': known are hour, day, week, month, year"),
        ("step=hour&from=2026-01-01&to=2026-02-01", "at most 31 days"),
        ("step=day&from=1990-01-01&to=2026-02-01", "more than 4000 steps"),
        ("from=2026-05-02&to=2026-05-01", "from 2026-05-02 lies behind to 2026-05-01"),
        ("from=2199-01-01", "lies behind"),
        ("split=month", "split 'month': known are category"),
        ("to=yesterday", "to 'yesterday' is no date"),
    ],
)
def test_what_cannot_be_told_is_said_with_its_value(client, city, query, detail):
    response = client.get(f"/api/series?{query}")
    assert response.status_code == 400
    assert detail in response.json()["detail"]


@pytest.mark.parametrize("step", ["hour", "day"])
def test_more_columns_than_a_table_has_are_refused(client, mixed, monkeypatch, step):
    monkeypatch.setattr(tables, "MOST_LABELS", 3)
    response = client.get(f"/api/series?step={step}&from=2026-03-02&to=2026-04-01&split=category,status")
    assert response.status_code == 400
    assert "columns: at most 3 are shown" in response.json()["detail"]
