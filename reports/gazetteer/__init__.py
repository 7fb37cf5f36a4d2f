"""From words to a place, with a score; suggests, never decides alone.

How it reads, what it can and what it cannot: docs/explanation/words-to-a-place.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from layers.record import LonLat
from reports.gazetteer.codes import written
from reports.gazetteer.evidence import evidence
from reports.gazetteer.names import KELURAHAN, LEVELS, STREET, Name, level_of, lies_in
from reports.gazetteer.scores import (
    AGREES,
    CONTRADICTS,
    CONTRADICTS_SOFTLY,
    HEARD,
    LEADS,
    MARGIN,
    NEXT,
    SERVES_AS_KECAMATAN,
    THRESHOLD,
    Evidence,
)
from reports.gazetteer.text import Reading, read
from reports.gazetteer.trie import Mention, Trie

MOST = 5


@dataclass(frozen=True)
class Span:
    """From where to where in the text, in characters."""

    start: int
    end: int


@dataclass(frozen=True)
class Candidate:
    """A boundary that a text may mean: how surely (0 to 1), and the words that led there.

    Only a kelurahan places a report. A kecamatan or kota is an area, all that is honest where no more
    is said. ``rt`` and ``rw`` are the neighbourhood, if the text names one; ``point`` is a landmark's.
    """

    level: str
    code: str
    name: str
    score: float
    spans: tuple[Span, ...]
    why: tuple[str, ...]
    point: LonLat | None = None
    rt: int | None = None
    rw: int | None = None


class Gazetteer:
    """All names of places that are known, ready to be found in a text."""

    def __init__(self, names: Iterable[Name]) -> None:
        """Build the index, once: a fraction of a second for some thousand names."""
        known = tuple(names)
        self._trie = Trie(known)
        self._titles = {name.code: name.text for name in known if name.kind in LEVELS}

    def suggest(self, text: str) -> list[Candidate]:
        """Name the places that a text may mean, the likeliest first, at most five."""
        reading = read(text)
        mentions = self._trie.mentions(reading.tokens)
        found = [*evidence(reading, mentions, self._trie), *written(text, self._titles)]
        ranked = sorted(_weighed(found), key=lambda one: (-one[0], -len(one[1]), one[1]))
        return [
            self._candidate(text, code, score, found, mentions, reading)
            for score, code in ranked[:MOST]
            if code in self._titles
        ]

    def _candidate(
        self,
        text: str,
        code: str,
        score: float,
        found: Sequence[Evidence],
        mentions: Sequence[Mention],
        reading: Reading,
    ) -> Candidate:
        """Put together what is said of one boundary."""
        mine = [one for one in found if lies_in(code, one.code) and one.score > 0]
        spans = dict.fromkeys(Span(one.start, one.end) for one in mine)
        point = next((name.point for mention in mentions for name in mention.names
                      if name.point and name.code == code), None)  # fmt: skip
        return Candidate(
            level=level_of(code),
            code=code,
            name=self._titles[code],
            score=round(min(max(score, 0.0), 1.0), 3),
            spans=tuple(spans),
            why=tuple(dict.fromkeys(one.why + text[one.start : one.end] for one in mine)),
            point=point,
            rt=reading.rt,
            rw=reading.rw,
        )


def place_of(
    candidates: Sequence[Candidate], threshold: float = THRESHOLD, margin: float = MARGIN
) -> Candidate | None:
    """Return the kelurahan that may be taken without a person, if there is one.

    It is the first candidate, sure enough, and clear of the next that does not contain it.
    """
    if not candidates:
        return None
    first = candidates[0]
    if first.level != KELURAHAN or first.score < threshold:
        return None
    others = (one.score for one in candidates[1:] if not lies_in(first.code, one.code))
    return first if first.score - max(others, default=0.0) >= margin else None


def load() -> Gazetteer:
    """Build the gazetteer of the edition in force: its names, the tables, distinctive POIs.

    Raises
    ------
    NotFound
        No edition of boundaries is in force.
    """
    from reports.gazetteer.sources import names_in_force  # the rest of this module needs no database

    return Gazetteer(names_in_force())


def _weighed(found: Sequence[Evidence]) -> list[tuple[float, str]]:
    """Score each boundary by its best mention, raised by what agrees in space, lowered by what does not."""
    best: dict[str, Evidence] = {}
    for one in found:
        if one.score > 0 and (one.code not in best or one.score > best[one.code].score):
            best[one.code] = one
    scores = {code: _in_context(one, found) for code, one in best.items()}
    return [(_behind_its_parts(code, score, scores), code) for code, score in scores.items()]


def _behind_its_parts(code: str, score: float, scores: dict[str, float]) -> float:
    """Put a boundary after a sure one within it: who names both means the narrower."""
    inside = max((other for of, other in scores.items() if of != code and lies_in(of, code)), default=0.0)
    return min(score, inside - 0.01) if inside >= LEADS else score


def _in_context(own: Evidence, found: Sequence[Evidence]) -> float:
    """Weigh one boundary's best mention against all others of the text."""
    score = own.score
    for level in sorted({_confirmed(own, one) for one in found} - {""}):
        score += (1 - score) * AGREES[level]
    if _serves_as_kecamatan(own, found):
        score *= SERVES_AS_KECAMATAN
    return score * min((_contradiction(own, one) for one in found), default=1.0)


def _confirmed(own: Evidence, other: Evidence) -> str:
    """The level at which another mention confirms this one; empty if it does not."""
    if own.weakened or other.score < HEARD or other.start == own.start or not lies_in(own.code, other.code):
        return ""
    if own.needs_neighbour and not (other.kind != STREET and 0 < other.start - own.end <= NEXT):
        return ""
    if own.code == other.code:
        return KELURAHAN if own.kind != other.kind else ""
    return other.level


def _serves_as_kecamatan(own: Evidence, found: Sequence[Evidence]) -> bool:
    """Say whether a name that two levels share is said as the kecamatan of another kelurahan."""
    if not own.shared or own.titled or own.kind != KELURAHAN:
        return False
    kecamatan = own.code.rpartition(".")[0]
    return any(
        one.kind == KELURAHAN
        and one.start != own.start
        and one.score >= HEARD
        and lies_in(one.code, kecamatan)
        for one in found
    )


def _contradiction(own: Evidence, other: Evidence) -> float:
    """What another mention leaves of this one: little, where it names another kecamatan or kota."""
    if other.kind not in CONTRADICTS or other.weakened or other.start == own.start or other.score < HEARD:
        return 1.0
    if lies_in(own.code, other.code) or lies_in(other.code, own.code) or own.kind == other.kind:
        return 1.0
    return CONTRADICTS_SOFTLY if other.shared and not other.titled else CONTRADICTS[other.kind]
