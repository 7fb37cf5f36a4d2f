"""Any GeoJSON, as reports or as places: which property is what stands in the feed's TOML.

A FeatureCollection (RFC 7946), a sequence of features (RFC 8142), or a feature a line.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from shapely.errors import ShapelyError
from shapely.geometry import shape

from geoplatform.errors import FeedChanged, FeedUnavailable, Rejected
from ingest import canonical
from ingest.adapter import Feed, Payload
from ingest.reading.generic import Generic, Item
from ingest.reading.mapping import Options
from ingest.reading.positions import WGS84
from layers.record import LonLat

SEPARATOR = "\x1e"
DEGREES = ("CRS84", "EPSG::4326", "EPSG:4326")


class Adapter(Generic):
    """A feature is an item; its values are its properties, and its id where they have none."""

    own: ClassVar[set[str]] = {"centroid"}

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed)
        self._centroid = Options(feed).take("centroid", bool, False)

    def items(self, body: bytes) -> Iterator[Payload]:
        """Yield the features."""
        yield from self.each(self.whole(body))

    def whole(self, body: bytes) -> Payload:
        """Return the document, or the collection that a sequence is."""
        document = _read(body)
        if document.get("type") == "Feature":
            document = {"type": "FeatureCollection", "features": [document]}
        if document.get("type") != "FeatureCollection":
            raise FeedChanged(f"it is a {document.get('type')!r}, expected a FeatureCollection")
        self._check(document)
        return document

    def each(self, document: Payload) -> Sequence[Any]:
        """Return the features of a document."""
        features = document.get("features", False)
        if features is not None and not isinstance(features, list):
            raise FeedChanged("the collection has no array of features")
        return features or []

    def item(self, payload: Any) -> Item:
        """Return a feature to be read."""
        if not isinstance(payload, Mapping):
            raise Rejected(f"a feature is {type(payload).__name__}, expected an object")
        properties = payload.get("properties") or {}
        if not isinstance(properties, Mapping):
            raise Rejected(f"properties are {type(properties).__name__}, expected an object")
        own = {"id": payload["id"]} if payload.get("id") is not None else {}
        return Item({**own, **properties}, self.plan, payload)

    def point(self, payload: Any) -> LonLat | None:
        """Return the position of a feature; of a line or a polygon only where the TOML wants its centroid."""
        geometry = payload.get("geometry")
        if geometry is None:
            return None
        kind = geometry.get("type") if isinstance(geometry, Mapping) else None
        if kind == "Point":
            coordinates = geometry.get("coordinates")
            if coordinates == []:  # RFC 7946, 3.1: no position
                return None
            if not isinstance(coordinates, list) or len(coordinates) < 2:
                raise Rejected("a point has no two coordinates")
            return self.plan.positions.read(*coordinates[:2])
        if not self._centroid:
            raise Rejected(f"its geometry is a {kind!r}, and centroid is not set")
        return self._middle(geometry)

    def _middle(self, geometry: Any) -> LonLat | None:
        try:
            middle = shape(geometry).centroid
        except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
            raise Rejected("its geometry cannot be read") from None
        return None if middle.is_empty else self.plan.positions.read(middle.x, middle.y)

    def _check(self, document: Mapping[str, Any]) -> None:
        """Refuse a document that is cut short, or that names another CRS than the TOML."""
        if "exceededTransferLimit" in json.dumps({**document, "features": None}):
            raise FeedUnavailable(f"{self.feed.name}: the server says that these are not all features")
        crs = document.get("crs")
        if crs and self.plan.positions.crs == WGS84 and not json.dumps(crs).rstrip('"} ').endswith(DEGREES):
            raise FeedChanged(f"it names the CRS {json.dumps(crs)[:200]}: set options.crs")


def _read(body: bytes) -> Mapping[str, Any]:
    """Return the one object of a document, or those of a sequence as a collection."""
    try:
        text = body.decode("utf-8-sig")
        parts = text.split(SEPARATOR) if SEPARATOR in text[:2] else _lines(text)
        objects = [canonical.read(part) for part in parts if part.strip()]
    except ValueError as error:
        raise FeedChanged(f"no JSON: {error}") from None
    if not objects:
        raise FeedChanged("no JSON: it is empty")
    if len(objects) == 1:
        if not isinstance(objects[0], Mapping):
            raise FeedChanged(f"it is {type(objects[0]).__name__}, expected an object")
        return objects[0]
    return {"type": "FeatureCollection", "features": objects}


def _lines(text: str) -> list[str]:
    """Return the lines of a document that has an object on each, else the document as one."""
    lines = [line for each in text.split("\n") if (line := each.strip())]
    is_sequence = (
        len(lines) > 1 and all(line.startswith("{") for line in lines[:2]) and lines[0].endswith("}")
    )
    return lines if is_sequence else [text]
