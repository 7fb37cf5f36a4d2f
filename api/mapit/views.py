"""The addresses of MapIt."""

from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from api import params
from api.mapit import areas, generations, ids, shapes
from api.mapit.asked import askable, parameters
from api.mapit.generations import Span
from api.mapit.shapes import MEDIA_TYPES, Form
from api.public import answer, document
from geoplatform.errors import InvalidRequest, NotFound
from layers.record import LonLat

SPANS = {"generation", "min_generation"}
MOST_AREAS = 500


@askable
def all_generations(request: HttpRequest) -> HttpResponse:
    """``generations``: the editions of boundaries, by their numbers."""
    parameters(request)
    return document(request, {str(one["id"]): one for one in generations.every()})


@askable
def point(request: HttpRequest, x: str, y: str, box: str | None = None) -> HttpResponse:
    """``point/4326/{lon},{lat}``: the areas that a point lies in; with ``/box`` in whose boxes."""
    asked = parameters(request, {"type", "generation"})
    where = LonLat(_degrees("longitude", x, 180), _degrees("latitude", y, 90))
    span, levels = generations.span(asked), areas.levels(asked.get("type", ""))
    is_current = span.editions == generations.span({}).editions
    codes = areas.boxed(span, where) if box else areas.covering(span, where, is_current)
    return document(request, areas.find(span, codes, levels))


@askable
def latlon(request: HttpRequest, y: str, x: str, box: str | None = None) -> HttpResponse:
    """``point/latlon/{lat},{lon}``: leads to the same, longitude first."""
    query = request.META.get("QUERY_STRING", "")
    there = f"/mapit/point/4326/{x},{y}{'/box' if box else ''}"
    return HttpResponseRedirect(f"{there}?{query}" if query else there)


@askable
def area(request: HttpRequest, id: str) -> HttpResponse:
    """``area/{id}``: one area, as the newest generation that has it knew it."""
    asked = parameters(request, SPANS)
    code = areas.code_of(id)
    found = areas.find(_ever(asked), [code])
    if not found:
        raise NotFound(f"no area {id!r}")
    return document(request, found[str(ids.number(code))])


@askable
def polygon(request: HttpRequest, id: str, form: str) -> HttpResponse:
    """``area/{id}.geojson``, ``.kml`` and ``.wkt``, and by MapIt's longer name ``area/4326/{id}.json``."""
    asked = parameters(request, {"simplify_tolerance", *SPANS})
    found = shapes.shapes(_ever(asked), [areas.code_of(id)], _form(form), _tolerance(asked))
    if not found:
        raise NotFound(f"no area {id!r}")
    body = shapes.kml(found) if form == "kml" else found[0].body
    return _text(request, body, _form(form))


@askable
def polygons(request: HttpRequest, several: str, form: str) -> HttpResponse:
    """``areas/{ids}.geojson`` and ``.kml``: several polygons in one document."""
    asked = parameters(request, {"simplify_tolerance", *SPANS})
    found = shapes.shapes(_ever(asked), _codes(several), _form(form), _tolerance(asked))
    return _text(request, shapes.kml(found) if form == "kml" else shapes.collection(found), _form(form))


@askable
def geometry(request: HttpRequest, id: str) -> HttpResponse:
    """``area/{id}/geometry``: box, middle, area and number of parts."""
    asked = parameters(request, SPANS)
    found = shapes.measures(_ever(asked), [areas.code_of(id)])
    if not found:
        raise NotFound(f"no area {id!r}")
    return document(request, next(iter(found.values())))


@askable
def geometries(request: HttpRequest, several: str) -> HttpResponse:
    """``areas/{ids}/geometry``: the same of several."""
    asked = parameters(request, SPANS)
    return document(request, shapes.measures(_ever(asked), _codes(several)))


@askable
def children(request: HttpRequest, id: str) -> HttpResponse:
    """``area/{id}/children``: the areas one tier below."""
    asked = parameters(request, {"type", *SPANS})
    span, code = generations.span(asked), _known(id)
    return document(request, areas.find(span, levels=areas.levels(asked.get("type", "")), parent=code))


@askable
def related(request: HttpRequest, id: str, how: str) -> HttpResponse:
    """``area/{id}/covers`` and its like: the areas that lie so to this one."""
    asked = parameters(request, {"type", "generation"})
    span, levels = generations.span(asked), areas.levels(asked.get("type", ""))
    return document(request, areas.find(span, areas.related(span, _known(id), how), levels))


@askable
def several(request: HttpRequest, what: str) -> HttpResponse:
    """``areas/{ids}``, ``areas/{types}`` and ``areas/{beginning of a name}``."""
    asked = parameters(request, {"type", *SPANS})
    if ids.SEVERAL.fullmatch(what):
        return document(request, areas.find(_ever(asked), _codes(what)))
    if all(one in areas.TYPES for one in what.split(",")):
        return document(request, areas.find(generations.span(asked), levels=areas.levels(what)))
    if what.isupper() and len(what) == 3:
        raise NotFound(f"no type {what!r}: there are {', '.join(areas.TYPES)}")
    levels = areas.levels(asked.get("type", ""))
    return document(request, areas.find(generations.span(asked), levels=levels, prefix=what))


@askable
def posted(request: HttpRequest) -> HttpResponse:
    """``POST areas`` with ``URL=``: what an address would be too long for."""
    asked = parameters(request, {"URL", "type", *SPANS})
    if request.method != "POST" or not asked.get("URL"):
        raise InvalidRequest("parameter 'URL' is missing: the numbers of areas, parted by commas")
    return document(request, areas.find(_ever(asked), _codes(asked["URL"])))


@askable
def by_code(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """``code/kemendagri/{code}``: leads to the area that has a code."""
    parameters(request)
    if kind != areas.CODE_TYPE:
        raise NotFound(f"no type of code {kind!r}: there is {areas.CODE_TYPE}")
    if not ids.CODE.fullmatch(code) or not areas.find(_ever({}), [code]):
        raise NotFound(f"no area has the code {code!r}")
    return HttpResponseRedirect(reverse("mapit-area", args=[ids.number(code)]))


def _degrees(name: str, text: str, limit: float) -> float:
    value = params.real(name, text)
    if abs(value) > limit:
        raise InvalidRequest(f"{name} {text!r}: it reaches from -{limit:g} to {limit:g}")
    return value


def _ever(asked: Any) -> Span:
    """Return the editions to look an area's number up in: MapIt answers those of former days, too."""
    named = {name: asked[name] for name in SPANS if asked.get(name)}
    return generations.span(named or {"min_generation": str(generations.ALL)})


def _known(id: str) -> str:
    code = areas.code_of(id)
    if not areas.find(_ever({}), [code]):
        raise NotFound(f"no area {id!r}")
    return code


def _codes(text: str) -> list[str]:
    given = text.split(",")
    if not ids.SEVERAL.fullmatch(text):
        raise InvalidRequest(f"areas {text!r}: expected numbers, parted by commas")
    if len(given) > MOST_AREAS:
        raise InvalidRequest(f"{len(given)} areas: at most {MOST_AREAS} are answered at once")
    return [areas.code_of(one) for one in given]


def _form(text: str) -> Form:
    return "kml" if text == "kml" else "wkt" if text == "wkt" else "geojson"


def _tolerance(asked: Any) -> float:
    return shapes.tolerance(asked["simplify_tolerance"]) if asked.get("simplify_tolerance") else 0.0


def _text(request: HttpRequest, text: str, form: Form) -> HttpResponse:
    body = text.encode()
    return answer(request, sha256(body).hexdigest()[:16], MEDIA_TYPES[form], lambda: body)
