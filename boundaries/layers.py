"""The layers of the province's administration, from the edition in force."""

from boundaries.models import Level
from layers.layer import Layer

FIELDS = {
    "code": "Kemendagri code, dotted",
    "name": "name of the kelurahan, kecamatan or kota",
    "parent": "code of the tier above; empty for a kota",
    "schematic": "true where the outline is computed and not surveyed",
    "label_lon": "where a label may stand: longitude in degrees",
    "label_lat": "where a label may stand: latitude in degrees",
}


def _layer(level: Level, title_id: str, title_en: str) -> Layer:
    return Layer(
        name=level.value,
        title={"id": title_id, "en": title_en},
        geometry="polygon",
        statement="boundaries/tile",
        params={"level": level.value},
        fields=FIELDS,
        attribution="Boundaries: see /api/map",
        daily=True,
    )


KELURAHAN = _layer(Level.KELURAHAN, "Batas kelurahan", "Kelurahan boundaries")
KECAMATAN = _layer(Level.KECAMATAN, "Batas kecamatan", "Kecamatan boundaries")
KOTA = _layer(Level.KOTA, "Batas kota dan kabupaten", "Kota boundaries")
NAMES = (KELURAHAN.name, KECAMATAN.name, KOTA.name)
