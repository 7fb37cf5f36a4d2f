"""The embed builder: choose what a frame shows, look at it, and copy the code."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from api import listing, params
from api.public import public
from console import frame
from console.embed import HEIGHT, LEAST, MOST, WIDTH, iframe
from console.public import filters
from console.public.page import language, page, said
from console.shown import ON_AT_FIRST
from geoplatform.errors import InvalidRequest
from layers.layer import catalogue


@public
def embed(request: HttpRequest) -> HttpResponse:
    """``GET /embed[?layer=][&width=][&height=]`` and the filters of reports: the builder."""
    spoken = language(request)
    _check(request)
    chosen = filters.read(request.GET)
    layers = [name for name in catalogue() if name in _layers(request)]
    width = params.whole(request, "width", WIDTH, LEAST, MOST)
    height = params.whole(request, "height", HEIGHT, LEAST, MOST)
    query = {"layers": ",".join(layers), **chosen.listing.query(), "lang": spoken}
    source = request.build_absolute_uri(f"/embed/map?{urlencode(query, safe=',')}")
    return page(
        request,
        "embed",
        status=400 if chosen.wrong else 200,
        filters=chosen.listing.query(),
        chosen=chosen,
        fields=filters.form(chosen, spoken),
        layers=[(one.name, one.title[spoken], one.name in layers) for one in [*catalogue().values()][::-1]],
        source=source,
        kept=frame.without(request, "place"),
        code=iframe(source, width, height, said(spoken)["title"]),
        oembed=request.build_absolute_uri(f"/api/oembed?{urlencode({'url': source})}"),
        title=said(spoken)["title"],
        size={"width": width, "height": height, "least": LEAST, "most": MOST},
    )


def _check(request: HttpRequest) -> None:
    """Refuse what the form does not have; of layers there may be several."""
    known = {*listing.NAMES, "layer", "width", "height", "lang"}
    for name, texts in request.GET.lists():
        if name not in known or (len(texts) > 1 and name != "layer"):
            raise InvalidRequest(f"parameter {name!r}: known are {', '.join(sorted(known))}, each once")
    for name in request.GET.getlist("layer"):
        if name not in catalogue():
            raise InvalidRequest(f"layer {name!r}: known are {', '.join(catalogue())}")


def _layers(request: HttpRequest) -> list[str]:
    return request.GET.getlist("layer") or list(ON_AT_FIRST)
