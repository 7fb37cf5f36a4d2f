"""Python runs this in each process that has its folder in PYTHONPATH: the process's clock goes by a dial.

libfaketime 0.9.10 would do it for any program, but the waits of Python 3.11 fail under it (EINVAL).
"""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from django.utils import timezone

DIAL = Path(os.environ["GEOPLATFORM_DRILL_DIAL"])
rightly = time.time


def jumped() -> float:
    """Return the time of day, by as many seconds wrong as the dial says."""
    return rightly() + float(DIAL.read_text())


def now() -> datetime:
    """Return it as Django does."""
    return datetime.fromtimestamp(jumped(), UTC)


time.time, timezone.now = jumped, now
