"""Turns of phrase that say that a place is not where it happened: denied, the writer's home, or elsewhere."""

from collections.abc import Sequence
from functools import cache
from itertools import dropwhile, pairwise

from reports.gazetteer.names import table
from reports.gazetteer.text import Token

#: Words back from a name: "tidak ada banjir sama sekali di Kel. Rawa Buaya", "alamat rumah saya di kel.".
DENIED_WITHIN, AT_HOME_WITHIN = 8, 5


def is_denied(tokens: Sequence[Token], first: int) -> bool:
    """Say whether what would be a report is said not to be at a name: "tidak ada banjir di"."""
    before = _before(tokens, first, DENIED_WITHIN)
    for at, word in enumerate(before):
        if word in _words("event"):
            rest = dropwhile(lambda one: one in _words("between"), before[at + 1 :])
            return next(rest, "") in _words("denial")
    return False


def is_home(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Say whether a name is where the writer lives, and the text says behind it where it happened."""
    before = _before(tokens, first, AT_HOME_WITHIN)
    lives = not _words("home").isdisjoint(before) or any(
        mine in _words("mine") and dwelling in _words("dwelling") for mine, dwelling in pairwise(before)
    )
    return lives and any(token.word in _words("scene") for token in tokens[last:])


def is_elsewhere(tokens: Sequence[Token], inside: set[int]) -> bool:
    """Say whether a text names a kecamatan or kota that is none of ours: "Kota Padang", "Kec. Tapos"."""
    return any(
        f"{token.word}-{after.word}" in _words("beyond") and after.in_name and not _is_street(tokens, at)
        for at, (token, after) in enumerate(pairwise(tokens))
    ) or any(_is_unknown(tokens, at, inside) for at in range(len(tokens)))


def _is_unknown(tokens: Sequence[Token], at: int, inside: set[int]) -> bool:
    """Say whether a word announces the name of a kecamatan or kota, and no name that is known follows."""
    if tokens[at].word not in _words("said") or at in inside:
        return False
    named = at + 1
    while named < len(tokens) and tokens[named].word in _words("filler"):
        named += 1
    if named >= len(tokens) or named in inside or not tokens[named].in_phrase:
        return False
    token = tokens[named]
    is_word = len(token.word) >= 4 and token.word.isalpha() and not token.tag
    return is_word and not token.role and token.word not in _plain()


def _is_street(tokens: Sequence[Token], at: int) -> bool:
    return any(token.role == "street" for token in tokens[max(0, at - 2) : at])


def _before(tokens: Sequence[Token], first: int, most: int) -> list[str]:
    """Return the words of the same phrase before a word, the nearest first."""
    words = []
    for at in range(first, max(0, first - most), -1):
        if not tokens[at].in_phrase:
            break
        words.append(tokens[at - 1].word)
    return words


@cache
def _plain() -> frozenset[str]:
    return _words("nameless") | {row["word"] for row in table("plain_words")}


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(word for row in table("turns") if row["kind"] == kind for word in row["words"].split())
