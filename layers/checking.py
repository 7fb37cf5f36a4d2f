"""Whether an index and the rows that it was made of agree."""

import hashlib
from typing import Any, NamedTuple

import numpy as np

from layers.follow import Followed
from layers.index import Rows
from layers.layer import Layer


class Difference(NamedTuple):
    """How many points the index has that no row has, lacks though a row has them, or has otherwise."""

    points: int
    too_many: int
    missing: int
    otherwise: int

    @property
    def is_none(self) -> bool:
        """Say whether index and rows agree."""
        return not (self.too_many or self.missing or self.otherwise)


def compare(known: Followed, layer: Layer, cursor: Any) -> Difference:
    """Compare what a process knows of a layer with its rows, read once more from the first to the last.

    The cursor's transaction must see one state of the rows: REPEATABLE READ, or nobody else writes.
    """
    indexed = _by_id(known.state(cursor).snapshot.rows(), known)
    anew = Followed(layer, None)
    stored = _by_id(anew.state(cursor).snapshot.rows(), anew)
    both, left, right = np.intersect1d(indexed[0], stored[0], assume_unique=True, return_indices=True)
    same = np.all(
        [one[left] == other[right] for one, other in zip(indexed[1:], stored[1:], strict=True)], axis=0
    )
    return Difference(
        len(stored[0]), len(indexed[0]) - len(both), len(stored[0]) - len(both), int((~same).sum())
    )


def _by_id(rows: Rows, known: Followed) -> list[np.ndarray]:
    """Return ids, keys, days and words as numbers: codes are each index's own, words are not."""
    wordlist = known.known().snapshot.base.wordlist
    traits = wordlist.traits
    columns = [rows.ids, rows.keys, rows.traits & ((1 << int(traits.shifts[0])) - 1)]
    for shift, mask, words in zip(traits.shifts, traits.masks, wordlist.words, strict=True):
        columns.append(np.array([_number(word) for word in words])[(rows.traits >> shift) & mask])
    return columns


def _number(word: str | bool | None) -> int:
    """Return a number that stands for a word: eight bytes a row, where its text took up to 100."""
    return int.from_bytes(hashlib.blake2b(repr(word).encode(), digest_size=8).digest(), "big", signed=True)
