"""``GET /api/counts``: reports by kelurahan, kecamatan or kota, ready for a choropleth map."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from api import params
from api.public import public
from api.questions import areas, asked, forms, tables
from api.questions.areas import LEVELS, ZOOMS
from boundaries import lookup
from boundaries.models import Edition

PARAMETERS = {*asked.FACETS, *asked.SPAN, "by", "split", "geometry", "f"}


@public
def counts(request: HttpRequest) -> HttpResponse:
    """Every area of the edition in force appears, those without a report too."""
    params.only(request, PARAMETERS)
    level = params.one_of(request, "by", LEVELS)
    geometry = params.one_of(request, "geometry", ZOOMS, "true")
    form = params.one_of(request, "f", ("geojson", "json", "csv"), "geojson")
    wanted = asked.read(request)
    split = asked.split(request, tables.SPLITS)
    edition = Edition.objects.get(pk=lookup.edition_on(lookup.today()))
    shown = areas.areas(edition.pk, level, ZOOMS[geometry] if form == "geojson" else 0)
    data = tables.Data()
    by_area = data.by_code([area.code for area in shown], LEVELS[level])
    others = [data.by(name, wanted) for name in split]
    # Split by time alone leaves out days that no column has; the sums are those of the reports asked for.
    totals = data.table(wanted, [by_area])
    extra = tables.columns(others, data.table(wanted, [by_area, *others])[1:]) if others else []
    rows = [
        {
            "code": area.code,
            "name": area.name,
            "parent": area.parent,
            "area_km2": round(area.area_km2, 4),
            "count": int(totals[place]),
            "per_km2": round(int(totals[place]) / area.area_km2, 4),
            **{name: int(column[place - 1]) for name, column in extra},
        }
        for place, area in enumerate(shown, 1)
    ]
    about: dict[str, Any] = {
        "by": level,
        "edition": {"id": edition.pk, "name": edition.name, "schematic": edition.schematic},
        "counted": int(totals[1:].sum()),
        "elsewhere": int(totals[0]),
    }
    return forms.reply(request, form, _body(form, rows, [area.geometry for area in shown], about))


def _body(
    form: str, rows: list[dict[str, Any]], geometries: list[str | None], about: dict[str, Any]
) -> bytes:
    if form == "csv":
        header = list(rows[0]) if rows else []
        return forms.to_csv(header, (row.values() for row in rows))  # type: ignore[misc]
    if form == "json":
        return forms.to_json({**about, "areas": rows})
    features = ((row["code"], shape, row) for row, shape in zip(rows, geometries, strict=True))
    return forms.to_geojson(features, **about)
