"""How many tiles were served and made, by layer, and how long it took; a machine's processes count together.

Where ``PROMETHEUS_MULTIPROC_DIR`` is set each process counts in a file there, which /metrics adds up.
"""

from functools import cache
from typing import Any

from prometheus_client import Counter, Histogram

SERVED = Counter("geoplatform_tiles_served", "Tiles that were asked for, kept or made.", ["layer"])
MADE = Counter("geoplatform_tiles_made", "Tiles that were made: none was kept that holds.", ["layer"])
SECONDS = Histogram(
    "geoplatform_tile_seconds",
    "How long it took to make a tile.",
    ["layer"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3),
)


@cache
def served(layer: str) -> Any:
    """Return the count of tiles served of a layer; looked up once: it is on the way of every tile."""
    return SERVED.labels(layer)


@cache
def made(layer: str) -> Any:
    """Return the count of tiles made of a layer."""
    return MADE.labels(layer)


@cache
def seconds(layer: str) -> Any:
    """Return how long it took to make each tile of a layer."""
    return SECONDS.labels(layer)
