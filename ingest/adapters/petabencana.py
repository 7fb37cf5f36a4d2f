"""petajakarta.org v2 and its successor PetaBencana: GeoJSON, TopoJSON, and both in a wrapper."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from geoplatform.errors import FeedChanged, Rejected
from ingest.adapter import Page, Payload, Session, Window
from ingest.reading import transports
from ingest.reading.fields import JAKARTA, Fields, identity, instant, lonlat, number
from reports.record import Submission

logger = logging.getLogger(__name__)

V2 = "banjir/data/api/v2/reports/confirmed"
IGNORED = {"type"} | {f"properties.{name}" for name in ("source", "status", "url", "report_data", "tags")}


class Adapter(transports.JsonPages):
    """Reads the archive a window at a time, or the one answer that holds the last hours."""

    says_none: ClassVar[bool] = True

    def fetch(self, session: Session, window: Window) -> Iterator[Page]:
        """Yield a page per window of the archive, or one page."""
        form = self.feed.options["form"]
        api = self.feed.options["api"]
        window = self._within_reach(window, api)
        if api == "v2":
            yield Page(self.items(self.ask(session, V2, {"format": form} if form == "topojson" else None)))
        elif api == "reports":
            seconds = int((window.now - window.since).total_seconds())
            yield Page(self.items(self.ask(session, "reports", {"timeperiod": seconds, "geoformat": form})))
        else:
            for start, end in _windows(window, self.feed.options["window_s"]):
                params = {"start": start.isoformat(), "end": end.isoformat(), "geoformat": form}
                yield Page(self.items(self.ask(session, "reports/archive", params)))

    def _within_reach(self, window: Window, api: str) -> Window:
        """Cut a window to what an API still answers; what lies before is in no later answer either."""
        reach_s = self.feed.options["reach_s"].get(api)
        if reach_s is None or window.now - window.since <= timedelta(seconds=reach_s):
            return window
        start = window.now - timedelta(seconds=reach_s)
        logger.warning(
            "gap feed=%s from=%s to=%s: api %r reaches back %d s, and no further",
            self.feed.name, window.since.isoformat(), start.isoformat(), api, reach_s,
        )  # fmt: skip
        return replace(window, since=start)

    def items(self, document: Any) -> list[Payload]:
        """Unwrap a document into features; none and null are no features."""
        if isinstance(document, Mapping) and "result" in document:
            document = document["result"]
        if document is None:
            return []
        fields = Fields(document)
        if fields.text("type") == "Topology":
            return _from_topology(fields)
        features: list[Payload] = fields.take("features", list, [])
        return features

    def parse(self, payload: Payload) -> Submission:
        """Read one feature; the times of v2 are local and say no offset, those of the successor do."""
        feature = Fields(payload)
        properties = feature.inner("properties")
        lon, lat = _coordinates(feature)
        texts = dict.fromkeys(
            text for text in (properties.text("title", ""), properties.text("text", "")) if text
        )
        created_at = instant(properties.take("created_at"), JAKARTA)
        disaster = properties.text("disaster_type", "flood")
        if disaster not in self.feed.options["categories"]:
            raise Rejected(f"unknown disaster_type {disaster!r}")
        return Submission(
            channel=self.feed.name,
            external_id=identity(properties.take("pkey")),
            category=self.feed.options["categories"][disaster],
            description="\n".join(texts),
            submitted_at=created_at,
            updated_at=created_at,
            point=lonlat(lon, lat),
            image_url=properties.text("image_url", ""),
            digest=feature.digest(),
            unread=feature.left(IGNORED),
        )


def _coordinates(feature: Fields) -> tuple[Any, Any]:
    geometry = feature.inner("geometry")
    coordinates = geometry.take("coordinates", list)
    if geometry.text("type") != "Point" or len(coordinates) < 2:
        raise FeedChanged("the geometry of a report is no point")
    return coordinates[0], coordinates[1]


def _from_topology(topology: Fields) -> list[Payload]:
    """Turn the points of a TopoJSON into features; with a transform, real = quantised * scale + translate."""
    transform = Fields(topology.take("transform", Mapping, {}), "transform.")
    scale_x, scale_y = _pair(transform.take("scale", list, [1, 1]))
    move_x, move_y = _pair(transform.take("translate", list, [0, 0]))
    features: list[Payload] = []
    for name, collection in topology.take("objects", Mapping).items():
        for geometry in Fields(collection, f"objects.{name}.").take("geometries", list, []):
            fields = Fields(geometry, f"objects.{name}.geometries.")
            x, y = _pair(fields.take("coordinates", list))
            point = [x * scale_x + move_x, y * scale_y + move_y]
            features.append(
                {
                    "type": "Feature",
                    "geometry": {"type": fields.text("type"), "coordinates": point},
                    "properties": fields.take("properties"),
                }
            )
    return features


def _pair(values: list[Any]) -> tuple[float, float]:
    if len(values) < 2:
        raise FeedChanged(f"a pair of {len(values)} numbers")
    return number(values[0]), number(values[1])


def _windows(window: Window, seconds: int) -> Iterator[tuple[datetime, datetime]]:
    start = window.since
    while start < window.now:
        end = min(start + timedelta(seconds=seconds), window.now)
        yield start, end
        start = end
