"""Options that several commands read."""

from argparse import ArgumentTypeError
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def day(text: str) -> date:
    """Read a date (YYYY-MM-DD)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date (YYYY-MM-DD)") from None


def instant(text: str) -> datetime:
    """Read an instant (ISO 8601); where it names no offset it is the city's time."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no time (ISO 8601)") from None
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(settings.CITY_TIME_ZONE))
