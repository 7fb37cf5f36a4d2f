"""A reader of words, one after another, that says where it stopped; pure."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from api.mapsengine.words import Word, words
from geoplatform.errors import InvalidRequest

MOST_DEPTH = 40
KEYWORDS = {"AND", "OR", "NOT", "AS", "ASC", "DESC", "CONTAINS"}


class Parser:
    """Reads the words of one parameter; what does not stand where it is expected is InvalidRequest."""

    def __init__(self, parameter: str, text: str) -> None:
        self.parameter = parameter
        self._words = words(parameter, text)
        self._place = 0
        self._depth = 0

    @property
    def word(self) -> Word:
        """The next word."""
        return self._words[self._place]

    def keyword(self, keyword: str) -> bool:
        """Pass over a keyword, in small or capital letters, and say whether it stood there."""
        return self._pass(self.word.kind == "name" and self.word.text.upper() == keyword)

    def function(self, name: str) -> bool:
        """Pass over the name of a function, and say whether it and its bracket stood there."""
        following = self._words[min(self._place + 1, len(self._words) - 1)]
        is_called = following.kind == "sign" and following.text == "("
        return is_called and self.keyword(name)

    def sign(self, sign: str) -> bool:
        """Pass over a sign, and say whether it stood there."""
        return self._pass(self.word.kind == "sign" and self.word.text == sign)

    def expect(self, sign: str) -> None:
        """Pass over a sign that must stand there."""
        if not self.sign(sign):
            raise self.wrong(f"expected {sign}")

    def name(self) -> str:
        """Pass over a name and return it; a keyword is one in double quotes alone."""
        word = self.word
        is_bare = word.kind == "name" and word.text.upper() not in KEYWORDS
        if not self._pass(word.kind == "quoted" or is_bare):
            raise self.wrong("expected the name of a column")
        return word.text

    def string(self) -> str:
        """Pass over a string and return it."""
        word = self.word
        if not self._pass(word.kind == "string"):
            raise self.wrong("expected a string in single quotes")
        return word.text

    def number(self) -> int | float:
        """Pass over a number and return it: a whole one as such, as far as there are such in the database."""
        word = self.word
        if not self._pass(word.kind == "number"):
            raise self.wrong("expected a number")
        if word.text.lstrip("+-").isdecimal() and len(word.text) < 19:
            return int(word.text)
        value = float(word.text)
        if not math.isfinite(value):
            raise InvalidRequest(f"{self.parameter}: {word.text[:30]} is larger than any number")
        return value

    def end(self) -> None:
        """See that there is no more."""
        if self.word.kind != "end":
            raise self.wrong("expected the end")

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Count one step into brackets, and refuse too many."""
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise InvalidRequest(f"{self.parameter}: more than {MOST_DEPTH // 2} brackets within one another")
        yield
        self._depth -= 1

    def wrong(self, expected: str) -> InvalidRequest:
        """Return what is wrong at the next word."""
        found = "the end" if self.word.kind == "end" else repr(self.word.text[:30])
        return InvalidRequest(f"{self.parameter}: {expected}, found {found} at character {self.word.at + 1}")

    def _pass(self, is_there: bool) -> bool:
        self._place += is_there
        return is_there
