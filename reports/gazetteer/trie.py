"""Find names in a row of words: the longest that fits, each word read as it may be meant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from reports.gazetteer.names import LEVELS, Name, table
from reports.gazetteer.spelling import Spelling, forms, words_of
from reports.gazetteer.text import Token

#: A whole phrase after "Kel." is compared with the names of that level down to this likeness.
LIKE = 0.8

NO_NAME = frozenset({"rtrw", "number", "repeated"})


@dataclass(frozen=True)
class Mention:
    """Some words of a text (first to last, one past) and the names that they may be."""

    first: int
    last: int
    names: tuple[Name, ...]
    likeness: float


class Trie:
    """Names by their words; ``None`` leads to the names that end there."""

    def __init__(self, names: Iterable[Name]) -> None:
        """Index every name in all its forms."""
        self._root: dict[str | None, Any] = {}
        self._phrases: dict[str, dict[str, Name]] = {level: {} for level in LEVELS}
        self.plain = {words_of(row["name"]): row["alone"] == "yes" for row in table("plain_names")}
        words: set[str] = set()
        mendable: set[str] = set()
        for name in names:
            for written in (name.text, *name.aliases):
                for form in forms(written):
                    self._add(form, name)
                    words.update(form)
                    if name.kind in LEVELS:
                        mendable.update(form if written == name.text else ())
                        self._phrases[name.kind].setdefault(" ".join(form), name)
        self._spelling = Spelling(words, mendable)
        self.begins = self._beginnings()
        self.shared = self._shared()
        self.like = lru_cache(maxsize=20_000)(self._like)

    def mentions(self, tokens: Sequence[Token]) -> list[Mention]:
        """Find the names in a text, from left to right, the longest first; none overlaps another."""
        found: list[Mention] = []
        at = 0
        while at < len(tokens):
            mention = self._titled(tokens, at) or self._longest(tokens, at)
            if mention is None:
                at += 1
                continue
            found.append(mention)
            at = mention.last
        return found

    def _titled(self, tokens: Sequence[Token], at: int) -> Mention | None:
        """After "Kel." or "Kec.": the name of that level, or what is most like it."""
        level = tokens[at - 1].role if at and tokens[at].in_phrase else ""
        if level not in ("kelurahan", "kecamatan"):
            return None
        exact = self._longest(tokens, at)
        if exact and exact.likeness > 0.9 and any(name.kind == level for name in exact.names):
            return exact
        last = at + 1
        while last < len(tokens) and last - at < 4 and tokens[last].in_name and not tokens[last].tag:
            last += 1
        best: Mention | None = exact
        for end in range(last, at, -1):
            phrase = " ".join(token.word for token in tokens[at:end])
            like = self.like(phrase, level)
            if like and (best is None or (like[1] > best.likeness and end - at >= best.last - best.first)):
                best = Mention(at, end, (like[0],), like[1])
        return best

    def _like(self, phrase: str, level: str) -> tuple[Name, float] | None:
        """The one name of a level that a phrase is most like, if any is like it enough."""
        if not 4 <= len(phrase) <= 40:
            return None
        near = extract(phrase, self._phrases[level].keys(), scorer=OSA.normalized_similarity,
                       score_cutoff=LIKE, limit=3)  # fmt: skip
        if not near:
            return None
        names = {self._phrases[level][one[0]].code for one in near if one[1] > near[0][1] - 0.02}
        return (self._phrases[level][near[0][0]], near[0][1]) if len(names) == 1 else None

    def _longest(self, tokens: Sequence[Token], at: int) -> Mention | None:
        """The longest name that begins at a word; of two as long, the likelier."""
        if tokens[at].tag in NO_NAME:
            return None
        best: tuple[int, float, tuple[Name, ...]] | None = None
        paths: list[tuple[int, Any, float]] = [(at, self._root, 1.0)]
        while paths:
            place, node, likeness = paths.pop()
            names = node.get(None)
            if names and (best is None or (place, likeness) > best[:2]):
                best = (place, likeness, tuple(names))
            if (
                place < len(tokens)
                and (place == at or tokens[place].in_name)
                and tokens[place].tag not in NO_NAME
            ):
                for word, like in self._spelling.readings(tokens[place].word):
                    if word in node:
                        paths.append((place + 1, node[word], likeness * like))
        return Mention(at, *(best[0], best[2], best[1])) if best else None

    def _add(self, form: tuple[str, ...], name: Name) -> None:
        """Put one way of writing a name into the tree."""
        node = self._root
        for word in form:
            node = node.setdefault(word, {})
        held = node.setdefault(None, [])
        if name not in held:
            held.append(name)

    def _beginnings(self) -> set[str]:
        """The codes of kelurahan whose name begins another boundary's: Cipinang, Cipinang Muara."""
        rows = [(words_of(name.text), name) for level in LEVELS for name in self._phrases[level].values()]
        return {
            name.code
            for words, name in rows
            for other, _ in rows
            if name.kind == "kelurahan" and len(other) > len(words) and other[: len(words)] == words
        }  # fmt: skip

    def _shared(self) -> set[str]:
        """The codes of kelurahan and kecamatan that bear one name: Gambir, Jatinegara."""
        codes: dict[str, set[str]] = {}
        for level in ("kelurahan", "kecamatan"):
            for name in self._phrases[level].values():
                codes.setdefault(name.text.lower().replace(" ", ""), set()).add(name.code)
        return {code for held in codes.values() if len(held) > 1 for code in held}
