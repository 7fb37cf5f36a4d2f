"""``/staff/board/brief``: the governor's brief of any day, to look at and to take along; earlier ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.urls import reverse

from api import params
from api.casework.door import Asked
from casework.board.figures import CITY
from casework.brief import contents, forms
from console.desk.board.asked import BOARD, Chosen, Shown, shown
from geoplatform.errors import InvalidRequest


@dataclass(frozen=True)
class Kept:
    """A brief that was made by the clock: of which day and kind, and its name in each form."""

    on: date
    kind: str
    forms: Sequence[tuple[str, str]]


@shown(BOARD)
def brief(request: Asked) -> Shown:
    """``GET /staff/board/brief[?on=]``: the brief as of a day's end, or of now; who reads is recorded."""
    at = _instant(request)
    told = contents.make(at)
    request.record("brief.read", form="html")
    return "brief", {
        "brief": forms.shown(told),
        "at": contents.written(at),
        # As ``Chosen.cell`` writes an address, but that the cell comes from the brief's own template.
        "opens": reverse("board_cell", args=["-"]).removesuffix("-"),
        "cell_query": Chosen(told.period, at, then=contents.written(at)).query(),
        "long_query": Chosen(told.long, at, then=contents.written(at)).query(),
        "on": at.astimezone(CITY).date(),
        "today": request.at.astimezone(CITY).date(),
        "kept": kept(forms.kept()),
    }


def kept(names: Sequence[str]) -> list[Kept]:
    """Return the briefs on disk, the newest first: one for each day and kind, in all its forms."""
    by_day: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for name in sorted(names, reverse=True):
        stem, _, form = name.rpartition(".")
        by_day.setdefault((stem[:10], stem[11:]), []).append((form, name))
    return [Kept(date.fromisoformat(on), kind, found) for (on, kind), found in by_day.items()]


def _instant(request: Asked) -> datetime:
    """Return the end of the day that was asked for, or the present second: the same gives the same bytes."""
    now = request.at.replace(microsecond=0)
    text = request.request.GET.get("on")
    if not text:
        return now
    on = params.day("on", text)
    if on > now.astimezone(CITY).date():
        raise InvalidRequest(f"on {text!r} has not come yet")
    return min(now, datetime.combine(on + timedelta(days=1), time(), CITY) - timedelta(seconds=1))
