"""What a drill makes work of: fresh reports, cases that are overdue, answers to be sent."""

from datetime import UTC, datetime, timedelta
from itertools import count

from drills.stage import Stage

AGO = timedelta(hours=40)  # behind the 24 hours in which a case is to be answered
EACH = 5
CORNER = (106.80, -6.25)
_numbers = count(1)


def nothing(play: Stage) -> None:
    """Make nothing: there is enough."""


def news(play: Stage) -> None:
    """Let time pass in the city: its feeds have something new."""
    play.city.goes_on()


def reports(play: Stage) -> None:
    """Store reports of which nothing followed yet."""
    from layers.record import LonLat
    from reports import intake
    from reports.record import Submission

    lon, lat = CORNER
    now = datetime.now(UTC)
    made = [
        Submission(
            "drill", str(number), "road", f"[SIMULASI] lubang {number}", now, now,
            LonLat(lon + number % 17 / 200, lat + number % 13 / 200),
        )
        for number in (next(_numbers) for _ in range(EACH))
    ]  # fmt: skip
    intake.receive(made, simulated=True)


def overdue(play: Stage) -> None:
    """Store reports whose cases are overdue: opened as of two days ago."""
    from django.db import transaction

    from casework.routing import turns
    from casework.steps import workflow

    with transaction.atomic():  # no worker opens them meanwhile
        reports(play)
        workflow.collect(datetime.now(UTC) - AGO)
        turns.begin()


def escalated(play: Stage) -> None:
    """Put down notices that are to be sent."""
    from casework.escalation import runs

    overdue(play)
    runs.escalate(datetime.now(UTC))


def answers(play: Stage) -> None:
    """Put down answers to citizens who spoke on a channel that takes them."""
    from reports import outbox
    from reports.models import Report

    now = datetime.now(UTC)
    for report in Report.objects.filter(channel="lapor").order_by("-id")[:EACH]:
        outbox.put(report, outbox.ANSWER, by="Kelurahan", at=now, text="[SIMULASI] sedang dikerjakan")
