"""What templates for citizens say: strings filled in, instants in the city's time, lengths of time."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.utils import formats

from casework.clock import reckoning

register = template.Library()
MINUTE, HOUR, DAY = 60, 3600, 86_400


@register.simple_tag
def fill(sentence: str, **values: object) -> str:
    """Return a string with its ``{names}`` filled in."""
    return sentence.format(**values)


@register.filter
def word(words: Mapping[str, str], key: object) -> str:
    """Return the string of a key that is put together: ``words|word:key``."""
    return words[str(key)]


@register.filter
def spoken(name: Mapping[str, str], language: str) -> str:
    """Return a name of ``{"id": ..., "en": ...}`` in a language."""
    return name[language]


@register.filter
def city_day(at: datetime | str) -> str:
    """Return the day of an instant in the city: ``14 Mei 2026``."""
    return formats.date_format(_there(at), "j F Y")


@register.filter
def city_time(at: datetime | str) -> str:
    """Return an instant in the city's time: ``14 Mei 2026, 12.00 WIB``."""
    return f"{formats.date_format(_there(at), 'j F Y, H.i')} WIB"


@register.filter
def deadline(at: datetime | str) -> str:
    """Return until when: that of a whole day ends at 24.00, and not at 0.00 of the next."""
    last = reckoning.ends(_there(at), ZoneInfo(settings.CITY_TIME_ZONE))
    return f"{formats.date_format(last, 'j F Y')}, 24.00 WIB" if last else city_time(at)


@register.filter
def iso(at: datetime | str) -> str:
    """Return an instant for machines."""
    return at if isinstance(at, str) else at.isoformat()


@register.simple_tag
def lasting(words: Mapping[str, str], seconds: float | None) -> str:
    """Return a length of time in its two largest parts: ``3 hari 4 jam``; nothing where there is none."""
    if seconds is None:
        return ""
    days, rest = divmod(max(0, round(seconds)), DAY)
    hours, minutes = rest // HOUR, rest % HOUR // MINUTE
    parts = [("day", days), ("hour", hours)] if days else [("hour", hours), ("minute", minutes)]
    told = [
        words[f"{unit}_{'one' if count == 1 else 'many'}"].format(count=count)
        for unit, count in parts
        if count
    ]
    return " ".join(told) or words["minute_many"].format(count=0)


@register.simple_tag
def between(words: Mapping[str, str], start: datetime, end: datetime) -> str:
    """Return how long it is from one instant to another, whichever comes first."""
    return lasting(words, abs((end - start).total_seconds()))


def _there(at: datetime | str) -> datetime:
    read = datetime.fromisoformat(at) if isinstance(at, str) else at
    return read.astimezone(ZoneInfo(settings.CITY_TIME_ZONE))
