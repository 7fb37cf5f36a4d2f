"""Reports as the public may see them, one or those in a box: an allow-list of fields."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from rest_framework import serializers
from rest_framework_gis.fields import GeometryField
from rest_framework_gis.serializers import GeoFeatureModelSerializer

from api import listing, params
from api.boundaries import area
from api.listing import LAST_ID, shown
from api.public import document, public
from boundaries import lookup
from geoplatform.errors import NotFound
from layers.tiles import DIGITS
from reports.models import NEAR_BORDER_M, Report, SourceUpdate

GEOJSON = "application/geo+json"


class BriefSerializer(GeoFeatureModelSerializer):
    """A report as a GeoJSON Feature, as far as its own row tells: what it says, and how far it has come."""

    shown_point = GeometryField(precision=DIGITS)
    text = serializers.CharField(source="public_text")
    category = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()

    class Meta:
        model = Report
        geo_field = "shown_point"
        id_field = "id"
        fields: tuple[str, ...] = (
            "id", "channel", "category", "status", "state", "text", "submitted_at", "updated_at", "simulated",
        )  # fmt: skip

    def get_category(self, report: Report) -> dict[str, Any]:
        """Return code and name in both languages."""
        category = report.category
        return {"code": category.code, "name": {"id": category.name_id, "en": category.name_en}}

    def get_state(self, report: Report) -> dict[str, Any] | None:
        """Return how far the city is with a report; None: it has no case yet, and its status is all."""
        case = getattr(report, "case", None)
        if case is None:
            return None
        state = case.state
        return {
            "code": state.code,
            "name": {"id": state.name_id, "en": state.name_en},
            "jakarta": state.jakarta,
            "open311": state.open311,
            "colour": state.colour,
            "shape": state.shape,
        }


class ReportSerializer(BriefSerializer):
    """All of a report: also its place, who answers, and the trace of what was done."""

    place = serializers.SerializerMethodField()
    office = serializers.SerializerMethodField()
    official = serializers.SerializerMethodField()
    updates = serializers.SerializerMethodField()

    class Meta(BriefSerializer.Meta):
        fields = (*BriefSerializer.Meta.fields, "place", "office", "official", "updates")

    def get_place(self, report: Report) -> dict[str, Any]:
        """Return where the report is, and how we know; all null where we do not."""
        tiers: dict[str, lookup.Area] = {}
        neighbour = None
        # How far a border is would tell where in a sensitive report's 110 m its point lies.
        is_veiled = report.public_point is not None
        border_m = None if is_veiled else report.border_m
        if report.edition_id and report.kelurahan_code:
            tiers = lookup.tiers(report.edition_id, report.kelurahan_code)
            if report.neighbour_code and not is_veiled:
                neighbour = lookup.names(report.edition_id, [report.neighbour_code]).get(
                    report.neighbour_code
                )
        edition = report.edition
        return {
            **{level: area(tiers.get(level)) for level in ("kelurahan", "kecamatan", "kota")},
            "placed_by": report.placed_by,
            "border_m": None if border_m is None else round(border_m, 1),
            "near_border": border_m is not None and border_m <= NEAR_BORDER_M,
            "neighbour": area(neighbour),
            "edition": edition and {"id": edition.id, "name": edition.name, "schematic": edition.schematic},
        }

    def get_office(self, report: Report) -> dict[str, str] | None:
        """Return the office that answers."""
        return {"code": report.office.code, "title": report.office.title} if report.office else None

    def get_official(self, report: Report) -> dict[str, Any] | None:
        """Return who held that office on the report's day."""
        if report.office is None or report.official is None:
            return None
        day = lookup.city_day(report.submitted_at)
        acting = report.office.term_set.filter(
            official=report.official, during__contains=day, acting=True
        ).exists()
        return {"name": report.official.name, "acting": acting}

    def get_updates(self, report: Report) -> list[dict[str, Any]]:
        """Return the trace, oldest first; pictures and account names stay inside."""
        steps = SourceUpdate.objects.filter(channel=report.channel, external_id=report.external_id)
        return [
            {
                "at": step.at,
                "status": step.status,
                "by": step.public_by,
                "note": step.public_note,
            }
            for step in steps.order_by("at", "id")
        ]


@public
def report(request: HttpRequest, id: int) -> HttpResponse:
    """``GET /api/reports/{id}``: one report as a GeoJSON Feature."""
    beside = ("category", "case__state", "office", "official", "edition")
    found = shown().select_related(*beside).filter(pk=id).first()
    if found is None:
        raise NotFound(f"no report {id}")
    return document(request, ReportSerializer(found).data, GEOJSON)


@public
def reports(request: HttpRequest) -> HttpResponse:
    """``GET /api/reports[?bbox=][&place=][&category=][&status=][&from=][&to=]``: a page, newest id first."""
    params.only(request, {"bbox", *listing.NAMES, "limit", "after"})
    limit = params.whole(request, "limit", default=50, least=1, most=500)
    after = params.whole(request, "after", default=LAST_ID, least=0, most=LAST_ID)
    wanted = listing.read(request)
    page, following = listing.page(wanted, after, limit)
    content = {**BriefSerializer(page, many=True).data, "next": None}
    if following is not None:
        query = QueryDict(mutable=True)
        box = {"bbox": request.GET["bbox"]} if "bbox" in request.GET else {}
        query.update({**box, **wanted.query(), "limit": str(limit), "after": str(following)})
        content["next"] = request.build_absolute_uri(f"/api/reports?{query.urlencode(safe=',')}")
    return document(request, content, GEOJSON)
