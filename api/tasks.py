"""What the worker does for the API: each night the snapshot of all collections."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from geoplatform.errors import Conflict

logger = logging.getLogger(__name__)


@app.periodic(cron="37 19 * * *")  # 02:37 in the city, behind what is tidied
@app.task(queueing_lock="export", pass_context=False)
def export(timestamp: int) -> None:
    """Each day: write every collection in every form."""
    # Half a second of pyarrow and numba, which every process that knows the tasks would pay.
    from api.exports import snapshots

    try:
        snapshots.take(timezone.now())
    except Conflict as conflict:
        logger.info("%s", conflict)
