"""Any table in CSV, as reports or as places: which column is what stands in the feed's TOML."""

import csv
import io
from codecs import lookup
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from geoplatform.errors import FeedChanged, FeedUnavailable, Rejected
from ingest.adapter import Feed, Payload
from ingest.reading.generic import Generic, Item, is_blank
from ingest.reading.mapping import POI, Options
from layers.record import LonLat


class Adapter(Generic):
    """A row is an item; it has every column of the first line."""

    own: ClassVar[set[str]] = {"delimiter", "encoding", "decimal_comma"}
    columns: ClassVar[set[str]] = {"lon", "lat"}

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed)
        options = Options(feed)
        self._delimiter = options.take("delimiter", str, ",")
        if len(self._delimiter) != 1 or self._delimiter in '"\r\n':
            options.refuse("delimiter", f"is {self._delimiter!r}, expected one character")
        encoding = options.take("encoding", str, "utf-8")
        try:
            # A byte order mark belongs to no name of a column.
            self._encoding = {"utf-8": "utf-8-sig"}.get(lookup(encoding).name, encoding)
        except LookupError:
            options.refuse("encoding", f"is {encoding!r}, which is none")
        options.take("decimal_comma", bool, False)
        if self.plan.record == POI and "lon" not in self.plan.fields:
            options.refuse("fields.lon", "is missing: a poi needs it")

    def items(self, body: bytes) -> Iterator[Payload]:
        """Yield the rows, each by the names of its columns; one of another length as its cells."""
        table = csv.reader(
            io.TextIOWrapper(io.BytesIO(body), self._encoding, newline=""),
            delimiter=self._delimiter,
            strict=True,
        )
        try:
            yield from self._rows(table, body.rstrip(b"\0").endswith((b"\n", b"\r")))
        except csv.Error as error:
            raise FeedChanged(f"line {table.line_num}: {error}") from None
        except UnicodeError:
            raise FeedChanged(
                f"behind line {table.line_num}: no {self._encoding}: set options.encoding"
            ) from None

    def whole(self, body: bytes) -> Payload:
        """Return all rows."""
        return {"rows": list(self.items(body))}

    def each(self, document: Payload) -> Sequence[Any]:
        """Return the rows of a document."""
        rows: Sequence[Any] = document["rows"]
        return rows

    def stated_at(self, document: Payload) -> Any:
        """Return the greatest time in the column ``taken_at``."""
        values = (row.get(self.plan.taken_at) for row in document["rows"])
        return max((value for value in values if not is_blank(value)), key=self.plan.times.read, default=None)

    def item(self, payload: Any) -> Item:
        """Return a row to be read."""
        if isinstance(payload.get("cells"), list):
            raise Rejected(f"a row has {len(payload['cells'])} cells, the first line {payload['columns']}")
        return Item(payload, self.plan, payload, has_columns=True)

    def point(self, payload: Any) -> LonLat | None:
        """Return the position in the two columns of a row."""
        item = self.item(payload)
        lon, lat = item.value("lon"), item.value("lat")
        if lon is None and lat is None:
            return None
        return self.plan.positions.read(lon, lat)

    def _rows(self, table: Any, is_ended: bool) -> Iterator[Payload]:
        names = _names(next(table, []))
        # Also where no row follows: a page for people would pass for a table of nothing.
        Item(dict.fromkeys(names), self.plan, None, has_columns=True).check()
        short: list[str] = []
        for cells in table:
            if short:
                yield _row(names, short)
            # The last of a table without an end may be one that was cut off.
            short = cells if len(cells) < len(names) and not is_ended else []
            if not short and any(cell.strip() for cell in cells):
                yield _row(names, cells)
        if short:
            raise FeedUnavailable(f"{self.feed.name}: the table breaks off in line {table.line_num}")


def _names(cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    if not any(names):
        raise FeedChanged("there is no line with the names of the columns")
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise FeedChanged(f"two columns are named {', '.join(map(repr, sorted(twice)))}")
    return names


def _row(names: list[str], cells: list[str]) -> Payload:
    if len(cells) != len(names):
        return {"columns": len(names), "cells": cells}
    return {name: cell for name, cell in zip(names, cells, strict=True) if name}
