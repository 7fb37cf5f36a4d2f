"""What a TOML says of a source that no module was written for: which of its fields is which of ours.

Read and checked when the adapter is made, so that a wrong table is named before anything is fetched.
"""

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from geoplatform.errors import BadSettings, Rejected
from ingest.adapter import Feed
from ingest.reading.fields import JAKARTA
from ingest.reading.positions import Positions
from ingest.reading.times import Times
from reports.record import STATUSES

REPORT, POI = "report", "poi"
NEEDED = {REPORT: ("id", "text", "submitted_at"), POI: ("id",)}
KNOWN = {
    REPORT: {
        *NEEDED[REPORT],
        "updated_at",
        "category",
        "status",
        "note",
        "by",
        "author",
        "image_url",
        "hint",
    },
    POI: {*NEEDED[POI], "name", "brand", "kind", "operator", "opening_hours", "address"},
}
OPTIONS = {
    REPORT: {"category", "categories", "statuses", "ignore"},
    POI: {"kind", "kinds", "taken_at", "at_least"},
}
COMMON = {"record", "path", "fields", "time_zone", "time_format", "swap_axes", "crs"}
CATEGORIES = Path(__file__).parents[2] / "reports" / "categories.csv"


@dataclass(frozen=True)
class Plan:
    """The checked options of one feed.

    ``fields`` are the source's names for each of our fields, in the order in which they are looked for.
    ``categories``, ``statuses`` and ``kinds`` lead from its values to ours; ``category`` and ``kind`` stand
    in for what they lack, where they are not empty.
    """

    record: str
    fields: Mapping[str, tuple[str, ...]]
    times: Times
    positions: Positions
    categories: Mapping[str, str]
    category: str
    statuses: Mapping[str, str]
    kinds: Mapping[str, str]
    kind: str
    ignore: tuple[str, ...]
    taken_at: str
    at_least: int


class Options:
    """The options of a feed, taken strictly: what is of another kind, or unknown, is BadSettings."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self._values = feed.options

    def take(self, name: str, kind: type, default: Any) -> Any:
        """Return an option, or its default."""
        value = self._values.get(name, default)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.refuse(name, f"is {value!r}, expected {kind.__name__}")
        return value

    def whole(self, name: str, least: int, most: int, default: int) -> int:
        """Return an option that is a whole number within bounds."""
        value: int = self.take(name, int, default)
        if not least <= value <= most:
            self.refuse(name, f"is {value}, expected {least} to {most}")
        return value

    def table(self, name: str, values: Collection[str] | None = None) -> dict[str, str]:
        """Return a table of texts; where ``values`` are given, from anything to one of them."""
        table: dict[str, str] = self.take(name, dict, {})
        for key, value in table.items():
            if not isinstance(value, str) or (values is not None and value not in values):
                self.refuse(f"{name}.{key}", f"is {value!r}{_one_of(values)}")
        return table

    def one_of(self, name: str, values: Collection[str], default: str) -> str:
        """Return an option that has one of a few values; its default may be another, such as none."""
        value = str(self.take(name, str, default))
        if name in self._values and value not in values:
            self.refuse(name, f"is {value!r}{_one_of(values)}")
        return value

    def category(self) -> str:
        """Return the category of what names none, empty where there is no such."""
        return self.one_of("category", categories(), "")

    def categories(self) -> dict[str, str]:
        """Return the table from the source's categories to ours."""
        return self.table("categories", categories())

    def known(self, names: Collection[str]) -> None:
        """Refuse every other option."""
        for name in sorted(set(self._values) - set(names)):
            self.refuse(name, f"is not known, only {', '.join(sorted(names))}")

    def refuse(self, name: str, why: str) -> NoReturn:
        """Say what is wrong with an option."""
        raise BadSettings(f"feed {self.feed.name}: options.{name} {why}")


def checked(feed: Feed) -> Feed:
    """Return a feed whose categories, where its options name any, are ours.

    Raises
    ------
    BadSettings
        One is not: the database would refuse each report of that category, and with it the run.
    """
    options = Options(feed)
    options.category()
    options.categories()
    return feed


