"""Where a point is and who answers there; every boundary by name."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from api import params
from api.public import document, public
from boundaries import lookup, places
from boundaries.models import Edition, Level
from boundaries.places import Named

LONGEST = 100  # of a name


@public
def locate(request: HttpRequest) -> HttpResponse:
    """``GET /api/locate?lon=&lat=[&on=]``: outside the province an honest empty place, not an error."""
    params.only(request, {"lon", "lat", "on"})
    place = lookup.at(params.point(request), params.on(request))
    return document(
        request,
        {
            "kelurahan": area(place.kelurahan),
            "kecamatan": area(place.kecamatan),
            "kota": area(place.kota),
            "placed_by": place.placed_by,
            "border_m": None if place.border_m is None else round(place.border_m, 1),
            "neighbour": area(place.neighbour),
            "edition": {
                "id": place.edition.id,
                "name": place.edition.name,
                "valid_from": place.edition.valid_from,
                "schematic": place.edition.schematic,
            },
            "offices": [
                {"code": office.code, "title": office.title, "official": _official(office.official)}
                for office in place.offices
            ],
        },
    )


@public
def named(request: HttpRequest) -> HttpResponse:
    """``GET /api/boundaries[?q=][&level=]``: every boundary in force, or those that ``q`` may mean."""
    params.only(request, {"q", "level"})
    level = params.one_of(request, "level", Level.values) if "level" in request.GET else None
    edition = Edition.objects.get(pk=lookup.edition_on(lookup.today()))
    text = request.GET.get("q")
    known = places.places(edition.pk).values()
    found = known if text is None else places.find(edition.pk, text[:LONGEST])
    return document(
        request,
        {
            "edition": {"id": edition.pk, "name": edition.name, "schematic": edition.schematic},
            "boundaries": [_boxed(one) for one in found if level in (None, one.level)],
        },
    )


def _boxed(one: Named) -> dict[str, Any]:
    return {
        "code": one.code,
        "level": one.level,
        "name": one.name,
        "title": one.title,
        "parent": one.parent,
        "bbox": [round(side, 6) for side in one.bbox],
    }


def area(of: lookup.Area | None) -> dict[str, str] | None:
    """Return code and name, or null."""
    return {"code": of.code, "name": of.name} if of else None


def _official(holder: lookup.Holder | None) -> dict[str, Any] | None:
    if holder is None:
        return None
    return {"name": holder.name, "acting": holder.acting, "from": holder.since, "to": holder.until}
