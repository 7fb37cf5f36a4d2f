"""The areas by which offices are chosen: each kota with its kecamatan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from boundaries.models import Boundary, Level


@dataclass(frozen=True)
class Kota:
    """A kota and the kecamatan in it, by code and name."""

    code: str
    name: str
    kecamatan: Sequence[tuple[str, str]]


def kota(on: date) -> list[Kota]:
    """Return every kota of the edition of a day, by code."""
    rows = Boundary.objects.filter(edition__validity__contains=on, level__in=(Level.KOTA, Level.KECAMATAN))
    named = list(rows.order_by("code").values_list("code", "name", "level"))
    within = [(code, name) for code, name, level in named if level == Level.KECAMATAN]
    return [
        Kota(code, name, [one for one in within if one[0].startswith(f"{code}.")])
        for code, name, level in named
        if level == Level.KOTA
    ]
