"""The layer of citizens' reports: an allow-list of what the public may see of each."""

from layers.layer import Layer

REPORTS = Layer(
    name="reports",
    title={"id": "Laporan warga", "en": "Citizens' reports"},
    geometry="point",
    statement="reports/tile",
    daily=True,
    fields={
        "category": "code of the kind of problem; /api/map lists them",
        "status": "waiting, in_progress or done",
        "channel": "where the citizen spoke",
        "age_days": "days since the report, by the city's calendar",
        "kelurahan": "Kemendagri code; absent where the place is not known",
        "placed_by": "inside, nearest or declared; absent where the place is not known",
        "simulated": "true where the row comes from the simulated city",
        "count": "reports in a cell, where the tile shows cells",
        "waiting": "of these, waiting",
        "in_progress": "of these, in progress",
        "done": "of these, done",
    },
)
