"""The layer of citizens' reports: an allow-list of what the public may see of each."""

from layers.layer import Layer
from layers.traits import Facet, Traits

REPORTS = Layer(
    name="reports",
    title={"id": "Laporan warga", "en": "Citizens' reports"},
    geometry="point",
    statement="reports/points",
    traits=Traits(
        (
            Facet("category", 10),
            Facet("status", 3, ("waiting", "in_progress", "done")),
            Facet("channel", 8),
            Facet("kelurahan", 12),
            Facet("placed_by", 2, ("inside", "nearest", "declared")),
            Facet("simulated", 2, (False, True)),
        ),
        tally="status",
    ),
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
        "opens_at": "of a cell: the zoom to go to, where its reports or smaller cells are shown",
    },
)
