"""How a name is written: shortened, in the spelling of before 1947, joined, split, or with a slip."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from reports.gazetteer.names import table

WORD = re.compile(r"[^\W\d_]+|\d+")

#: The spelling that Soewandi's of 1947 and the reform of 1972 replaced.
OLD = (("u", "oe"), ("c", "tj"), ("j", "dj"), ("y", "j"))

#: Parts that are written now joined to the rest of a name, now apart: Rawajati, Rawa Jati.
PARTS = (
    *("bale", "bidara", "cempaka", "duren", "gunung", "halim", "jati", "kali", "kampung", "karang", "kayu"),
    *("kebon", "kelapa", "kramat", "lenteng", "malaka", "mangga", "menteng", "pal", "pinang", "pondok"),
    *("pulo", "rawa", "setia", "suka", "taman", "tanjung", "tegal", "ulu", "utan", "wijaya"),
)

ABBREVIATED = RESPELLED = 0.99

Reading = tuple[str, float]


def words_of(name: str) -> tuple[str, ...]:
    """Split a name into lower-case words."""
    return tuple(WORD.findall(name.lower()))


def forms(name: str) -> Iterator[tuple[str, ...]]:
    """Write a name in each way of joining and splitting its words, the usual one first."""
    words = words_of(name)
    yield words
    for index in range(len(words) - 1):
        yield (*words[:index], words[index] + words[index + 1], *words[index + 2 :])
    for index, word in enumerate(words):
        for part in PARTS:
            if word.startswith(part) and len(word) >= len(part) + 2:
                yield (*words[:index], part, word.removeprefix(part), *words[index + 1 :])


class Spelling:
    """Which words of names a written word may stand for."""

    def __init__(self, vocabulary: Iterable[str], mendable: Iterable[str]) -> None:
        """Learn all words of names, and those of them in which slips are looked for."""
        self._words = frozenset(vocabulary)
        self._mendable = sorted({word for word in mendable if len(word) >= 4})
        self._plain = {row["word"] for row in table("plain_words")}
        self._plain |= {row["word"] for row in table("words")}
        self._meant: dict[str, tuple[str, ...]] = {
            row["written"]: tuple(row["meant"].split("|")) for row in table("spellings")
        }
        self._old = {old: word for word in self._words for old in _old_forms(word) if old not in self._words}
        self.readings = lru_cache(maxsize=100_000)(self._readings)

    def _readings(self, word: str) -> tuple[Reading, ...]:
        """The words of names that a written word may stand for, each with a similarity up to 1."""
        found = {word: 1.0} if word in self._words else {}
        for meant in self._meant.get(word, ()):
            if meant in self._words:
                found.setdefault(meant, ABBREVIATED)
        if word in self._old:
            found.setdefault(self._old[word], RESPELLED)
        if not found and word not in self._plain and 5 <= len(word) <= 24:
            found = self._mended(word)
        return tuple(found.items())

    def _mended(self, word: str) -> dict[str, float]:
        """The closest words within one slip, two from nine letters on."""
        near = extract(
            word, self._mendable, scorer=OSA.distance, score_cutoff=1 if len(word) < 9 else 2, limit=8
        )
        least = min((slips for _, slips, _ in near), default=0)
        return {other: 1 - slips / len(word) for other, slips, _ in near if slips == least}


def _old_forms(word: str) -> Iterator[str]:
    """The ways to write a word with any of the old letters."""
    if len(word) < 4:
        return
    for rules in product((False, True), repeat=len(OLD)):
        # y became j only after the former j had become dj; u goes last in none: no rule makes a new one.
        written = word
        for (new, old), applies in zip(OLD, rules, strict=True):
            if applies:
                written = _respelled(written, new, old)
        if written != word:
            yield written


def _respelled(word: str, new: str, old: str) -> str:
    """Put an old spelling in place of a letter, but not into what another rule has written."""
    if new == "j":
        return re.sub(r"(?<!t)j", old, word)
    return word.replace(new, old)
