"""Where a layer changed last, and which of its rows: whether what was made of them still holds; pure."""

from collections import deque
from collections.abc import Iterable

import numpy as np

from layers.grid import KEY_ZOOM, Tile, spread
from layers.zorder import gathered

BLOCK_ZOOM = 14  # a change is told from others no nearer than this: 2.4 km
MOST_RENEWED = 100_000  # ids of rows that are told
MOST = 200_000  # blocks that are told apart, 20 MB; the city has some 300


class Changes:
    """The last change in each tile from zoom 0 to 14, by its number; deeper tiles have their block's."""

    def __init__(self) -> None:
        self._everywhere = 0
        self._last: dict[tuple[int, int], int] = {}
        self.number = 0

    def note(self, keys: np.ndarray) -> None:
        """Note a change of the points that had or have these keys."""
        self.number += 1
        blocks = np.unique(keys >> (2 * (KEY_ZOOM - BLOCK_ZOOM)))
        for zoom in range(BLOCK_ZOOM, -1, -1):
            self._last.update(dict.fromkeys(_keyed(zoom, blocks), self.number))
            blocks = np.unique(blocks >> 2)
        if len(self._last) > MOST:
            self.note_everywhere()

    def note_everywhere(self) -> None:
        """Note that anything may have changed."""
        self.number += 1
        self._everywhere = self.number
        self._last.clear()

    def blocks(self, since: int) -> list[tuple[int, int]] | None:
        """Return column and row of the blocks that changed behind a number; None: anything may have."""
        if self._everywhere > since:
            return None
        # A list first: another thread may note a change meanwhile.
        noted = list(self._last.items())
        changed = (key for (zoom, key), number in noted if zoom == BLOCK_ZOOM and number > since)
        return [(int(gathered(key)), int(gathered(key >> 1))) for key in changed]

    def last(self, at: Tile) -> int:
        """Return the number of the last change within a tile, or within the block that it is part of."""
        up = max(0, at.z - BLOCK_ZOOM)
        block = spread(at.x >> up) | spread(at.y >> up) << 1
        return max(self._everywhere, self._last.get((at.z - up, block), 0))


def _keyed(zoom: int, blocks: np.ndarray) -> Iterable[tuple[int, int]]:
    return ((zoom, int(block)) for block in blocks)


class Renewed:
    """The rows that were read anew, by their ids, for who keeps something made of a row."""

    def __init__(self) -> None:
        self.number = 0
        self._log: deque[tuple[int, np.ndarray]] = deque()
        self._told = 0
        self._from = 0  # what was renewed up to this number is not known one by one

    def note(self, ids: np.ndarray) -> None:
        """Note rows that may not be what they were."""
        self._log.append((self.number + 1, ids))
        self._told += len(ids)
        while self._told > MOST_RENEWED:
            self._from, forgotten = self._log.popleft()
            self._told -= len(forgotten)
        self.number += 1

    def note_everything(self) -> None:
        """Note that any row may be another."""
        self._log.clear()
        self._told = 0
        self._from = self.number = self.number + 1

    def since(self, number: int) -> list[int] | None:
        """Return the ids of the rows that were renewed behind a number; None: any may be."""
        if number < self._from:
            return None
        return [id for later, ids in list(self._log) if later > number for id in ids.tolist()]
