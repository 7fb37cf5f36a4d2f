"""The list of reports, which needs neither a map nor JavaScript, and one report's page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api import listing, params, story
from api.listing import LAST_ID
from api.public import public
from api.reports import ReportSerializer
from boundaries import editions, lookup, places
from boundaries.places import Named
from console import frame, modules
from console.public import filters
from console.public.page import language, page
from console.titles import title
from layers.models import FeedState
from reports.models import Report
from reports.record import DONE

PAGE = 30
AROUND_DEG = 0.004  # from a report to the edge of the picture that a link to it shows


@public
def reports(request: HttpRequest) -> HttpResponse:
    """``GET /reports[?place=][&category=][&status=][&from=][&to=][&after=]``: a page of the newest."""
    params.only(request, {*listing.NAMES, "after", "lang"})
    after = params.whole(request, "after", default=LAST_ID, least=0, most=LAST_ID)
    chosen = filters.read(request.GET)
    found, following = listing.page(chosen.listing, after, PAGE) if chosen.is_usable else ([], None)
    query = chosen.listing.query()
    return page(
        request,
        "reports",
        status=400 if chosen.wrong else 200,
        filters=query,
        chosen=chosen,
        fields=filters.form(chosen, language(request)),
        listed=_listed(found),
        is_first=after == LAST_ID,
        query=query,
        kept=frame.without(request, "place", "after"),
        following=following,
    )


@public
def report(request: HttpRequest, id: int) -> HttpResponse:
    """``GET /reports/{id}``: the story of one report; of one that nobody may see, that there is none."""
    params.only(request, {"lang"})
    found = story.find(id) if id <= LAST_ID else None
    if found is None:
        return page(request, "missing", status=404, id=id)
    at = timezone.now()
    made = ReportSerializer(found).data
    told = story.told(id, at)
    point = made["geometry"] and made["geometry"]["coordinates"]
    return page(
        request,
        "report",
        report=made,
        id=id,
        place=made["properties"]["place"],
        story=told,
        trace=_trace(made["properties"]["updates"], told["steps"]),
        channel=_channel(found, language(request)),
        is_told_otherwise=_is_told_otherwise(made["properties"]),
        modules=modules.loaded_by("console/public/report.js"),
        others=[one for one in told["cluster"]["reports"] if one != id],
        point=point,
        preview=request.build_absolute_uri(f"/embed/preview.png?{_picture(point)}"),
        address=request.build_absolute_uri(f"/reports/{id}"),
        config={"report": {"id": id, "point": point, "status": found.status}},
    )


def _listed(found: Sequence[Report]) -> list[dict[str, Any]]:
    edition = editions.in_force(lookup.today())
    known: Mapping[str, Named] = places.places(edition.pk) if edition else {}
    return [{"report": one, "place": known.get(one.kelurahan_code or "")} for one in found]


def _channel(one: Report, spoken: str) -> str:
    """Return what the channel of a report is called."""
    own = FeedState.objects.filter(feed=one.channel).values_list("title", flat=True).first()
    return title(one.channel, own or one.channel, spoken)


def _is_told_otherwise(said: Mapping[str, Any]) -> bool:
    """Say whether a report's channel calls it done and the city does not, or the other way round."""
    state = said["state"]
    return bool(state) and (state["open311"] == "closed") != (said["status"] == DONE)


def _trace(updates: Sequence[Mapping[str, Any]], steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what the channel told and what staff did as one story, in the order in which it happened."""
    told = [{**one, "is_step": False} for one in updates]
    took = [{**one, "is_step": True} for one in steps]
    return sorted([*told, *took], key=lambda one: _instant(one["at"]))


def _instant(at: datetime | str) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def _picture(point: Sequence[float] | None) -> str:
    """Return the parameters of a picture round a point; of the whole city where there is none."""
    if not point:
        return "layers=kota,reports"
    lon, lat = point
    sides = (lon - AROUND_DEG, lat - AROUND_DEG, lon + AROUND_DEG, lat + AROUND_DEG)
    return "layers=kota,kecamatan,kelurahan,reports&bbox=" + ",".join(f"{side:.4f}" for side in sides)
