"""Where a point is, and who answers there."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from api import params
from api.public import document, public
from boundaries import lookup


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


def area(of: lookup.Area | None) -> dict[str, str] | None:
    """Return code and name, or null."""
    return {"code": of.code, "name": of.name} if of else None


def _official(holder: lookup.Holder | None) -> dict[str, Any] | None:
    if holder is None:
        return None
    return {"name": holder.name, "acting": holder.acting, "from": holder.since, "to": holder.until}
