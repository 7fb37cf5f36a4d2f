"""Numbers, times and lengths as the reader writes them: in their language, in the city's time."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.utils import formats, translation
from django.utils.html import format_html
from django.utils.timezone import now

from casework.clock import reckoning
from console import bahasa

register = template.Library()
MINUTE, HOUR, DAY = 60, 3600, 86_400
COLOURS = {"waiting": "red", "in_progress": "yellow", "done": "green"}
UNITS = {"id": ("hari", "jam", "menit"), "en": ("d", "h", "min")}


@register.filter
def of(named: Mapping[str, Any], key: Any) -> Any:
    """Return what a mapping has under a key that is known only here; the key itself where it has nothing."""
    return named.get(str(key), key)


@register.simple_tag
def say(text: str, **values: Any) -> str:
    """Return a string of the words with its ``{names}`` filled in."""
    return text.format(**values)


@register.simple_tag
def word(words: Mapping[str, str], prefix: str, key: Any, fallback: str = "", **values: Any) -> str:
    """Return the string of a key that is known only here, such as ``step_`` and ``selected``, filled in."""
    return words.get(f"{prefix}{key}", fallback or str(key)).format(**values)


@register.filter
def in_words(text: str) -> str:
    """Return a source or reason that came with the project as it is read here; others as typed."""
    return (bahasa.said(text) if spoken() == "id" else None) or text


@register.simple_tag
def refused(words: Mapping[str, str], text: str) -> str:
    """Return what the API says, in the language of who reads; what it has in English alone is marked so."""
    if spoken() != "id":
        return text
    return bahasa.said(text, words) or format_html('<span lang="en">{}</span>', text)


@register.filter
def named(names: Mapping[str, str] | None) -> str:
    """Return the one of ``{"id": ..., "en": ...}`` that is read here."""
    return (names or {}).get(spoken(), "")


@register.filter
def name(row: Any) -> str:
    """Return the name of a row that has one in each language."""
    return str(getattr(row, f"name_{spoken()}", "")) if row else ""


@register.filter
def numbers(values: Iterable[int]) -> str:
    """Write numbers of reports: ``#12, #15``."""
    return ", ".join(f"#{value}" for value in values)


@register.filter
def degrees(value: float) -> str:
    """Write degrees to a decimetre, with a point: so that they can be pasted anywhere."""
    return f"{value:.6f}"


@register.filter
def offset(at: datetime) -> str:
    """Write how far the city's clock is from UTC: ``+07:00``."""
    return at.astimezone(ZoneInfo(settings.CITY_TIME_ZONE)).isoformat()[-6:]


@register.filter
def instant(at: datetime | None) -> str:
    """Write an instant: ``26 Nov 2026, 10.16``, in the city's time."""
    if at is None:
        return ""
    there = at.astimezone(ZoneInfo(settings.CITY_TIME_ZONE))
    hour = f"{there:%H.%M}" if spoken() == "id" else f"{there:%H:%M}"
    return f"{day(there.date())}, {hour}"


@register.filter
def deadline(at: datetime | None) -> str:
    """Write until when: that of a whole day ends at 24:00, and not at 0:00 of the next."""
    last = reckoning.ends(at, ZoneInfo(settings.CITY_TIME_ZONE)) if at else None
    return f"{day(last)}, {'24.00' if spoken() == 'id' else '24:00'}" if last else instant(at)


@register.filter
def day(on: date | None) -> str:
    """Write a day: ``26 Nov 2026``."""
    return formats.date_format(on, "j M Y") if on else ""


@register.filter
def iso(at: datetime | None) -> str:
    """Write an instant for ``<time>``."""
    return at.isoformat() if at else ""


@register.filter
def whole(value: float | None) -> str:
    """Write a number without decimals, in groups of three digits."""
    return "" if value is None else _grouped(f"{value:,.0f}")


@register.filter
def rupiah(amount: int | None) -> str:
    """Write an amount of rupiah."""
    return "" if amount is None else f"Rp\N{NO-BREAK SPACE}{whole(amount)}"


@register.filter
def metres(length: float | None) -> str:
    """Write a length: metres, from a kilometre on kilometres."""
    if length is None:
        return ""
    if length < 1000:
        return f"{whole(length)}\N{NO-BREAK SPACE}m"
    return f"{_grouped(f'{length / 1000:,.1f}')}\N{NO-BREAK SPACE}km"


@register.filter
def span(seconds: float | None) -> str:
    """Write how long something lasts: ``3 hari 4 jam``, by its two largest units."""
    if seconds is None:
        return ""
    left = abs(int(seconds))
    written: list[tuple[int, str]] = []
    for length, unit in zip((DAY, HOUR, MINUTE), UNITS[spoken()], strict=True):
        count, left = divmod(left, length)
        if count or written:
            written.append((count, unit))
    chosen = [f"{count} {unit}" for count, unit in written[:2] if count]
    return " ".join(chosen) or f"< 1 {UNITS[spoken()][2]}"


@register.filter
def until(at: datetime | None) -> float | None:
    """Return the seconds from now to an instant; negative where it has passed."""
    return (at - now()).total_seconds() if at else None


@register.filter
def colour(status: str | None) -> str:
    """Return the colour of what a channel says of a report; its word stands in it."""
    return COLOURS.get(status or "", "")


@register.filter
def percent(share: float | None) -> str:
    """Write a share of one as percent."""
    return "" if share is None else f"{share * 100:.0f}\N{NO-BREAK SPACE}%"


def spoken() -> str:
    """Return the language that the page is written in."""
    return "en" if (translation.get_language() or "").startswith("en") else "id"


def _grouped(text: str) -> str:
    """Turn English separators into those that are read here."""
    return text if spoken() == "en" else text.translate(str.maketrans(",.", ".,"))
