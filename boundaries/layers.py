"""The layers of the province's administration, from the edition in force."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from boundaries.models import Edition, Level
from layers.layer import Layer

CITY = ZoneInfo(settings.CITY_TIME_ZONE)
FIELDS = {
    "code": "Kemendagri code, dotted",
    "name": "name of the kelurahan, kecamatan or kota",
    "parent": "code of the tier above; empty for a kota",
    "schematic": "true where the outline is computed and not surveyed",
    "label_lon": "where a label may stand: longitude in degrees",
    "label_lat": "where a label may stand: latitude in degrees",
}


def _in_force() -> Edition | None:
    return Edition.objects.filter(validity__contains=timezone.now().astimezone(CITY).date()).first()


def _attribution() -> str:
    """Return what the publisher of the edition in force asks to be said."""
    edition = _in_force()
    return edition.attribution if edition else ""


def _licence() -> str:
    """Return under what the publisher of the edition in force gives it."""
    edition = _in_force()
    return edition.licence if edition else ""


def _layer(level: Level, title_id: str, title_en: str) -> Layer:
    return Layer(
        name=level.value,
        title={"id": title_id, "en": title_en},
        geometry="polygon",
        statement="boundaries/tile",
        params={"level": level.value},
        fields=FIELDS,
        attribution=_attribution,
        licence=_licence,
        daily=True,
    )


KELURAHAN = _layer(Level.KELURAHAN, "Batas kelurahan", "Kelurahan boundaries")
KECAMATAN = _layer(Level.KECAMATAN, "Batas kecamatan", "Kecamatan boundaries")
KOTA = _layer(Level.KOTA, "Batas kota dan kabupaten", "Kota boundaries")
NAMES = (KELURAHAN.name, KECAMATAN.name, KOTA.name)
