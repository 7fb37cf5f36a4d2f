"""What changed in each layer lately, and where: all that listeners are told is read from here."""

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from layers import live
from layers.changes import BLOCK_ZOOM
from layers.grid import Tile, bbox
from layers.layer import Layer

Blocks = frozenset[tuple[int, int]] | None  # columns and rows at BLOCK_ZOOM; None: anywhere
KEPT = 500  # changes of a layer that are told one by one
MOST_BLOCKS = 256  # beyond, a box tells them
POSITION = re.compile(r"[a-z_]+=\d{1,18}", re.ASCII)
LONGEST = 2000


class Change(NamedTuple):
    """A layer is at a revision, and what lies in some blocks may be another."""

    layer: str
    revision: int
    blocks: Blocks


class Journal:
    """The revisions of some layers, and their last changes."""

    def __init__(self, layers: Iterable[Layer]) -> None:
        self._layers = list(layers)
        self._numbers = {layer.name: self._number(layer) for layer in self._layers}
        self.revisions = {layer.name: _revision(layer) for layer in self._layers}
        # Behind these, every change is known.
        self._floors = dict(self.revisions)
        self._changes: dict[str, deque[tuple[int, Blocks]]] = {
            layer.name: deque(maxlen=KEPT) for layer in self._layers
        }

    def look(self) -> bool:
        """Note what changed since the last look; returns whether anything did."""
        return any([self._look_at(layer) for layer in self._layers])

    def _look_at(self, layer: Layer) -> bool:
        name, revision = layer.name, _revision(layer)
        if revision == self.revisions[name]:
            return False
        changes = self._changes[name]
        if revision < self.revisions[name]:  # another database
            changes.clear()
            self._floors[name] = revision
        elif len(changes) == KEPT:
            self._floors[name] = changes[0][0]
        changes.append((revision, self._blocks(layer)))
        self.revisions[name] = revision
        return True

    def _blocks(self, layer: Layer) -> Blocks:
        if not layer.traits:
            return None
        noted = live.followed(layer.name).changes
        number = noted.number
        found = noted.blocks(self._numbers[layer.name])
        self._numbers[layer.name] = number
        return None if found is None else frozenset(found)

    def _number(self, layer: Layer) -> int:
        return live.followed(layer.name).changes.number if layer.traits else 0

    def behind(self, position: Mapping[str, int]) -> list[Change]:
        """Return, for each layer of a position that has another revision now, what changed since."""
        return [
            Change(name, self.revisions[name], self._since(name, revision))
            for name, revision in position.items()
            if revision != self.revisions[name]
        ]

    def _since(self, name: str, revision: int) -> Blocks:
        if not self._floors[name] <= revision < self.revisions[name]:
            return None
        parts = [blocks for later, blocks in self._changes[name] if later > revision]
        return None if None in parts else frozenset().union(*(part for part in parts if part is not None))


def _revision(layer: Layer) -> int:
    """Return the revision up to which it is known where a layer changed."""
    return live.followed(layer.name).revision if layer.traits else live.stamp(layer.name).revision


def written(position: Mapping[str, int]) -> str:
    """Return a position as the id of an event."""
    return ";".join(f"{name}={revision}" for name, revision in position.items())


def read(text: str, layers: Sequence[str]) -> dict[str, int]:
    """Return the position that an id names, as far as it is of these layers; of what is no id nothing."""
    parts = text.split(";") if len(text) <= LONGEST else []
    pairs = (part.split("=") for part in parts if POSITION.fullmatch(part))
    return {name: int(revision) for name, revision in pairs if name in layers}


def told(change: Change) -> dict[str, object]:
    """Return what a listener is told of a change."""
    blocks = change.blocks
    few = blocks if blocks is not None and len(blocks) <= MOST_BLOCKS else None
    return {
        "layer": change.layer,
        "revision": change.revision,
        "blocks": None if few is None else sorted([BLOCK_ZOOM, x, y] for x, y in few),
        "bbox": _around(blocks) if blocks else None,
    }


def _around(blocks: frozenset[tuple[int, int]]) -> list[float]:
    columns, rows = zip(*blocks, strict=True)
    first = bbox(Tile(BLOCK_ZOOM, min(columns), min(rows)))
    last = bbox(Tile(BLOCK_ZOOM, max(columns), max(rows)))
    return [round(degrees, 6) for degrees in (first.west, last.south, last.east, first.north)]
