"""Reports of many kinds, days and places, some without a point; and what SQL says of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db import connection

from layers.record import LonLat
from reports import intake
from reports.record import DONE, IN_PROGRESS, WITHDRAWN, Update, Updates

FIRST = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)  # half past midnight of 2 March in Jakarta
CATEGORIES = ("road", "flood", "garbage", "tree")


@pytest.fixture
def mixed(city, submission) -> int:
    """Store 240 reports of 75 days; a tenth has no point, some are withdrawn, some lie outside."""
    dice = Random(11)
    sent = []
    for number in range(240):
        at = FIRST + timedelta(hours=dice.randrange(75 * 24))
        point = LonLat(dice.uniform(106.68, 106.98), dice.uniform(-6.38, -6.08))
        sent.append(
            submission(
                str(number),
                category=dice.choice(CATEGORIES),
                submitted_at=at,
                updated_at=at,
                point=None if number % 10 == 0 else point,
            )
        )
        status = dice.choice((None, IN_PROGRESS, DONE, WITHDRAWN))
        if status:
            sent.append(Updates("qlue", str(number), (Update(at + timedelta(hours=1), status, "", ""),)))
    intake.receive(sent, simulated=False)
    with connection.cursor() as cursor:
        # As a person would have placed some of those without a point.
        cursor.execute(
            "UPDATE reports_report SET kelurahan_code = '31.71.01.1001', placed_by = 'declared'"
            " WHERE point IS NULL AND id % 2 = 0"
        )
    return len(sent)


@pytest.fixture
def said(db) -> Callable[..., list[tuple]]:
    """Ask the view of the reports by SQL."""

    def ask(statement: str, **params: object) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall()

    return ask
