"""Analysis: where and when reports pile up, what changed, and what traffic has to do with it."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from api import feeds
from boundaries import editions, lookup
from boundaries.models import Boundary
from console import modules
from console.desk.shell import language, opened, page
from console.titles import titles
from reports.models import Category
from staff.models import User

VIEW = "casework.view_board"  # counts of the whole city, as the board has them


@opened(VIEW)
def analysis(request: HttpRequest, user: User) -> HttpResponse:
    """``GET /staff/analysis``: maps and their numbers; modules ask the API for all that moves."""
    spoken = language(request)
    today = lookup.today()
    return page(
        request,
        user,
        "desk/analysis",
        part="analysis",
        config={"land": settings.CITY_LAND, "today": today.isoformat()},
        categories=[(row.code, _name(row, spoken)) for row in Category.objects.order_by(f"name_{spoken}")],
        channels=_channels(spoken),
        areas=_areas(today),
        has_base_map=bool(settings.BASE_MAP_URL),
        modules=modules.loaded_by("console/desk/analysis/main.js"),
    )


def _channels(spoken: str) -> list[tuple[str, str]]:
    """Return the feeds by which citizens speak, with their titles."""
    kinds = feeds.fed()
    return [(feed, title) for feed, title in titles(spoken).items() if "reports" in kinds.get(feed, [])]


def _areas(today: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the kelurahan in force with their codes, by the name of their kecamatan."""
    rows = Boundary.objects.filter(edition=editions.in_force(today))
    names = dict(rows.filter(level="kecamatan").values_list("code", "name"))
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in sorted(names.values())}
    for code, name in rows.filter(level="kelurahan").order_by("name").values_list("code", "name"):
        found[names[code[:8]]].append((code, name))
    return list(found.items())


def _name(row: Any, spoken: str) -> str:
    return str(getattr(row, f"name_{spoken}"))
