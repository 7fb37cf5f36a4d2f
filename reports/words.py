"""The words that tell a name from what is none: lists from a table, and the names of known places."""

import csv
import re
from functools import cache
from pathlib import Path

from boundaries import facts

HERE = Path(__file__).parent
NAMES = ("given", "maybe")
PART = re.compile(r"[^\W\d_]{2,}")  # a word of an author's name; a single letter is none
# Forms of verbs and nouns, and words said twice, that no list can hold.
INFLECTED = re.compile(
    r"(?:meng|meny|mem[bp]|men[cdjt]|ber[^nt]|ter[^er]|peng|peny)\w{3,}|di[bcdgjklpstr]\w{5,}|\w{4,}(?:nya|kan)"
    r"|(?:ke|pe)\w{4,}an|(?P<once>\w{2,})-(?P=once)"
)


@cache
def words(kind: str) -> frozenset[str]:
    """Return the words of one kind of ``words.csv``, in small letters."""
    return frozenset(_table()[kind])


@cache
def ordinary() -> frozenset[str]:
    """Return every listed word that is no name of a person."""
    return frozenset().union(*(found for kind, found in _table().items() if kind not in NAMES)) - names()


@cache
def names() -> frozenset[str]:
    """Return the listed names of people."""
    return words("given") | words("maybe")


def is_ordinary(word: str) -> bool:
    """Say whether a word, in small letters, is no name."""
    return word in ordinary() or (word not in names() and INFLECTED.fullmatch(word) is not None)


@cache
def places() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the names of all known places as words, by the first of them, the longest first.

    Source: ``kelurahan_facts.csv``, and the gazetteer's ``streets.csv`` and ``landmarks.csv``.
    """
    found: dict[str, set[tuple[str, ...]]] = {}
    for name in (*_areas(), *_listed("streets.csv"), *_listed("landmarks.csv")):
        if parts := tuple(re.findall(r"[^\W\d_]+", name.casefold())):
            found.setdefault(parts[0], set()).add(parts)
    return {first: tuple(sorted(several, key=len, reverse=True)) for first, several in found.items()}


@cache
def place_words() -> frozenset[str]:
    """Return the single words of the names of kelurahan, kecamatan and kota that are no names of people."""
    return frozenset(word for name in _areas() for word in name.casefold().split()) - names()


def _areas() -> set[str]:
    return {name for fact in facts.read() for name in (fact.name, fact.kecamatan, fact.kota)}


def _listed(file: str) -> set[str]:
    with (HERE / "gazetteer" / file).open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    return {name for row in rows for name in (row["name"], *row["aliases"].split("|"))}


@cache
def _table() -> dict[str, frozenset[str]]:
    with (HERE / "words.csv").open(encoding="utf-8", newline="") as table:
        return {row["kind"]: frozenset(row["words"].split()) for row in csv.DictReader(table)}


# Asked for at each word of each text: a union that is made anew each time takes 1 us.
GIVEN, HONORIFIC, TAIL = words("given"), words("honorific"), words("tail")
PLACED_BY = {kind: words(kind) for kind in ("street", "place", "near")}
ANY_PLACED_BY = frozenset().union(*PLACED_BY.values())
TITLES = HONORIFIC | words("role")
BEFORE_NUMBER = words("link")
AFTER_NUMBER = BEFORE_NUMBER | TITLES
CALLED = words("call") | HONORIFIC | words("name") | words("intro")
ADDRESSED = HONORIFIC | words("intro") | words("call")
FROM = words("from") | words("call")
# Two words that a name follows in whatever way it is written.
NAMING = {("nama", "saya"), ("nama", "sy"), ("atas", "nama"), ("a", "n")}
INTRODUCING = words("name") | words("intro") | FROM | {"kasih"} | {last for _, last in NAMING}
