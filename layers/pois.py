"""The layers of points of interest."""

from layers.layer import Layer

ODBL = "Open Database License 1.0 (ODbL-1.0), https://opendatacommons.org/licenses/odbl/1-0/"
OPENSTREETMAP = '&copy; <a href="https://www.openstreetmap.org/copyright">OpenStreetMap contributors</a>'
FIELDS = {
    "name": "name on the sign, empty where unknown",
    "brand": "brand or chain, empty where unknown",
    "kind": "OpenStreetMap's value of amenity",
    "opening_hours": "as the source writes them, OpenStreetMap's in its own notation; absent where unknown",
    "simulated": "true where the row comes from the simulated city",
    "count": "places in a cell, where the tile shows cells",
}

PETROL_STATIONS = Layer(
    name="petrol_stations",
    title={"id": "SPBU", "en": "Petrol stations"},
    geometry="point",
    statement="layers/pois_tile",
    rows="pois",
    params={"kinds": ["fuel"]},
    minzoom=10,
    attribution=OPENSTREETMAP,
    licence=ODBL,
    fields=FIELDS,
)
HOSPITALS = Layer(
    name="hospitals",
    title={"id": "Rumah sakit", "en": "Hospitals"},
    geometry="point",
    statement="layers/pois_tile",
    rows="pois",
    params={"kinds": ["hospital"]},
    minzoom=10,
    attribution=OPENSTREETMAP,
    licence=ODBL,
    fields=FIELDS,
)
RESTAURANTS = Layer(
    name="restaurants",
    title={"id": "Rumah makan", "en": "Restaurants"},
    geometry="point",
    statement="layers/pois_tile",
    rows="pois",
    params={"kinds": ["restaurant", "fast_food", "cafe"]},
    minzoom=10,
    attribution=OPENSTREETMAP,
    licence=ODBL,
    fields=FIELDS,
)
