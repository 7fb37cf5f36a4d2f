"""The compiled reading of COPY's binary form, beside what psycopg reads."""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from django.db import connection

from api.exports import binary

VALUES = {
    "bigint": [0, -1, 2**63 - 1, -(2**63), None],
    "double precision": [0.0, -0.0, 1.5e308, float("inf"), None],
    "boolean": [True, False, None, True, False],
    "timestamp with time zone": [
        datetime(2026, 5, 14, 5, 0, 0, 1, UTC),
        datetime(1999, 12, 31, 23, 59, 59, 999999, UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
        None,
    ],
    "date": [date(2000, 1, 1), date(1969, 12, 31), date(1, 1, 1), date(9999, 12, 31), None],
    "text": ["", "a", "漢字" * 1000, None, "\n\\."],
    "bytea": [b"", b"\x00\xff", b"a" * 70_000, None, b"\xff\xff"],
}


@pytest.mark.parametrize("type", VALUES)
def test_each_type_is_read_as_it_was_written(db, type):
    values = VALUES[type]
    with connection.cursor() as cursor:
        rows = []
        selected = f"SELECT n, value FROM unnest(%s::{type}[]) WITH ORDINALITY AS row (value, n)"
        with cursor.cursor.copy(f"COPY ({selected}) TO STDOUT (FORMAT binary)", [values]) as copy:
            while chunk := bytes(copy.read()):
                rows.append(chunk)
    rows[0] = rows[0][binary.SIGNATURE :]
    assert rows.pop() == binary.END
    numbers, found = binary.columns(rows, ["bigint", type])
    assert numbers.to_pylist() == [1, 2, 3, 4, 5]
    found.validate(full=True)
    assert found.to_pylist() == values
    assert pa.types.is_timestamp(found.type) == (type == "timestamp with time zone")


def test_no_rows_are_columns_of_none():
    assert [len(column) for column in binary.columns([], ["bigint", "text", "boolean"])] == [0, 0, 0]


def test_a_column_of_two_gigabytes_is_refused_and_not_cut(monkeypatch):
    monkeypatch.setattr(binary, "find", lambda content, starts, lengths: lengths.fill(2**31 - 1))
    with pytest.raises(OverflowError, match="more than a batch holds"):
        binary.columns([b"", b""], ["text"])
    assert np.iinfo(np.int32).max == 2**31 - 1
