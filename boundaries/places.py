"""The places that a citizen names: every kelurahan, kecamatan and kota, found by name or by code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from boundaries.models import Level
from geoplatform import sql
from layers.grid import Bbox

# "Jatinegara" is a kecamatan, and a kelurahan of another one: whoever says the tier means that one alone.
TIERS: Mapping[str, str] = {
    "kelurahan": Level.KELURAHAN, "kel": Level.KELURAHAN,
    "kecamatan": Level.KECAMATAN, "kec": Level.KECAMATAN,
    "kota": Level.KOTA, "kabupaten": Level.KOTA,
}  # fmt: skip
LARGEST_FIRST = (Level.KOTA, Level.KECAMATAN, Level.KELURAHAN)
OFFICIAL = re.compile(r"^(Kota|Kabupaten) Administrasi ")
MOST_NAMED = 12  # that one text may mean; of more nobody wants to choose


@dataclass(frozen=True)
class Named:
    """A boundary by dotted code, tier and name, the code of the tier above, and its box in degrees."""

    code: str
    level: str
    name: str
    parent: str | None
    bbox: Bbox

    @property
    def short(self) -> str:
        """Its name as people say it: without "Kota Administrasi"."""
        return OFFICIAL.sub("", self.name)

    @property
    def title(self) -> str:
        """Its tier and name, which no other place has: ``Kelurahan Gambir``."""
        return self.name if self.level == Level.KOTA else f"{self.level.capitalize()} {self.name}"


@lru_cache(maxsize=8)
def places(edition_id: int) -> Mapping[str, Named]:
    """Return every place of an edition by its code, in their order; what an edition holds never changes."""
    return {
        code: Named(code, level, name, parent, Bbox(*sides))
        for code, level, name, parent, *sides in sql.rows("boundaries/places", {"edition_id": edition_id})
    }


def find(edition_id: int, text: str) -> list[Named]:
    """Return what a text may mean: one place by its code, its title or its whole name; else those alike.

    A name that two tiers share, or that only begins or occurs in a name, gives several, larger tiers first
    among equals, at most ``MOST_NAMED``.
    """
    known = places(edition_id)
    if text.strip() in known:
        return [known[text.strip()]]
    tier, words = _read(text)
    if not words:
        return []
    ranked = [
        (rank, LARGEST_FIRST.index(Level(one.level)), one.code)
        for one in known.values()
        if tier in (None, one.level) and (rank := _rank(one, words)) is not None
    ]
    exact = [key for key in ranked if key[0] == 0]
    return [known[code] for _, _, code in sorted(exact or ranked)[:MOST_NAMED]]


def inside(edition_id: int, code: str) -> list[str]:
    """Return the codes of the kelurahan of a place; of a kelurahan its own."""
    return [
        one.code
        for one in places(edition_id).values()
        if one.level == Level.KELURAHAN and (one.code == code or one.code.startswith(f"{code}."))
    ]


def _read(text: str) -> tuple[str | None, str]:
    """Return the tier that a text begins with, if any, and the words of the name."""
    words = re.sub(r"[^\w\s]", " ", text.casefold()).split()
    tier = TIERS.get(words[0]) if len(words) > 1 else None
    if tier:
        words = [word for word in words[1:] if word != "administrasi"]
    return tier, " ".join(words)


def _rank(one: Named, words: str) -> int | None:
    """Return how near a name comes to some words: 0 is it, then it begins so, then it has them; None: not."""
    name = one.short.casefold()
    if name == words:
        return 0
    if name.startswith(words):
        return 1
    return 2 if words in name else None
