"""Every parser of ours that reads what strangers send: what it is fed, and that it raises nothing unnamed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from io import BytesIO
from typing import Any

from django.conf import settings
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import strategies as some
from PIL import Image

from api import params
from api.filtering import read as filtering
from api.mapit import ids
from api.mapsengine import grammar
from api.questions import points_sent
from benchmarks.gazetteer import boundaries
from boundaries import wilayah_sql
from geoplatform.errors import GeoplatformError
from ingest import feeds
from ingest.dialects import georeport
from ingest.doors import posted, written
from ingest.mail import mime
from ingest.reading import unsplit
from layers.layer import find
from reports import pictures, privacy
from reports.gazetteer import Gazetteer, names
from tests.fuzz.mutations import mutated, texts

FIXTURES = settings.ROOT / "fixtures" / "feeds"
LARGEST_SEED = 13_000  # bytes: the recorded items are all in it
WHERE = (
    "status = 'done' AND (category <> 'road' OR NOT text CONTAINS 'banjir')",
    "ST_INTERSECTS(geometry, ST_GEOMFROMTEXT('POLYGON((106 -7,107 -7,107 -6,106 -7))'))",
    "ST_DISTANCE(geometry, ST_POINT(106.8,-6.2)) < 500.5",
)
LITERALS = ("CIRCLE(106.8 -6.2, 500)", "POLYGON((106 -7,107 -7,107 -6,106 -7))", "LINESTRING(106 -7, 107 -6)")
CQL2_TEXT = (
    "status = 'done' AND NOT (category IN ('road','flood') OR text LIKE 'ban%')",
    "S_INTERSECTS(geom, POLYGON((106 -7,107 -7,107 -6,106 -7)))",
    "submitted_at > TIMESTAMP('2026-05-01T00:00:00Z') AND id BETWEEN 1 AND 5 + 2 * 3",
)
CQL2_JSON = (
    '{"op":"and","args":[{"op":"=","args":[{"property":"status"},"done"]},{"op":"isNull","args":[{"property":"text"}]}]}',
    '{"op":"s_intersects","args":[{"property":"geom"},{"type":"Point","coordinates":[106.8,-6.2]}]}',
)
DUMP = (
    "INSERT INTO wilayah_boundaries (kode,nama,lat,lng,path) VALUES\n"
    "('31.71','Jakarta Pusat',-6.1,106.8,'[[[-6,106],[-6,107],[-7,107],[-6,106]]]');\n"
)
WORDS = (
    "Banjir di Jl. Kemang Raya RT 05/RW 02, Kel. Bangka; hubungi 0812-3456-7890",
    "#lapor kel duri pulo 😀 @warga",
)


@dataclass(frozen=True)
class Target:
    """A parser: what draws its inputs, what reads them, and which errors are its answers."""

    name: str
    made: some.SearchStrategy[Any]
    read: Callable[[Any], object]
    refuses: tuple[type[Exception], ...] = (GeoplatformError,)


def every() -> dict[str, Target]:
    """Return the targets by name."""
    return {target.name: target for target in (*_texts(), *_forms(), *_bytes(), *_feeds())}


def _texts() -> Iterable[Target]:
    yield Target("where", texts(WHERE, ("AND", "OR", "NOT", "CONTAINS")), grammar.where)
    yield Target("select", texts(("id, ST_DISTANCE(geometry, ST_POINT(1,2)) AS near, text",)), grammar.select)
    yield Target("intersects", texts(LITERALS), grammar.intersects)
    yield Target("cql2-text", texts(CQL2_TEXT), filtering.read)
    yield Target("cql2-json", texts(CQL2_JSON), partial(filtering.read, language=filtering.JSON))
    yield Target("tile", texts(("12/3263/2112", "0/0/0")), _tile)
    yield Target(
        "tile-filter", texts(("category=road,flood&from=2026-05-01&to=2026-05-31&status=done",)), _filter
    )
    yield Target(
        "bbox", texts(("106.8,-6.2,106.9,-6.1", "106,-7,0,107,-6,9", "170,-10,-170,10")), params.boxes
    )
    yield Target(
        "datetime",
        texts(("2026-05-01T00:00:00Z/..", "../2026-05-01", "2026-05-01T00:00:00+07:00")),
        params.span,
    )
    yield Target("mapit-code", texts(("3171", "31.71.01.1001")), _mapit)
    yield Target("words", texts(WORDS), lambda text: _gazetteer().suggest(text))
    yield Target("masking", texts(WORDS), lambda text: privacy.public_text(text, "Budi Santoso"))


def _forms() -> Iterable[Target]:
    values = some.one_of(
        some.text(max_size=80), some.sampled_from(["road", "-6.2", "106.8", "\0", "31.71.01.1001"])
    )
    named = some.sampled_from(
        ["category", "description", "lat", "lon", "kelurahan", "contact", "key", "hint", "written_at",
         "kept_photo", "service_code", "long", "address_string", "email", "phone", "media_url",
         "attribute[x]", "jurisdiction_id"]
    )  # fmt: skip
    right = {"key": "0123456789abcdef", "category": "road", "description": "x", "service_code": "road",
             "kelurahan": "31.71.01.1001", "lat": "-6.2", "long": "106.8"}  # fmt: skip
    fields = some.dictionaries(named, values, max_size=4).map(lambda drawn: right | drawn)
    yield Target("form", fields, lambda said: written.read(_posted(said), timezone.now()))
    yield Target("open311-post", fields, lambda said: posted.request_of(_posted(said)))


def _bytes() -> Iterable[Target]:
    mails = _seeds("email")
    yield Target("e-mail", mutated(mails, (b"Content-Type: ", b"=?utf-8?b?", b"boundary=")), mime.read)
    yield Target("open311-xml", mutated(_seeds("open311")), georeport.from_xml)
    yield Target("points-csv", mutated((b"name,lon,lat\r\nx,106.8,-6.2\r\n",)), _points)
    points = (
        b"[[106.8,-6.2]]",
        b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":null}]}',
    )
    yield Target("points-json", mutated(points), points_sent.from_json)
    yield Target("picture", mutated((_jpeg(), b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n")), pictures.clean)
    yield Target("dump", mutated((DUMP.encode(),)), _dump)


def _feeds() -> Iterable[Target]:
    for name in settings.ADAPTERS:
        yield Target(
            f"feed-{name}", mutated(_seeds(name) or (b"{}",)), partial(_document, feeds.adapter(name))
        )


def _seeds(feed: str) -> tuple[bytes, ...]:
    read = (path.read_bytes() for path in sorted((FIXTURES / feed).iterdir()) if path.is_file())
    return tuple(body for body in read if len(body) <= LARGEST_SEED)


def _document(adapter: Any, body: bytes) -> None:
    """Read a document as a push does: each payload by itself; one that is set aside costs no other."""
    for payload in adapter.document(body):
        try:
            unsplit.parse(adapter, payload)
        except GeoplatformError:
            continue


def _tile(text: str) -> None:
    z, x, y = [*text.split("/"), "", ""][:3]
    params.tile(z, x, y)


def _filter(text: str) -> None:
    params.filter(text, find("reports"))


def _mapit(text: str) -> None:
    if text.isascii() and text.isdecimal() and len(text) < 19:
        ids.code(int(text))
    elif ids.CODE.fullmatch(text):
        ids.number(text)


def _dump(body: bytes) -> None:
    list(wilayah_sql.rows(body.decode("utf-8", "replace"), "it"))


def _points(body: bytes) -> None:
    points_sent.from_csv(body, "lon", "lat")


def _posted(said: dict[str, str]) -> Any:
    return RequestFactory().post("/", said)


@cache
def _gazetteer() -> Gazetteer:
    return Gazetteer([*names.of_boundaries(boundaries()), *names.of_tables()])


def _jpeg() -> bytes:
    body = BytesIO()
    Image.new("RGB", (64, 64), "red").save(body, "JPEG")
    return body.getvalue()
