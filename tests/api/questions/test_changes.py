import csv
import io

import pytest

from api.questions import intervals

SPAN = "by=kelurahan&from=2026-04-01&to=2026-04-20"


def changes(client, query):
    response = client.get(f"/api/changes?{query}")
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [("", "2026-03-12", "2026-03-31"), ("&before=2026-03-03", "2026-03-03", "2026-03-22")],
)
def test_each_area_has_its_reports_of_two_spans_that_are_as_long(client, mixed, said, query, first, last):
    answer = changes(client, SPAN + query)
    truth = (
        "SELECT kelurahan, count(*) FROM analyst.reports WHERE kelurahan IS NOT NULL"
        " AND (submitted_at AT TIME ZONE 'Asia/Jakarta')::date BETWEEN %(first)s AND %(last)s GROUP BY 1"
    )
    now = dict(said(truth, first="2026-04-01", last="2026-04-20"))
    before = dict(said(truth, first=first, last=last))
    assert answer["before"] == {"from": first, "to": last}
    assert now and before
    assert len(answer["areas"]) == 267
    for row in answer["areas"]:
        assert (row["count"], row["before"]) == (now.get(row["code"], 0), before.get(row["code"], 0))
        assert row["change"] == row["count"] - row["before"]
        assert row["low"] <= row["change"] <= row["high"]


def test_filters_and_csv_are_those_of_the_other_questions(client, mixed):
    some, everything = (changes(client, SPAN + query) for query in ("&category=road", ""))
    total = [sum(row["count"] for row in answer["areas"]) for answer in (some, everything)]
    assert 0 < total[0] < total[1]
    rows = list(csv.DictReader(io.StringIO(client.get(f"/api/changes?{SPAN}&f=csv").content.decode())))
    assert [int(row["count"]) for row in rows] == [row["count"] for row in everything["areas"]]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("by=kota", "from"),
        ("by=kota&from=2026-04-01", "to"),
        ("by=kota&from=2026-04-01&to=2026-04-20&before=2026-04-01", "2026-04-01"),
        ("by=kota&from=2026-04-01&to=2026-04-20&before=x", "'x'"),
        ("by=street&from=2026-04-01&to=2026-04-20", "'street'"),
    ],
)
def test_what_cannot_be_compared_is_named(client, city, query, named):
    answer = client.get(f"/api/changes?{query}")
    assert answer.status_code == 400
    assert named in answer.json()["detail"]


def test_an_interval_holds_zero_unless_the_change_is_hardly_chance():
    assert intervals.difference(3, 1)[0] < 0
    assert intervals.difference(30, 10)[0] > 0
    assert intervals.difference(10, 30)[1] < 0


def test_an_interval_is_the_same_both_ways_and_known_at_zero():
    low, high = intervals.difference(12, 5)
    assert intervals.difference(5, 12) == pytest.approx((-high, -low))
    # The score limits of nothing: from 0 to the square of the normal quantile.
    assert intervals.score_limits(0) == pytest.approx((0, 3.8415), abs=1e-3)


def test_large_counts_have_the_interval_of_a_bell_curve():
    low, high = intervals.difference(10_000, 9_000)
    reach = 1.96 * 19_000**0.5
    assert (low, high) == pytest.approx((1_000 - reach, 1_000 + reach), rel=0.01)
