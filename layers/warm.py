"""Compile the loops of the index before anybody waits for them; they are kept for the next start."""

import hashlib
import logging
import os
from pathlib import Path

import numba
import numpy as np

from layers.drawing import draw
from layers.grid import MAX_ZOOM, SCREENFUL, Tile
from layers.index import Rows, applied, merged, points, snapshot_of
from layers.lettering import lettering
from layers.tallying import Axis, selected, tally
from layers.traits import ALL, Facet, Traits, Wordlist, wanted
from layers.zorder import degrees

logger = logging.getLogger(__name__)

TRAITS = Traits((Facet("kind", 2), Facet("status", 2, ("waiting",))), tally="status")


def is_compiled() -> bool:
    """Say whether the loops, as they now are, were compiled on this machine before."""
    return _mark().exists()


def compile_loops() -> None:
    """Draw a few points in every way that there is: half a minute the first time, a second afterwards.

    Where they cannot be kept for the next start, they are compiled all the same.
    """
    wordlist = Wordlist(TRAITS)
    count = SCREENFUL + 1
    packed = wordlist.pack(np.zeros(count), [["a"] * count, ["waiting"] * count])
    snapshot = snapshot_of(Rows(np.arange(count), np.arange(count), packed), wordlist)
    snapshot, _ = applied(snapshot, Rows(np.zeros(1, np.int64), np.zeros(1, np.int64), packed[:1]))
    letters = lettering("warm", wordlist)
    for known in (snapshot, merged(snapshot)):
        for at in (Tile(0, 0, 0), Tile(MAX_ZOOM, 0, 0)):
            for filter in (wanted(TRAITS, {}), wanted(TRAITS, {"kind": ["a"]})):
                draw(points(known, filter), at, "mvt", 6, 0, letters)
                draw(points(known, filter), at, "geojson", 6, 0, letters)
        tally(known, ALL, [Axis("status", {"waiting": 1}, 2)])
        degrees(selected(known, ALL).keys)
    try:
        _mark().parent.mkdir(parents=True, exist_ok=True)
        _mark().touch()
    except OSError as error:
        logger.warning("the compiled loops are not kept for the next start: %s", error)


def _mark() -> Path:
    """Return a file whose name stands for the loops' code and the compiler."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    return Path(os.environ["NUMBA_CACHE_DIR"]) / f"layers-{numba.__version__}-{digest}"