def plan(feed: Feed, own: Collection[str], columns: Collection[str] = ()) -> Plan:
    """Return the checked options of a feed.

    Parameters
    ----------
    own
        The options that only its adapter knows.
    columns
        The fields of ours that it has besides, such as those of a position that stands in two columns.

    Raises
    ------
    BadSettings
        An option is missing, unknown, or has a value that cannot be used.
    """
    options = Options(feed)
    if "record" not in feed.options:
        options.refuse("record", "is missing: report or poi")
    record = options.one_of("record", (REPORT, POI), "")
    options.known({*COMMON, *OPTIONS[record], *own})
    fields = _fields(options, record, columns)
    made = Plan(
        record=record,
        fields=fields,
        times=Times(options.take("time_format", str, "iso"), zone(options), options.refuse),
        positions=Positions(
            options.take("crs", str, "EPSG:4326"),
            options.take("swap_axes", bool, False),
            bool(feed.options.get("decimal_comma", False)),
            options.refuse,
        ),
        categories=options.categories(),
        category=options.category(),
        statuses=options.table("statuses", STATUSES),
        kinds=options.table("kinds"),
        kind=options.take("kind", str, ""),
        ignore=tuple(options.take("ignore", list, [])),
        taken_at=options.take("taken_at", str, ""),
        at_least=options.whole("at_least", 0, 100_000_000, 1),
    )
    _check_together(options, made)
    return made


def zone(options: Options) -> ZoneInfo:
    """Return the time zone of times that name none."""
    name = options.take("time_zone", str, JAKARTA.key)
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        options.refuse("time_zone", f"is {name!r}, which is none")


def category(said: Any, table: Mapping[str, str], otherwise: str) -> str:
    """Return our category for what a source says, or the declared one; never one that nobody declared."""
    category = table.get(str(said).strip(), otherwise) if said is not None else otherwise
    if not category:
        raise Rejected("no category" if said is None else f"unknown category {said!r}")
    return category


@cache
def categories() -> frozenset[str]:
    """Return the codes of all categories."""
    with CATEGORIES.open(encoding="utf-8", newline="") as file:
        return frozenset(row["code"] for row in csv.DictReader(file))


def _fields(options: Options, record: str, columns: Collection[str]) -> dict[str, tuple[str, ...]]:
    known = {*KNOWN[record], *columns}
    fields = {}
    for name, there in options.take("fields", dict, {}).items():
        if name not in known:
            options.refuse(f"fields.{name}", f"is no field of a {record}, only {', '.join(sorted(known))}")
        names = [there] if isinstance(there, str) else there
        if not isinstance(names, list) or not all(isinstance(one, str) and one for one in names) or not names:
            options.refuse(f"fields.{name}", f"is {there!r}, expected the name of a field there, or several")
        fields[name] = tuple(names)
    for name in NEEDED[record]:
        if name not in fields:
            options.refuse(f"fields.{name}", f"is missing: a {record} needs it")
    return fields


def _check_together(options: Options, made: Plan) -> None:
    """Refuse options that make no sense without another."""
    fields = made.fields
    if ("lon" in fields) != ("lat" in fields):
        options.refuse("fields", "names one of lon and lat without the other")
    if made.record == POI and not made.kind and "kind" not in fields:
        options.refuse("kind", "is missing, and fields.kind too")
    if made.record == REPORT and not made.category and not ("category" in fields and made.categories):
        options.refuse("category", "is missing, and fields.category with categories too")
    if "status" in fields and not made.statuses:
        options.refuse("statuses", "is missing: fields.status needs it")
    if "status" in fields and "updated_at" not in fields:
        # Of two statuses without times nobody can say which is the newer.
        options.refuse("fields.updated_at", "is missing: fields.status needs it")


def _one_of(values: Collection[str] | None) -> str:
    return f", expected one of {', '.join(sorted(values))}" if values is not None else ", expected a text"
