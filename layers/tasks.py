"""What the worker does for traffic: each night it makes months that come, and archives those that went."""

import logging

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from layers import partitions

logger = logging.getLogger(__name__)


@app.periodic(cron="47 19 * * *")  # 02:47 in the city, behind what is exported
@app.task(queueing_lock="months", pass_context=False)
def months(timestamp: int) -> None:
    """Each day: make the months that come; move those that are older than they are kept to the archive."""
    before = partitions.oldest(timezone.now())
    partitions.make_months(timezone.now(), before)
    if before is None:
        return
    if settings.ARCHIVE is None:
        logger.warning("GEOPLATFORM_TRAFFIC_MONTHS is set, GEOPLATFORM_ARCHIVE is not: all traffic is kept")
        return
    from layers import archive  # and with it pyarrow, which no other task needs

    partitions.release(before)
    archive.archive(settings.ARCHIVE)
