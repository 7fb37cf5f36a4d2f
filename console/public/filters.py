"""The filters of reports as people set them: a place by its name, a kind, a state, days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api import listing
from api.listing import Listing
from boundaries import editions, lookup, places
from boundaries.places import Named
from geoplatform.errors import InvalidRequest
from reports.models import Category


@dataclass(frozen=True)
class Chosen:
    """What a form asks for, and what of it cannot be used.

    ``given`` are the fields as they were filled in. ``meant`` are the places that the text of ``place`` may
    mean where it is not one; ``wrong`` says what else is wrong, in words of the API.
    """

    listing: Listing
    given: Mapping[str, str] = field(default_factory=dict)
    meant: list[Named] = field(default_factory=list)
    wrong: str = ""

    @property
    def place(self) -> str:
        """The text of the place, as it was given."""
        return self.given.get("place", "")

    @property
    def is_usable(self) -> bool:
        """Whether reports can be listed by it."""
        return not self.wrong and (not self.place or self.listing.place is not None)


def read(given: Mapping[str, str]) -> Chosen:
    """Return what the fields of a form choose; an empty one chooses nothing."""
    filled = {name: given[name] for name in listing.NAMES if given.get(name)}
    text = filled.get("place", "").replace("\0", " ")
    edition = editions.in_force(lookup.today())
    meant = places.find(edition.pk, text) if edition and text else []
    place = meant[0] if len(meant) == 1 else None
    try:
        chosen = listing.of(filled, place)
    except InvalidRequest as error:
        return Chosen(Listing(place), filled, meant if place is None else [], str(error))
    return Chosen(chosen, filled, meant if place is None else [])


def form(chosen: Chosen, spoken: str) -> dict[str, Any]:
    """Return what the template of the fields shows: what may be chosen, and what is."""
    edition = editions.in_force(lookup.today())
    one = chosen.listing
    return {
        "places": places.places(edition.pk).values() if edition else [],
        "categories": [
            (category.code, category.name_en if spoken == "en" else category.name_id)
            for category in Category.objects.order_by("name_en" if spoken == "en" else "name_id")
        ],
        "statuses": listing.STATUSES,
        "place": one.place.title if one.place else chosen.place,
        **{name: chosen.given.get(name, "") for name in ("category", "status", "from", "to")},
        "count": len(chosen.given),
    }
