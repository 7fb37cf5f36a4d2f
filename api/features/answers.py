"""A page of features, or one feature, from a request as it came to bytes; whoever it came through."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import orjson
from isal import igzip

from api import collections, crs, params
from api.answer import Answer, Asked, is_known, wants_gzip
from api.crs import Crs
from api.features import indexed, paging, queried
from api.features import kept as kept_features
from api.features.kept import kept
from api.features.paging import After
from api.features.statement import feature
from api.public import LIVE
from api.selection import Selection, parse
from api.surrogates import blocks
from geoplatform.errors import InvalidRequest, NotFound
from layers import live
from layers.cache import Cache

GEOJSON = "application/geo+json"
DEFAULT, MOST = 10, 10_000
MOST_FIELDS = 30
SMALLEST, LEVEL = 500, 1
OWN = ("limit", "after", "crs", "f")


class Question(NamedTuple):
    """What is asked of a collection: the selection, the system of the answer, and which page.

    ``query`` is the query as links repeat it, ``first`` the same of the first page; ``keys`` are those by
    which caches are told of a change.
    """

    selection: Selection
    crs: Crs
    limit: int
    after: After | None
    query: str = ""
    first: str = ""
    keys: str = ""


class Found(NamedTuple):
    """A page: its features, where the next one begins, and how many features there are in all, if known."""

    bodies: Sequence[bytes]
    following: After | None
    matched: int | None


def pairs(query: str) -> dict[str, str]:
    """Return the parameters of a query; one given twice is refused."""
    asked: dict[str, str] = {}
    try:
        listed = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise InvalidRequest(f"more than {MOST_FIELDS} parameters") from None
    for name, text in listed:
        if name in asked:
            raise InvalidRequest(f"parameter {name!r} is given twice")
        asked[name] = text
    return asked


@lru_cache(maxsize=512)
def question(name: str, query: str) -> Question:
    """Return what a query asks of a collection.

    Raises
    ------
    NotFound, InvalidRequest
        There is no such collection; a parameter cannot be used.
    """
    collection, asked = collections.find(name), pairs(query)
    limit = params.integer("limit", asked.get("limit", str(DEFAULT)))
    if limit < 1:
        raise InvalidRequest(f"limit {limit}: it must lie between 1 and {MOST}")
    asked_crs = crs.find("crs", asked["crs"]) if "crs" in asked else crs.CRS84
    after = paging.read(asked["after"]) if "after" in asked else None
    _check_form(asked)
    selection = parse(collection, {key: text for key, text in asked.items() if key not in OWN})
    asked.pop("f", None)
    query = _query(asked)
    asked.pop("after", None)
    first = _query(asked)
    return Question(selection, asked_crs, min(limit, MOST), after, query, first, _keys(selection))


def _check_form(asked: dict[str, str]) -> None:
    if asked.get("f", "json") not in ("json", "html"):
        raise InvalidRequest(f"f {asked['f']!r} is neither json nor html")


def find(asked: Question) -> Found:
    """Return a page of features."""
    selection, collection = asked.selection, asked.selection.collection
    is_plain = asked.crs is crs.CRS84 and selection.properties is None
    if indexed.can(selection, asked.after):
        page = indexed.page(selection, asked.limit, asked.after)
        return Found(_bodies(asked, page.ids), page.following, page.matched)
    if collection.layer.traits and not selection.order and not selection.boxes:
        _check_walked(asked.after)
        ids, following = queried.walk(selection, asked.limit, asked.after)
        return Found(_bodies(asked, ids), following, queried.count(selection))
    is_kept = is_plain and collection.layer.traits is not None
    body = None if is_kept else feature(collection, asked.crs, selection.properties)
    found = queried.page(selection, asked.limit + 1, asked.after, body)
    rows = found[: asked.limit]
    following = queried.after_row(selection, rows[-1]) if len(found) > asked.limit else None
    bodies = _bodies(asked, [row[0] for row in rows]) if is_kept else [row[1].encode() for row in rows]
    return Found(bodies, following, queried.count(selection))


def _check_walked(after: After | None) -> None:
    if after is not None and (after.key is not None or after.values):
        raise InvalidRequest("after: it is from a link of another question")


def _bodies(asked: Question, ids: list[int]) -> list[bytes]:
    """Return the features of points: those that are kept, where nothing else is asked for than they are."""
    selection, collection = asked.selection, asked.selection.collection
    if asked.crs is crs.CRS84 and selection.properties is None:
        return kept(collection.name).bodies(ids, live.followed(collection.name).renewed)
    return queried.bodies(collection, ids, asked.crs, selection.properties)


class Made(NamedTuple):
    """An answer that was made, as it was made for a state of its layer."""

    answer: Answer
    holds: Any


_cache: Cache[Made] = Cache(16_000_000, lambda made: len(made.answer.body) + 500)


def forget() -> None:
    """Drop every answer, feature and count that was kept."""
    _cache.clear()
    question.cache_clear()
    kept_features.forget()
    queried.forget()


def items(name: str, asked: Asked) -> Answer:
    """Answer ``GET /api/collections/{name}/items`` with GeoJSON.

    Pages of a layer without an index of points are kept as long as the layer does not change: its rows are
    few, and made by PostgreSQL each time.
    """
    wanted = question(name, asked.query)
    layer = wanted.selection.collection.layer
    if layer.traits is not None:
        return known(asked, _page(name, wanted, asked))
    holds = live.stamp(layer.name), queried.today()
    key = (name, asked.base, asked.query, wants_gzip(asked.accept_encoding))
    made = _cache.get(key, lambda made: made.holds == holds, lambda: Made(_page(name, wanted, asked), holds))
    return known(asked, made.answer)


def item(name: str, id: str, asked: Asked) -> Answer:
    """Answer ``GET /api/collections/{name}/items/{id}``: one feature, as the list has it."""
    given = pairs(asked.query)
    unknown = next((key for key in given if key not in ("crs", "f")), None)
    if unknown:
        raise InvalidRequest(f"unknown parameter {unknown!r}: known are crs, f")
    _check_form(given)
    collection = collections.find(name)
    wanted = Question(
        Selection(collection), crs.find("crs", given["crs"]) if "crs" in given else crs.CRS84, 1, None
    )
    number = int(id) if id.isascii() and id.isdigit() and len(id) < 19 else -1
    bodies = _bodies(wanted, [number]) if collection.layer.traits else _made(wanted, number)
    if not bodies:
        raise NotFound(f"no feature {id!r} in collection {name}")
    (body,) = bodies
    base = f"{asked.base}/api/collections/{name}"
    links = [
        _link("self", f"{base}/items/{number}", GEOJSON),
        _link("alternate", f"{base}/items/{number}?f=html", "text/html"),
        _link("collection", base, "application/json"),
    ]
    return known(asked, _sent(body[:-1] + b',"links":' + orjson.dumps(links) + b"}", wanted, asked, name))


def _made(wanted: Question, id: int) -> list[bytes]:
    live.stamp(wanted.selection.collection.name)
    return queried.bodies(wanted.selection.collection, [id], wanted.crs, None)


def _page(name: str, wanted: Question, asked: Asked) -> Answer:
    found = find(wanted)
    head: dict[str, Any] = {"type": "FeatureCollection", "numberReturned": len(found.bodies)}
    if found.matched is not None:
        head["numberMatched"] = found.matched
    head["links"] = links(name, wanted, asked.base, found.following)
    # One join for all: half a megabyte is not copied twice.
    bodies = list(found.bodies) or [b""]
    bodies[0] = orjson.dumps(head)[:-1] + b',"features":[' + bodies[0]
    bodies[-1] += b"]}"
    return _sent(b",".join(bodies), wanted, asked, wanted.keys)


def links(name: str, wanted: Question, base: str, following: After | None) -> list[dict[str, str]]:
    """Return the links of a page: itself, as HTML, the next one, and its collection."""
    here = f"{base}/api/collections/{name}"
    found = [
        _link("self", f"{here}/items{wanted.query}", GEOJSON),
        _link("alternate", f"{here}/items{_also(wanted.query, 'f=html')}", "text/html"),
        _link("collection", here, "application/json"),
    ]
    if following is not None:
        after = f"{paging.NAME}={paging.written(following)}"
        found.append(_link("next", f"{here}/items{_also(wanted.first, after)}", GEOJSON))
    return found


def _also(query: str, more: str) -> str:
    return f"{query}&{more}" if query else f"?{more}"


def _query(given: dict[str, str]) -> str:
    return f"?{urlencode(given, safe=',:/')}" if given else ""


def _link(rel: str, href: str, type: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": type}


def _keys(selection: Selection) -> str:
    """Return the keys by which a cache may be told of a change: the layer, and the blocks of its boxes."""
    name = selection.collection.name
    return blocks(name, selection.boxes) if selection.boxes and selection.region is None else name


def _sent(body: bytes, wanted: Question, asked: Asked, keys: str) -> Answer:
    """Return an answer with its tag, compressed where that pays."""
    zipped = wants_gzip(asked.accept_encoding)
    headers = [
        ("Vary", "Accept, Accept-Encoding"),
        ("Cache-Control", LIVE),
        ("Surrogate-Key", keys),
        ("Content-Crs", f"<{wanted.crs.uri}>"),
        ("Content-Type", GEOJSON),
    ]
    if zipped and len(body) >= SMALLEST:
        body = igzip.compress(body, LEVEL, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    tag = hashlib.blake2b(body, digest_size=8).hexdigest()
    headers += [("ETag", f'"{tag}-gzip"' if zipped else f'"{tag}"'), ("Content-Length", str(len(body)))]
    return Answer(200, headers, body)


def known(asked: Asked, answer: Answer) -> Answer:
    """Return the answer, or a 304 without a body where the caller has it."""
    headers = dict(answer.headers)
    if asked.if_none_match and is_known(asked.if_none_match, headers["ETag"]):
        left_out = ("Content-Type", "Content-Encoding", "Content-Length")
        return Answer(304, [pair for pair in answer.headers if pair[0] not in left_out], b"")
    return answer
