"""What a point index knows of each point besides its place, packed into one number; pure.

A point has a day and, of each facet, one word of a short list or none. The day takes the lowest bits, each
facet a few more, so that a row is a key, an id and one int64, and a filter reads one column.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from geoplatform.errors import InvalidRequest

EPOCH = date(1900, 1, 1)
DAY_BITS = 17  # until 2258
LAST_DAY = (1 << DAY_BITS) - 1
MOST_BITS = 63
MOST_WORDS = 300  # of one facet in a filter: there are 267 kelurahan
TRUTH: Mapping[str, bool] = {"true": True, "false": False}  # as addresses write them


@dataclass(frozen=True)
class Facet:
    """One property: how many bits its codes take, and the words whose codes are known beforehand."""

    name: str
    bits: int
    words: tuple[str | bool, ...] = ()


@dataclass(frozen=True)
class Traits:
    """The facets of a layer in the order of their bits; by the ``tally`` cells count their points."""

    facets: tuple[Facet, ...]
    tally: str

    def __post_init__(self) -> None:
        if DAY_BITS + sum(facet.bits for facet in self.facets) > MOST_BITS:
            raise ValueError(f"facets of {self.names} take more than {MOST_BITS} bits")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The facets' names, in their order."""
        return tuple(facet.name for facet in self.facets)

    @cached_property
    def shifts(self) -> np.ndarray:
        """Where each facet's bits begin (int64, one per facet)."""
        return DAY_BITS + np.cumsum([0, *(facet.bits for facet in self.facets[:-1])], dtype=np.int64)

    @cached_property
    def masks(self) -> np.ndarray:
        """The ones that a facet's code takes, shifted down (int64, one per facet)."""
        return np.array([(1 << facet.bits) - 1 for facet in self.facets], np.int64)

    @property
    def tallied(self) -> Facet:
        """The facet that cells count by."""
        return self.facets[self.names.index(self.tally)]


@dataclass
class Wordlist:
    """The words of each facet by their codes; code 0 is none. It only grows."""

    traits: Traits
    words: list[list[str | bool | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.words:
            self.words = [[None, *facet.words] for facet in self.traits.facets]
        self._codes = [{word: code for code, word in enumerate(words)} for words in self.words]

    def code(self, place: int, word: str | bool | None) -> int:
        """Return the code of a word of the facet at a place; a word not seen before gets the next one."""
        known = self._codes[place].get(word)
        if known is not None:
            return known
        facet, code = self.traits.facets[place], len(self.words[place])
        if code > self.traits.masks[place]:
            raise OverflowError(
                f"facet {facet.name} has more than {code} words, which is all {facet.bits} bits hold"
            )
        self.words[place].append(word)
        self._codes[place][word] = code
        return code

    def known(self, name: str, word: str) -> int | None:
        """Return the code of a word of a facet, None for one that no point ever had."""
        codes = self._codes[self.traits.names.index(name)]
        return codes[TRUTH[word]] if word in TRUTH and TRUTH[word] in codes else codes.get(word)

    def size(self) -> int:
        """Return how many words there are in all."""
        return sum(map(len, self.words))

    def pack(self, days: np.ndarray, columns: Sequence[Sequence[Hashable]]) -> np.ndarray:
        """Return n points' traits (int64) from their days since EPOCH and, facet by facet, their words."""
        packed = np.clip(np.asarray(days, np.int64), 0, LAST_DAY)
        for place, (shift, column) in enumerate(zip(self.traits.shifts, columns, strict=True)):
            codes = [self.code(place, word) for word in column]  # type: ignore[arg-type]
            packed |= np.array(codes, np.int64) << shift
        return packed


@dataclass(frozen=True)
class Filter:
    """Which points are wanted: of each facet named one of some words, and days from ``since`` to ``until``.

    ``words`` are sorted, so that equal filters are equal; days count, both ends included, from EPOCH.
    """

    words: tuple[tuple[str, tuple[str, ...]], ...] = ()
    since: int = 0
    until: int = LAST_DAY

    def __bool__(self) -> bool:
        return self != ALL


ALL = Filter()


def wanted(
    traits: Traits, words: Mapping[str, Sequence[str]], since: date | None = None, until: date | None = None
) -> Filter:
    """Return the filter for words by facet and a span of days.

    Raises
    ------
    InvalidRequest
        A facet that the layer does not have, no word, or a span that ends before it begins.
    """
    for name, asked in words.items():
        if name not in traits.names:
            raise InvalidRequest(f"no filter {name!r}: known are {', '.join(traits.names)}, from, to")
        if not asked or "" in asked:
            raise InvalidRequest(f"filter {name!r} has an empty word")
        if len(asked) > MOST_WORDS:
            raise InvalidRequest(f"filter {name!r} has {len(asked)} words: at most {MOST_WORDS}")
        _refuse_no_word(traits.facets[traits.names.index(name)], asked)
    if since and until and since > until:
        raise InvalidRequest(f"from {since} lies behind to {until}")
    return Filter(
        tuple(sorted((name, tuple(sorted(set(asked)))) for name, asked in words.items())),
        day_number(since) if since else 0,
        day_number(until) if until else LAST_DAY,
    )


def _refuse_no_word(facet: Facet, asked: Sequence[str]) -> None:
    """Refuse what can be no word of a facet whose words are true and false."""
    if bool in map(type, facet.words):
        for word in asked:
            if word not in TRUTH:
                raise InvalidRequest(f"filter {facet.name!r}: {word!r} is neither true nor false")


def day_number(day: date) -> int:
    """Return the days since EPOCH; those that the bits cannot hold are the first or the last."""
    return min(max((day - EPOCH).days, 0), LAST_DAY)


@dataclass(frozen=True)
class Sieve:
    """A filter as compiled loops ask it: facet i passes where ``passes[i, code]``."""

    shifts: np.ndarray
    masks: np.ndarray
    passes: np.ndarray
    since: int
    until: int


def sieve(filter: Filter, wordlist: Wordlist) -> Sieve:
    """Return how a filter is asked; words that no point has pass nothing."""
    traits = wordlist.traits
    places = [traits.names.index(name) for name, _ in filter.words]
    passes = np.zeros((len(places), int(traits.masks.max()) + 1), np.bool_)
    for row, (name, words) in enumerate(filter.words):
        codes = [wordlist.known(name, word) for word in words]
        passes[row, [code for code in codes if code is not None]] = True
    return Sieve(traits.shifts[places], traits.masks[places], passes, filter.since, filter.until)
