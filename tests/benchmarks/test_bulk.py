"""The benchmark of bulk lays the same traffic down in one table and in partitions."""

import pytest
from django.db import connection

from benchmarks import bulk

MONTHS = "SELECT count(*), count(DISTINCT date_trunc('month', reported_at)), count(closed_at) FROM {}"


@pytest.mark.parametrize("table", ["layers_plain", "layers_jam"])
def test_jams_are_laid_down_over_six_months_and_one_more_by_one(city, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(bulk.PLAIN)
        cursor.execute(bulk.FILL.format(table=table), {"first": 1, "last": 600, "rows": 620})
        cursor.execute(bulk.ONE.format(table=table), {"number": 601, "rows": 620})
        cursor.execute(MONTHS.format(table))
        assert cursor.fetchone() == (601, 6, 600)  # of each 500 one is not over yet
