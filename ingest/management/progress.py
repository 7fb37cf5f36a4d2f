"""How far a run is, for those who wait for a command."""

import time
from collections.abc import Callable

from ingest.pipeline import Progress
from ingest.runs.batches import Tally

EVERY_S = 2.0


def every_now_and_then(write: Callable[[str], object]) -> Progress:
    """Return what writes a line on a run's tally about every two seconds."""
    shown = time.monotonic()

    def show(tally: Tally) -> None:
        nonlocal shown
        if time.monotonic() - shown > EVERY_S:
            shown = time.monotonic()
            write(f"  {tally.fetched} items so far")

    return show
