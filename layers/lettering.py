"""The words of a layer's tiles, written once as the encoders copy them: names, values, what lies between."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from layers.traits import LAST_DAY, Traits, Wordlist

AGE = "age_days"
COUNT, OPENS = "count", "opens_at"
# The longest of what a feature has besides its words, with room to spare.
MOST_PER_FEATURE = 192


@dataclass(frozen=True)
class Lettering:
    """All that the encoders copy for one layer; valid while its list of words has this size.

    ``mvt`` and ``json`` are texts (uint8) and where in them each word begins (int64), facet after facet from
    ``firsts`` on. ``points`` and ``cells`` are the pieces of GeoJSON round the values, and their ends.
    """

    size: int
    firsts: np.ndarray
    mvt: tuple[np.ndarray, np.ndarray]
    json: tuple[np.ndarray, np.ndarray]
    name: np.ndarray
    point_names: np.ndarray
    cell_names: np.ndarray
    points: tuple[np.ndarray, np.ndarray]
    cells: tuple[np.ndarray, np.ndarray]
    longest: int

    @property
    def slots(self) -> int:
        """How many values a vector tile may have in its table: words, then ages in days."""
        return len(self.mvt[1]) + LAST_DAY + 1


def lettering(name: str, wordlist: Wordlist) -> Lettering:
    """Return a layer's lettering for the words that there are."""
    traits = wordlist.traits
    words = [list(known) for known in wordlist.words]
    pairs = [(facet, word) for facet, known in zip(traits.names, words, strict=True) for word in known]
    longest = sum(
        max(len(_json(facet, word)) for word in known)
        for facet, known in zip(traits.names, words, strict=True)
    )
    return Lettering(
        size=len(pairs),
        firsts=np.cumsum([0, *(len(known) for known in words[:-1])], dtype=np.int64),
        mvt=_joined(_mvt(word) for _, word in pairs),
        json=_joined(_json(facet, word) for facet, word in pairs),
        name=_bytes(_field(0x0A, name.encode()) + b"\x78\x02"),
        point_names=_bytes(b"".join(_field(0x1A, key.encode()) for key in (*traits.names, AGE))),
        cell_names=_bytes(b"".join(_field(0x1A, key.encode()) for key in cell_keys(traits))),
        points=_pieces(
            '{"type":"FeatureCollection","features":[', '{"type":"Feature","id":',
            ',"geometry":{"type":"Point","coordinates":[', ']},"properties":{', f'"{AGE}":', "}}", "]}",
        ),
        cells=_pieces(
            '{"type":"FeatureCollection","features":[',
            '{"type":"Feature","geometry":{"type":"Point","coordinates":[',
            f']}},"properties":{{"{COUNT}":', *(f',"{key}":' for key in cell_keys(traits)[1:]), "}}", "]}",
        ),
        longest=longest,
    )  # fmt: skip


def cell_keys(traits: Traits) -> tuple[str, ...]:
    """Return the names of a cell's properties, in the order in which the encoders write them."""
    return COUNT, *(str(word) for word in traits.tallied.words), OPENS


def _json(facet: str, word: str | bool | None) -> bytes:
    return b"" if word is None else f"{json.dumps(facet)}:{json.dumps(word, ensure_ascii=False)},".encode()


def _mvt(word: str | bool | None) -> bytes:
    """Return an entry of a layer's table of values (field 4): a string (1) or a boolean (7)."""
    if word is None:
        return b""
    return _field(0x22, bytes([0x38, word]) if isinstance(word, bool) else _field(0x0A, word.encode()))


def _field(tag: int, content: bytes) -> bytes:
    """Return a protobuf field with a length."""
    length, head = len(content), [tag]
    while length > 127:
        head.append(length & 127 | 128)
        length >>= 7
    return bytes([*head, length]) + content


def _joined(texts: Iterable[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Return texts as one, and where each begins, the end of the last one included."""
    known = list(texts)
    return _bytes(b"".join(known)), np.cumsum([0, *map(len, known)], dtype=np.int64)


def _pieces(*texts: str) -> tuple[np.ndarray, np.ndarray]:
    text, starts = _joined(piece.encode() for piece in texts)
    return text, starts[1:]


def _bytes(text: bytes) -> np.ndarray:
    # At least one, for numba takes no pointer to nothing.
    return np.frombuffer(text or b"\0", np.uint8)
