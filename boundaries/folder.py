"""One file of a folder of points, as a worker joins it: without Django, and without the others."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from boundaries import annotate, cover_file, tables
from boundaries.annotate import Meter, Tally
from boundaries.cover import Cover
from geoplatform.errors import Unavailable


class Errand(NamedTuple):
    """What a worker does: the file that it reads, the one that it writes, and the cover of the edition."""

    source: Path
    out: Path
    cover: Path


def annotate_file(errand: Errand) -> Tally:
    """Write a file with codes anew, in one process and thread; it is there whole or not at all."""
    table = tables.find(errand.source)
    plan = annotate.plan(table, errand.out, anew=True)
    meter = Meter()
    batches = annotate.annotated(plan, table.whole(), cover(errand.cover), meter)
    annotate.write(plan, errand.out, batches, meter)
    return meter.total


@lru_cache(maxsize=1)
def cover(path: Path) -> Cover:
    """Read the cover once for each process."""
    found = cover_file.load(path)
    if found is None:
        raise Unavailable(f"a worker does not see {path}: the folder must be one that all of them share")
    return found
