"""Who holds which office on a day, and whom a rung of the ladder tells: itself, or who is above it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boundaries import lookup
from boundaries.models import PROVINSI
from casework.escalation import contacts, ladder, letters
from casework.escalation.contacts import Address
from geoplatform import sql

# The governor's office where it is no row of offices, or one that nobody holds.
NOBODY: Mapping[str, Any] = {"title": letters.GOVERNOR, "official_id": None, "name": "", "acting": False}
# How many parts of a boundary's code name one of a tier.
PARTS = {"kelurahan": 4, "kecamatan": 3, "kota": 2}


@dataclass(frozen=True)
class Whom:
    """Who is told on a rung; an empty ``tier`` is the governor's office, of which no person need be known.

    Of a vacant post neither person nor address is known; ``office`` is empty where there is no such post.
    """

    tier: str | None
    office: str | None
    title: str
    official_id: int | None = None
    name: str = ""
    acting: bool = False
    is_vacant: bool = False
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True)
class Holders:
    """Who holds which office on one day, by the office's code and by tier and code of its boundary."""

    by_code: Mapping[str, Mapping[str, Any]]
    by_place: Mapping[tuple[str, str], str]
    book: contacts.Book

    @classmethod
    def on(cls, at: datetime) -> "Holders":
        """Read them as they are on the day of an instant."""
        rows = sql.dicts("casework/holders", {"on": lookup.city_day(at)})
        return cls(
            {row["office"]: row for row in rows},
            {(row["tier"], row["boundary_code"]): row["office"] for row in rows},
            contacts.book(),
        )

    def whom(self, tier: str | None, office: str | None) -> Whom:
        """Return who is told on the rung of a tier in an office's turn: itself, or who is above it.

        Above the unit, which is no office, there is the governor's office alone.
        """
        if tier is None or office is None:
            return self._governor(self.by_place.get((PROVINSI, self.province)))
        own = self.by_code[office]
        parts = own["boundary_code"].split(".")
        above = ".".join(parts[: PARTS[tier]])
        is_own = ladder.rank(own["tier"]) == ladder.rank(tier)
        code = office if is_own else self.by_place.get((tier, above))
        if code is None:
            return Whom(tier, None, f"{tier} {above}", is_vacant=True)
        if self.by_code[code]["official_id"] is None:
            return Whom(tier, code, self.by_code[code]["title"], is_vacant=True)
        return self._held(tier, code)

    def reached(self, office: str) -> list[tuple[Address, int | None]]:
        """Return where an office is told, and who holds it; None: nobody."""
        official_id = self.by_code[office]["official_id"]
        return [(address, official_id) for address in self.book.of(official_id, office)]

    @property
    def province(self) -> str:
        """The code of the province: that of every office begins with it."""
        return next((place for _, place in self.by_place), "").partition(".")[0]

    def _governor(self, code: str | None) -> Whom:
        holder = self.by_code[code] if code else NOBODY
        return self._told(None, code, holder, self.book.governor(holder["official_id"], code))

    def _held(self, tier: str | None, code: str) -> Whom:
        holder = self.by_code[code]
        return self._told(tier, code, holder, self.book.of(holder["official_id"], code))

    def _told(
        self, tier: str | None, code: str | None, holder: Mapping[str, Any], addresses: tuple[Address, ...]
    ) -> Whom:
        return Whom(
            tier,
            code,
            holder["title"],
            holder["official_id"],
            holder["name"] or "",
            bool(holder["acting"]),
            addresses=addresses,
        )
