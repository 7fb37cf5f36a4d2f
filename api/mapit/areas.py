"""Areas, which are boundaries, with MapIt's own members."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings

from api.mapit import ids
from api.mapit.generations import Span
from boundaries import lookup
from boundaries.models import Level
from geoplatform import sql
from geoplatform.errors import InvalidRequest, NotFound
from layers.record import LonLat

TYPES = {"KOT": Level.KOTA, "KEC": Level.KECAMATAN, "KEL": Level.KELURAHAN}
CODES = {level.value: code for code, level in TYPES.items()}
TYPE_NAMES = {"KOT": "Kota / kabupaten", "KEC": "Kecamatan", "KEL": "Kelurahan"}
CODE_TYPE = "kemendagri"

Areas = dict[str, dict[str, Any]]


def find(
    span: Span,
    codes: Collection[str] | None = None,
    levels: Collection[str] | None = None,
    parent: str | None = None,
    prefix: str | None = None,
) -> Areas:
    """Return areas by their numbers, each as the newest of some editions has it.

    Parameters
    ----------
    codes, levels, parent, prefix
        All that are given must hold: one of these codes, one of these levels, below this boundary, a name
        that begins so, in small or capital letters.
    """
    params = {
        "editions": list(span.editions),
        "known": list(span.known),
        "codes": _array(codes),
        "levels": _array(levels),
        "parent": parent,
        "prefix": prefix,
    }
    with sql.bounded(settings.QUERY_TIMEOUT_MS):
        return _numbered(sql.dicts("api/mapit_areas", params))


def covering(span: Span, point: LonLat, is_current: bool) -> list[str]:
    """Return the codes of the boundaries that a point lies in.

    Of the present edition they are those that a report from there would have: on a border the lower code, and
    up to 50 m off the coast the nearest.
    """
    if is_current:
        place = lookup.at(point, lookup.today())
        return [tier.code for tier in (place.kelurahan, place.kecamatan, place.kota) if tier]
    return _codes("api/mapit_at", span, point)


def boxed(span: Span, point: LonLat) -> list[str]:
    """Return the codes of the boundaries whose boxes a point lies in."""
    return _codes("api/mapit_box", span, point)


def related(span: Span, code: str, how: str) -> list[str]:
    """Return the codes of the boundaries that lie to another one as MapIt's word says."""
    with sql.bounded(settings.QUERY_TIMEOUT_MS):
        params = {"edition_id": span.editions[-1], "code": code, "how": how}
        return [found for (found,) in sql.rows("api/mapit_related", params)]


def code_of(id: str) -> str:
    """Return the code that has a number, or raise NotFound."""
    code = ids.code(int(id)) if id.isdecimal() and len(id) <= 10 and int(id) <= ids.MOST else None
    if code is None:
        raise NotFound(f"no area {id!r}")
    return code


def levels(types: str) -> list[str] | None:
    """Return the levels of some types, parted by commas; None where none is named."""
    if not types:
        return None
    unknown = [one for one in types.split(",") if one not in TYPES]
    if unknown:
        raise InvalidRequest(f"type {unknown[0]!r} is none of {', '.join(TYPES)}")
    return [TYPES[one].value for one in types.split(",")]


def _codes(statement: str, span: Span, point: LonLat) -> list[str]:
    params = {"edition_id": span.editions[-1], "lon": point.lon, "lat": point.lat}
    with sql.bounded(settings.QUERY_TIMEOUT_MS):
        return [code for (code,) in sql.rows(statement, params)]


def _array(values: Collection[str] | None) -> Sequence[str] | None:
    return None if values is None else list(values)


def _numbered(rows: Iterable[Mapping[str, Any]]) -> Areas:
    return {str(ids.number(row["code"])): _area(row) for row in rows}


def _area(row: Mapping[str, Any]) -> dict[str, Any]:
    kind = CODES[row["level"]]
    return {
        "id": ids.number(row["code"]),
        "name": row["name"],
        "type": kind,
        "type_name": TYPE_NAMES[kind],
        "country": "ID",
        "country_name": "Indonesia",
        "parent_area": ids.number(row["parent_code"]) if row["parent_code"] else None,
        "generation_low": row["low"],
        "generation_high": row["high"],
        "codes": {CODE_TYPE: row["code"]},
        "all_names": {},
    }
