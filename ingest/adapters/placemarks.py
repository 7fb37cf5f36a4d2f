"""The placemarks of the city's portal: an array of places of one kind, every value in it a text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from geoplatform.errors import FeedChanged, Rejected
from ingest import canonical
from ingest.adapter import Feed, Payload
from ingest.reading.generic import Generic, Item
from layers.record import LonLat

FIELDS = {"id": "placemark_id", "name": "name", "address": "address", "lon": "lng", "lat": "lat"}


class Adapter(Generic):
    """A placemark is a place; of what kind, the TOML says: the portal has an address for each."""

    columns: ClassVar[set[str]] = {"lon", "lat"}

    def __init__(self, feed: Feed) -> None:
        super().__init__(replace(feed, options={**feed.options, "record": "poi", "fields": FIELDS}))

    def items(self, body: bytes) -> Iterator[Payload]:
        """Yield the placemarks."""
        try:
            placemarks = canonical.read(body.decode("utf-8-sig"))
        except ValueError as error:
            raise FeedChanged(f"no JSON: {error}") from None
        if not isinstance(placemarks, list):
            raise FeedChanged(f"it is {type(placemarks).__name__}, expected an array of placemarks")
        yield from placemarks

    def whole(self, body: bytes) -> Payload:
        """Return all placemarks."""
        return {"placemarks": list(self.items(body))}

    def each(self, document: Payload) -> Sequence[Any]:
        """Return the placemarks of a document."""
        placemarks: Sequence[Any] = document["placemarks"]
        return placemarks

    def item(self, payload: Any) -> Item:
        """Return a placemark to be read."""
        if not isinstance(payload, Mapping):
            raise Rejected(f"a placemark is {type(payload).__name__}, expected an object")
        return Item(payload, self.plan, payload, has_columns=True)

    def point(self, payload: Any) -> LonLat | None:
        """Return the position of a placemark."""
        item = self.item(payload)
        return self.plan.positions.read(item.value("lon"), item.value("lat"))
