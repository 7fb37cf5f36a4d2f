"""The layers of Waze for Cities: each shows what the newest snapshot holds."""

from layers.layer import Layer

# Waze's terms ask for this sentence and its link wherever the data are shown.
WAZE = 'Data provided by Waze App. Learn more at <a href="https://www.waze.com">Waze.com</a>.'
TERMS = "Waze for Cities; its terms ask for the attribution wherever the data are shown"
SIMULATED = "true where the row comes from the simulated city"

JAMS = Layer(
    name="jams",
    title={"id": "Kemacetan", "en": "Traffic jams"},
    geometry="line",
    statement="layers/jams_tile",
    rows="jams",
    minzoom=9,
    attribution=WAZE,
    licence=TERMS,
    fields={
        "level": "0 free flow to 5 blocked",
        "speed_kmh": "present speed in km/h",
        "delay_s": "seconds lost against free flow; -1 where the road is blocked",
        "length_m": "length in metres",
        "street": "name of the street",
        "reported_at": "UTC instant of this version",
        "simulated": SIMULATED,
    },
)
IRREGULARITIES = Layer(
    name="irregularities",
    title={"id": "Kepadatan tidak biasa", "en": "Unusual traffic"},
    geometry="line",
    statement="layers/irregularities_tile",
    rows="irregularities",
    minzoom=9,
    attribution=WAZE,
    licence=TERMS,
    fields={
        "type": "SMALL, MEDIUM, LARGE or HUGE",
        "speed_kmh": "present speed in km/h",
        "regular_speed_kmh": "usual speed at this hour in km/h",
        "delay_s": "seconds lost against the usual time",
        "length_m": "length in metres",
        "street": "name of the street",
        "reported_at": "UTC instant of this version",
        "simulated": SIMULATED,
    },
)
ALERTS = Layer(
    name="alerts",
    title={"id": "Peringatan lalu lintas", "en": "Traffic alerts"},
    geometry="point",
    statement="layers/alerts_tile",
    rows="alerts",
    minzoom=9,
    attribution=WAZE,
    licence=TERMS,
    fields={
        "type": "kind of alert, such as ACCIDENT or HAZARD, as Waze sends it",
        "subtype": "finer kind, empty where none was chosen",
        "street": "name of the street",
        "reported_at": "UTC instant of the report",
        "reliability": "0 to 10, by Waze's own count",
        "simulated": SIMULATED,
        "count": "alerts in a cell, where the tile shows cells",
    },
)
