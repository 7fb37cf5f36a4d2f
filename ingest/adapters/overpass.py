"""Points of interest of OpenStreetMap through Overpass; each answer is all there is of its kinds."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from geoplatform.errors import FeedChanged, FeedUnavailable, Rejected
from ingest.adapter import Page, Payload, Session, Window
from ingest.reading import transports
from ingest.reading.fields import Fields, identity, instant, lonlat
from layers.record import Poi, Snapshot


class Adapter(transports.JsonPages):
    """One question, one document: it is one payload."""

    says_none: ClassVar[bool] = True

    def fetch(self, session: Session, window: Window) -> Iterator[Page]:
        """Yield the one answer to the query of the TOML."""
        document = self.ask(session, "api/interpreter", {"data": self.feed.options["query"]})
        if isinstance(document, dict):
            # The state of the data that the answer rests on; a server that does not say it: now.
            document.setdefault("osm3s", {"timestamp_osm_base": window.now.isoformat()})
        yield Page(self.items(document))

    def items(self, document: Any) -> list[Payload]:
        """Return the document as the one payload that it is; a remark says that it was cut short."""
        if document is None:
            return []
        if isinstance(document, Mapping) and "remark" in document:
            raise FeedUnavailable(f"{self.feed.name}: the answer is not whole: {document['remark']}")
        return [document]

    def parse(self, payload: Payload) -> Snapshot:
        """Read all places of an answer."""
        fields = Fields(payload)
        base = fields.inner("osm3s")
        pois, refused = [], []
        for element in fields.take("elements", list):
            try:
                pois.append(self._poi(Fields(element, "elements.")))
            except Rejected as reason:
                refused.append(str(reason))
        if len(pois) < (least := self.feed.options["at_least"]):
            # To take it would be to say that the others are gone.
            raise FeedChanged(f"{len(pois)} places, at_least {least} were expected")
        return Snapshot(
            feed=self.feed.name,
            taken_at=instant(base.take("timestamp_osm_base")),
            pois=tuple(pois),
            refused=tuple(refused),
            unread=fields.left({"version", "generator", "osm3s.copyright"}),
            most_lost=self.feed.options["most_lost"],
        )

    def _poi(self, element: Fields) -> Poi:
        external_id = f"{element.text('type')}/{identity(element.take('id'))}"
        tags = element.take("tags", Mapping, {})
        kind = str(tags.get("amenity", ""))
        if kind not in self.feed.options["kinds"]:
            raise Rejected(f"{external_id}: amenity {kind!r} was not asked for")
        # A way or a relation has no position of its own: "out center" adds one.
        position = element.inner("center") if element.has("center") else element
        if not position.has("lat"):
            raise Rejected(f"{external_id} has no position")
        point = lonlat(position.take("lon"), position.take("lat"))
        if point is None:
            raise Rejected(f"{external_id} lies at (0, 0)")
        return Poi(
            external_id=external_id,
            kind=kind,
            name=str(tags.get("name", "")),
            brand=str(tags.get("brand", "")),
            point=point,
            attributes=dict(tags),
            digest=element.digest(),
        )
