"""What of a report may lead to another one on the same event; pure.

A key joins what two such reports share with the stretch of time in which they were made. Reports that can be
candidates at all share a key, or one of the neighbouring stretch or cell; what shares none is never compared.
"""

import csv
import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from reports.gazetteer.names import Name, table
from reports.gazetteer.spelling import words_of
from reports.gazetteer.text import read
from reports.gazetteer.trie import Trie

# How long apart two reports on the same event may be, by what they share.
EVENT_S, AUTHOR_S, PHOTO_S = 6 * 3600, 24 * 3600, 7 * 24 * 3600
NEAR_M = 300
CELL = 0.003  # degrees: 330 m in Jakarta, and no less than NEAR_M up to 26 degrees from the equator
LOOKS_ALIKE = 6  # bits of 64 in which two pictures of the same thing may differ
# Of seven pieces six different bits leave one alone; so pictures that are alike share a piece.
PIECES = (10, 9, 9, 9, 9, 9, 9)
PLAIN_BITS = 8  # fewer bits set, or fewer not: a picture of nothing, alike to every other one

NEIGHBOURHOOD = re.compile(r"\brt\W{0,2}0*(\d{1,3})\W{0,4}rw\W{0,2}0*(\d{1,3})\b")
MARK = re.compile(r"\[\w+\]")
REACH = 3  # words behind one that announces a place


@dataclass(frozen=True)
class Telling:
    """What is known of one report."""

    id: int
    version: bytes
    text: str
    hint: str
    kelurahan: str
    author_hash: str
    submitted_at: datetime
    lon: float | None
    lat: float | None
    looks: Sequence[int]


class Places:
    """The names of places that are looked for in a text."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._trie = Trie(names)

    def said(self, telling: Telling) -> list[str]:
        """Return the places that a text names: known ones, the words behind "Jl." and "di", the RT and RW."""
        text = MARK.sub(" ", f"{telling.text}\n{telling.hint}")
        found = {f"rt{rt}rw{rw}" for rt, rw in NEIGHBOURHOOD.findall(text.lower())}
        tokens = read(text).tokens
        known: set[int] = set()
        for mention in self._trie.mentions(tokens):
            known.update(range(mention.first, mention.last))
            if words_of(mention.names[0].text) not in self._trie.plain:
                found.update(name.text.lower() for name in mention.names)
        return sorted(found | _announced([token.word for token in tokens], known))


def keys(telling: Telling, said: Iterable[str]) -> list[str]:
    """Return under which keys a report lies."""
    lies = [(f"lies {telling.kelurahan.lower()}", EVENT_S)] if telling.kelurahan else []
    stems = [*_stems(telling, said), *lies]
    return sorted({_key(stem, telling.submitted_at, span_s, 0) for stem, span_s in stems})


def probes(telling: Telling, said: Iterable[str]) -> list[str]:
    """Return the keys under which another report on the same event would lie."""
    if telling.lon is None:
        across = [(f"lies {place}", EVENT_S) for place in said]
    else:
        across = [(f"said {telling.kelurahan.lower()}", EVENT_S)] if telling.kelurahan else []
    stems = [*_stems(telling, said), *((cell, EVENT_S) for cell in _cells_around(telling)), *across]
    return sorted(
        {_key(stem, telling.submitted_at, span_s, step) for stem, span_s in stems for step in (-1, 0, 1)}
    )


def _announced(words: Sequence[str], known: Collection[int]) -> set[str]:
    """Return the words behind one that announces a place, though no table has them."""
    announcing, common = _table("announces"), _table("common")
    found, ahead = set(), 0
    for at, word in enumerate(words):
        if word in announcing:
            ahead = REACH
        elif ahead:
            ahead -= 1
            if at not in known and len(word) >= 4 and word.isalpha() and word not in common:
                found.add(word)
    return found


def _stems(telling: Telling, said: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield what a report can have in common with another, and how long apart they may be."""
    if telling.lon is not None and telling.lat is not None:
        yield _cell(math.floor(telling.lon / CELL), math.floor(telling.lat / CELL)), EVENT_S
    for place in said:
        yield f"said {place}", EVENT_S
    if telling.author_hash:
        yield f"author {telling.author_hash[:24]}", AUTHOR_S
    for looks in telling.looks:
        for piece in _pieces(looks):
            yield f"looks {piece}", PHOTO_S


def _cells_around(telling: Telling) -> Iterator[str]:
    if telling.lon is not None and telling.lat is not None:
        x, y = math.floor(telling.lon / CELL), math.floor(telling.lat / CELL)
        yield from (_cell(x + right, y + up) for right in (-1, 0, 1) for up in (-1, 0, 1))


def _cell(x: int, y: int) -> str:
    return f"cell {x} {y}"


def _key(stem: str, at: datetime, span_s: int, step: int) -> str:
    return f"{stem} {math.floor(at.timestamp() / span_s) + step}"


def is_plain(looks: int) -> bool:
    """Say whether a picture shows so little that every other such one looks like it."""
    bits = (looks & (1 << 64) - 1).bit_count()
    return not PLAIN_BITS <= bits <= 64 - PLAIN_BITS


def _pieces(looks: int) -> Iterator[str]:
    if is_plain(looks):
        return
    left = looks & (1 << 64) - 1
    for number, width in enumerate(PIECES):
        yield f"{number}:{left & (1 << width) - 1:x}"
        left >>= width


@cache
def _table(kind: str) -> frozenset[str]:
    """Return the words of a kind of ``clue_words.csv``; common are also those that name no place anywhere."""
    with Path(__file__).with_name("clue_words.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == kind]
    plain = [row["word"] for row in table("plain_words")] if kind == "common" else []
    return frozenset([*plain, *(word for row in rows for word in row["words"].split())])
