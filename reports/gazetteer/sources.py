"""The names of the edition in force and of distinctive points of interest, read from the database."""

from collections.abc import Iterator

from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from boundaries.models import Boundary, Edition
from geoplatform.errors import NotFound
from layers.models import Poi
from layers.record import LonLat
from reports.gazetteer import names
from reports.gazetteer.names import Name


def names_in_force() -> Iterator[Name]:
    """All names: boundaries, then streets and landmarks, then points of interest."""
    edition = Edition.objects.filter(validity__contains=timezone.localdate()).first()
    if edition is None:
        raise NotFound("no edition of boundaries is in force")
    rows = Boundary.objects.filter(edition=edition).order_by("code").values_list("level", "code", "name")
    yield from names.of_boundaries(rows)
    yield from names.of_tables()
    yield from _pois(edition)


def _pois(edition: Edition) -> Iterator[Name]:
    """The real places of two words or more whose name occurs once: no chain, no "Warung Nasi"."""
    there = Boundary.objects.filter(edition=edition, level="kelurahan", geom__covers=OuterRef("point"))
    once = (
        Poi.objects.filter(closed_at=None, simulated=False, name__contains=" ")
        .values("name").annotate(times=Count("id")).filter(times=1).values("name")
    )  # fmt: skip
    pois = (
        Poi.objects.filter(closed_at=None, simulated=False, name__in=once)
        .annotate(code=Subquery(there.order_by("code").values("code")[:1]))
        .exclude(code=None).order_by("id")
    )  # fmt: skip
    for poi in pois:
        yield Name(poi.name, names.LANDMARK, poi.code, LonLat(poi.point.x, poi.point.y))
