"""What the gazetteer knows by name, from the tables beside it; pure, no Django."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from layers.record import LonLat

HERE = Path(__file__).parent

KELURAHAN, KECAMATAN, KOTA = LEVELS = ("kelurahan", "kecamatan", "kota")
STREET, LANDMARK = "street", "landmark"

#: How the publications title a kota; people leave it out.
TITLES = ("Kota Administrasi ", "Kabupaten Administrasi ")


@dataclass(frozen=True)
class Name:
    """A name and what it names.

    ``kind`` is kelurahan, kecamatan, kota, street or landmark. ``code`` is that of the boundary itself, or of
    the narrowest boundary that a street or landmark surely lies in.
    """

    text: str
    kind: str
    code: str
    point: LonLat | None = None
    aliases: tuple[str, ...] = ()


def level_of(code: str) -> str:
    """Tell the level of a Kemendagri code from its length: ``31.71`` is a kota."""
    return LEVELS[3 - code.count(".")]


def lies_in(inner: str, outer: str) -> bool:
    """Say whether one boundary lies in another, or is the same."""
    return inner == outer or inner.startswith(outer + ".")


def of_boundaries(rows: Iterable[tuple[str, str, str]]) -> Iterator[Name]:
    """Make the names of boundaries, with the aliases that the table knows, from (level, code, name)."""
    aliases: dict[str, tuple[str, ...]] = {}
    for row in table("aliases"):
        aliases[row["code"]] = (*aliases.get(row["code"], ()), row["alias"])
    for level, code, published in rows:
        name = published.removeprefix(TITLES[0]).removeprefix(TITLES[1])
        yield Name(name, level, code, aliases=aliases.get(code, ()))


def of_tables() -> Iterator[Name]:
    """Read the streets and landmarks; one that several boundaries share comes once for each."""
    for file, kind in (("streets", STREET), ("landmarks", LANDMARK)):
        for row in table(file):
            aliases = tuple(filter(None, row["aliases"].split("|")))
            for code in row["codes"].split("|"):
                yield Name(row["name"], kind, code, aliases=aliases)


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one table beside this module, by its name without ``.csv``."""
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
