"""Words with values filled in, and dates in the city's time, for the pages of citizens."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.utils import formats

register = template.Library()


@register.simple_tag
def filled(text: str, **values: object) -> str:
    """Return a string with its ``{names}`` filled in."""
    return text.format(**values)


@register.filter
def city_date(at: datetime) -> str:
    """Return the day of an instant in the city, as the language of the page writes it."""
    return formats.date_format(at.astimezone(ZoneInfo(settings.CITY_TIME_ZONE)), "j F Y")
