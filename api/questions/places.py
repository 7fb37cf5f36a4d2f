"""``GET /api/places``: the kelurahan, kecamatan and kota that some words may mean."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse

from api import params
from api.public import document, public
from boundaries import editions, lookup
from boundaries.models import Boundary, Edition, Level
from geoplatform.errors import InvalidRequest
from layers.record import LonLat
from reports import suggestions

LONGEST, MOST = 300, 8
LIKELY = 0.35  # below, a suggestion is a guess that puzzles who reads it


class Found(NamedTuple):
    """A boundary that words may mean: how surely (0 to 1), the words that led there, a point to look at."""

    level: str
    code: str
    name: str
    within: str
    score: float
    why: tuple[str, ...]
    point: LonLat


@public
def places(request: HttpRequest) -> HttpResponse:
    """``GET /api/places?q=``: the likeliest first; what is half typed is a beginning of names."""
    params.only(request, {"q"})
    words = request.GET.get("q", "").strip()
    if not words or len(words) > LONGEST or "\0" in words:
        raise InvalidRequest(f"q: from 1 to {LONGEST} characters of a text, not {len(words)}")
    return document(request, {"places": [_said(one) for one in find(words)]})


def find(words: str) -> list[Found]:
    """Return what words may mean, the likeliest first; none where no edition is in force."""
    edition = editions.in_force(lookup.today())
    if edition is None:
        return []
    meant = {one.code: one for one in suggestions.suggest(words) if one.score >= LIKELY}
    begun = Boundary.objects.filter(
        edition=edition, level__in=(Level.KELURAHAN, Level.KECAMATAN), name__istartswith=words
    )
    codes = [*meant, *begun.order_by("name", "level", "code").values_list("code", flat=True)[:MOST]]
    shown = list(dict.fromkeys(codes))[:MOST]
    known = {one.code: one for one in Boundary.objects.filter(edition=edition, code__in=shown)}
    above = _above(edition, shown)
    found = []
    for code in shown:
        one, boundary = meant.get(code), known[code]
        point = one.point if one and one.point else LonLat(boundary.label.x, boundary.label.y)
        score, why = (one.score, one.why) if one else (0.0, ())
        found.append(Found(boundary.level, code, boundary.name, above[code], score, why, point))
    return found


def _above(edition: Edition, codes: list[str]) -> dict[str, str]:
    """Return of each boundary the names of those above it."""
    tiers = {code: [code[:length] for length in (8, 5) if length < len(code)] for code in codes}
    named = lookup.names(edition.id, sorted({tier for above in tiers.values() for tier in above}))
    return {code: ", ".join(named[tier].name for tier in above) for code, above in tiers.items()}


def _said(one: Found) -> dict[str, Any]:
    return {
        "level": one.level,
        "code": one.code,
        "name": one.name,
        "within": one.within,
        "score": one.score,
        "why": list(one.why),
        "lon": round(one.point.lon, 6),
        "lat": round(one.point.lat, 6),
    }
