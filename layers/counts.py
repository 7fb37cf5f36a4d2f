"""How many tiles were served and made, by layer; the processes of a machine count together.

Where ``PROMETHEUS_MULTIPROC_DIR`` is set each process counts in a file there, which /metrics adds up.
"""

from functools import cache
from typing import Any

from prometheus_client import Counter

SERVED = Counter("geoplatform_tiles_served", "Tiles that were asked for, kept or made.", ["layer"])
MADE = Counter("geoplatform_tiles_made", "Tiles that were made: none was kept that holds.", ["layer"])


@cache
def served(layer: str) -> Any:
    """Return the count of tiles served of a layer; looked up once: it is on the way of every tile."""
    return SERVED.labels(layer)


@cache
def made(layer: str) -> Any:
    """Return the count of tiles made of a layer."""
    return MADE.labels(layer)
