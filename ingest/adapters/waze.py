"""Waze for Cities: each poll is a snapshot of all that is active; what is gone from it is closed."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, TypeVar

from geoplatform.errors import FeedChanged, Rejected
from ingest.adapter import Page, Payload, Session, Window
from ingest.reading import transports
from ingest.reading.fields import Fields, identity, instant, lonlat, number
from layers.record import Alert, Irregularity, Jam, LonLat, Snapshot

Thing = TypeVar("Thing", Alert, Jam, Irregularity)
IGNORED = {"endTimeMillis", "startTime", "endTime"}


class Adapter(transports.JsonPages):
    """One address, one document: it is one payload."""

    says_none: ClassVar[bool] = True

    def fetch(self, session: Session, window: Window) -> Iterator[Page]:
        """Yield the one snapshot that the feed holds now."""
        yield Page(self.items(self.ask(session, self.feed.options["path"], {"format": 1})))

    def items(self, document: Any) -> list[Payload]:
        """Return the document as the one payload that it is."""
        return [] if document is None else [document]

    def parse(self, payload: Payload) -> Snapshot:
        """Read a snapshot; any of its three arrays may be absent, and then nothing of that kind is active."""
        fields = Fields(payload)
        refused: list[str] = []
        return Snapshot(
            feed=self.feed.name,
            taken_at=instant(fields.take("startTimeMillis", int)),
            alerts=_each(fields, "alerts", _alert, refused),
            jams=_each(fields, "jams", _jam, refused),
            irregularities=_each(fields, "irregularities", _irregularity, refused),
            refused=tuple(refused),
            unread=fields.left(IGNORED),
        )


def _each(
    fields: Fields, name: str, read: Callable[[Fields], Thing], refused: list[str]
) -> tuple[Thing, ...]:
    """Read each thing of an array; those that cannot be used are named, and do not cost the others."""
    things = []
    for value in fields.take(name, list, []):
        try:
            things.append(read(Fields(value, f"{name}.")))
        except Rejected as reason:
            refused.append(f"{name}: {reason}")
    return tuple(things)


def _alert(fields: Fields) -> Alert:
    location = fields.inner("location")
    point = lonlat(location.take("x"), location.take("y"))
    if point is None:
        raise Rejected("an alert at (0, 0)")
    return Alert(
        external_id=identity(fields.take("uuid")),
        type=fields.text("type"),
        subtype=fields.text("subtype", ""),
        street=fields.text("street", ""),
        description=fields.text("reportDescription", ""),
        reliability=fields.take("reliability", int, None),
        reported_at=instant(fields.take("pubMillis", int)),
        point=point,
        attributes=fields.rest(),
        digest=fields.digest(),
    )


def _jam(fields: Fields) -> Jam:
    # Waze says -1 for a road that is blocked; that is no number of seconds.
    delay_s = fields.take("delay", int)
    return Jam(
        external_id=identity(fields.take("uuid")),
        level=fields.take("level", int),
        speed_kmh=number(fields.take("speedKMH")),
        delay_s=None if delay_s < 0 else delay_s,
        length_m=round(number(fields.take("length"))),
        street=fields.text("street", ""),
        reported_at=instant(fields.take("pubMillis", int)),
        line=_line(fields),
        attributes=fields.rest(),
        digest=fields.digest(),
    )


def _irregularity(fields: Fields) -> Irregularity:
    return Irregularity(
        external_id=identity(fields.take("id")),
        type=fields.text("type"),
        speed_kmh=number(fields.take("speed")),
        regular_speed_kmh=number(fields.take("regularSpeed")),
        delay_s=fields.take("delaySeconds", int),
        length_m=round(number(fields.take("length"))),
        street=fields.text("street", ""),
        reported_at=instant(fields.take("updateDateMillis", int)),
        line=_line(fields),
        attributes=fields.rest(),
        digest=fields.digest(),
    )


def _line(fields: Fields) -> tuple[LonLat, ...]:
    vertices = [Fields(vertex, "line.") for vertex in fields.take("line", list)]
    points = tuple(lonlat(vertex.take("x"), vertex.take("y")) for vertex in vertices)
    if len(points) < 2:
        raise FeedChanged(f"a line of {len(points)} points")
    line = tuple(point for point in points if point)
    if len(line) < len(points):
        raise Rejected("a line through (0, 0)")
    return line
