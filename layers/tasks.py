"""What the worker does for traffic: each night it makes the partitions of the months that come."""

from django.utils import timezone
from procrastinate.contrib.django import app

from layers import partitions


@app.periodic(cron="47 19 * * *")  # 02:47 in the city, behind what is exported
@app.task(queueing_lock="months", pass_context=False)
def months(timestamp: int) -> None:
    """Each day: make the months that come, and those that rows wait for."""
    partitions.make_months(timezone.now())
