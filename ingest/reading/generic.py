"""What sources have in common that are described by a TOML alone: items with fields, as reports or as places.

A document of reports is a payload per item. A document of places is one payload, for what it lacks is gone;
nothing in it may say when that was so, and ``parse`` knows no clock: ``fetch`` writes the time beside the
document into the payload, that of the request, or of the file.

A field that is not there means that the source changed: the run stops. A value that cannot be used costs its
own item alone: such tables are kept by people.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatch
from typing import Any, ClassVar

from geoplatform.errors import FeedChanged, Rejected
from ingest.adapter import Feed, Payload, Record
from ingest.reading import mapping, transports
from ingest.reading.fields import Fields, identity
from ingest.reading.mapping import POI, Plan
from layers.record import LonLat, Poi, Snapshot
from reports.record import WAITING, Submission, Update, Updates

MOST_SHOWN = 100
MISSING = object()


class Item:
    """One item of a source: its values by their names there, and how each of ours is found among them."""

    def __init__(
        self, values: Mapping[str, Any], plan: Plan, as_sent: Any, has_columns: bool = False
    ) -> None:
        self.values, self._plan, self._as_sent, self._has_columns = values, plan, as_sent, has_columns

    def value(self, field: str) -> Any:
        """Return the first that is there of the values that may be one of our fields; None without any."""
        return next(iter(self.values_of(field)), None)

    def values_of(self, field: str) -> list[Any]:
        """Return all that is there of them.

        Raises
        ------
        FeedChanged
            None of their names is known here, though it must be.
        """
        names = self._plan.fields.get(field, ())
        found = [find(self.values, name) for name in names]
        must = self._has_columns or field in mapping.NEEDED[self._plan.record]
        if names and must and all(value is MISSING for value in found):
            raise FeedChanged(f"no field {' or '.join(map(repr, names))}, which is our {field}")
        return [value for value in found if not is_blank(value)]

    def check(self) -> None:
        """Raise FeedChanged where a name of the TOML is not known here."""
        for field in self._plan.fields:
            self.values_of(field)

    def text(self, field: str) -> str:
        """Return a field as text, empty where it is not there."""
        value = self.value(field)
        return "" if value is None else str(value).strip()

    def id(self) -> str:
        """Return the id of the item."""
        value = self.value("id")
        try:
            return identity(value)
        except FeedChanged as error:
            raise Rejected(str(error) if value is not None else "it has no id") from None

    def digest(self) -> str:
        """Return the SHA-256 of the item as it was sent, in hex."""
        return hashlib.sha256(json.dumps(self._as_sent, sort_keys=True).encode()).hexdigest()

    def left(self, ignore: Iterable[str]) -> tuple[str, ...]:
        """Return the names of values that become nothing and are not ignored."""
        used = {name for names in self._plan.fields.values() for name in names}
        used |= {name.partition(".")[0] for name in used}
        left = set(self.values) - used
        return tuple(sorted(name for name in left if not any(fnmatch(name, each) for each in ignore)))


class Generic(transports.Documents):
    """Base of adapters that read documents of items, each with fields and a position."""

    own: ClassVar[set[str]] = set()
    columns: ClassVar[set[str]] = set()

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed)
        self.plan = mapping.plan(feed, self.own, self.columns)

    def items(self, body: bytes) -> Iterator[Payload]:
        """Yield the items of a document, as sent."""
        raise NotImplementedError

    def whole(self, body: bytes) -> Payload:
        """Return a document as JSON."""
        raise NotImplementedError

    def each(self, document: Payload) -> Sequence[Any]:
        """Return the items of what ``whole`` returned."""
        raise NotImplementedError

    def item(self, payload: Any) -> Item:
        """Return an item to be read."""
        raise NotImplementedError

    def point(self, payload: Any) -> LonLat | None:
        """Return the position of an item, None where it has none."""
        raise NotImplementedError

    def stated_at(self, document: Payload) -> Any:
        """Return what a document says of its own time, by the option ``taken_at``; MISSING without it."""
        return find(document, self.plan.taken_at)

    def stamp(self, taken_at: datetime) -> Mapping[str, Any]:
        """Let a document of places say of when it is."""
        return {"taken_at": taken_at.isoformat()} if self.plan.record == POI else {}

    def document(self, body: bytes) -> Iterator[Payload]:
        """Yield the reports in a document, or all its places as one payload."""
        if self.plan.record == POI:
            yield {"document": self.whole(body)}
        else:
            yield from self.items(body)

    def parse(self, payload: Payload) -> Record | Sequence[Record]:
        """Return a report with its status, or the places of a document."""
        return self._snapshot(payload) if self.plan.record == POI else self._report(payload)

    def _report(self, payload: Payload) -> Sequence[Record]:
        plan, item = self.plan, self.item(payload)
        external_id = item.id()
        submitted_at, updated_at = item.value("submitted_at"), item.value("updated_at")
        if submitted_at is None:
            raise Rejected("it has no time of submission")
        submission = Submission(
            channel=self.feed.name,
            external_id=external_id,
            category=mapping.category(item.value("category"), plan.categories, plan.category),
            description="\n".join(dict.fromkeys(str(text).strip() for text in item.values_of("text"))),
            submitted_at=plan.times.read(submitted_at),
            updated_at=plan.times.read(submitted_at if updated_at is None else updated_at),
            point=self.point(payload),
            author=item.text("author"),
            image_url=web_address(item.text("image_url")),
            hint=item.text("hint"),
            digest=item.digest(),
            unread=item.left(plan.ignore),
        )
        said = item.text("status")
        if said and said not in plan.statuses:
            raise Rejected(f"unknown status {said!r}")
        words = (item.text("by"), item.text("note"))
        return with_status(submission, plan.statuses.get(said, WAITING), *words)

    def _snapshot(self, payload: Payload) -> Snapshot:
        fields = Fields(payload)
        document = fields.take("document", dict)
        pois: dict[str, Poi] = {}
        refused = []
        each = self.each(document)
        for sent in each:
            try:
                poi = self._poi(sent)
                if poi.external_id in pois:
                    raise Rejected(f"{poi.external_id} comes twice")
                pois[poi.external_id] = poi
            except Rejected as reason:
                refused.append(str(reason))
        if len(pois) < self.plan.at_least:
            # To take it would be to say that the others are gone.
            raise FeedChanged(f"{len(pois)} places, at_least {self.plan.at_least} were expected")
        return Snapshot(
            feed=self.feed.name,
            taken_at=self._taken_at(document, fields.take("taken_at", str, "")),
            pois=tuple(pois.values()),
            refused=shortened(refused),
        )

    def _taken_at(self, document: Payload, fetched_at: str) -> datetime:
        # A table without rows has no field that could tell.
        if self.plan.taken_at and self.each(document):
            try:
                return self.plan.times.read(self.stated_at(document))
            except Rejected as reason:
                raise FeedChanged(f"taken_at {self.plan.taken_at!r}: {reason}") from None
        if not fetched_at:
            raise FeedChanged(
                "nothing says of when this document is: name a field of it by options.taken_at, "
                "or let it be read from an address or a folder"
            )
        return datetime.fromisoformat(fetched_at)

    def _poi(self, sent: Any) -> Poi:
        plan, item = self.plan, self.item(sent)
        external_id = item.id()
        said = item.text("kind")
        kind = plan.kinds.get(said, plan.kind) if plan.kinds else said or plan.kind
        if not kind:
            raise Rejected(f"{external_id}: unknown kind {said!r}")
        try:
            point = self.point(sent)
        except Rejected as reason:
            raise Rejected(f"{external_id}: {reason}") from None
        if point is None:
            raise Rejected(f"{external_id} has no position")
        ours = {name: item.text(name) for name in ("operator", "opening_hours", "address")}
        return Poi(
            external_id=external_id,
            kind=kind,
            name=item.text("name"),
            brand=item.text("brand"),
            point=point,
            attributes={
                **{name: value for name, value in item.values.items() if not is_blank(value)},
                **{name: value for name, value in ours.items() if value},
            },
            digest=item.digest(),
        )


def with_status(submission: Submission, status: str, by: str, note: str) -> Sequence[Record]:
    """Return a report and, where its source says more than that it came in, the step that this was."""
    is_news = status != WAITING or submission.updated_at > submission.submitted_at
    step = Update(submission.updated_at, status, by, note)
    trace = Updates(submission.channel, submission.external_id, (step,))
    return (submission, trace) if is_news else (submission,)


def find(values: Mapping[str, Any], name: str) -> Any:
    """Return the value of a name, or of a path with dots through objects; MISSING where there is none."""
    if name in values:
        return values[name]
    first, dot, rest = name.partition(".")
    inner = values.get(first)
    return find(inner, rest) if dot and isinstance(inner, Mapping) else MISSING


def is_blank(value: Any) -> bool:
    """Say whether a value says nothing."""
    return value is MISSING or value is None or (isinstance(value, str) and not value.strip())


def web_address(text: str) -> str:
    """Return an address of the web, empty where it is none: what a link leads to must not be a script."""
    return text if text.lower().startswith(("https://", "http://")) else ""


def shortened(refused: Sequence[str]) -> tuple[str, ...]:
    """Return reasons, the first of them where they are many."""
    more = len(refused) - MOST_SHOWN
    return (*refused[:MOST_SHOWN], *([f"and {more} more"] if more > 0 else []))
