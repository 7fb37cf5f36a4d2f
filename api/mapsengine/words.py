"""From the text of a query to words: names, numbers, strings, operators; pure."""

import re
from typing import Literal, NamedTuple

from geoplatform.errors import InvalidRequest

Kind = Literal["name", "quoted", "number", "string", "sign", "end"]

MOST_CHARACTERS = 16_000
WORD = re.compile(
    r"""\s*(?:
        (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | "(?P<quoted>(?:[^"\\]|\\.)*)"
      | '(?P<string>(?:[^'\\]|\\.|'')*)'
      | (?P<sign><=|>=|<>|!=|[=<>(),])
      | (?P<end>\Z)
    )""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)


class Word(NamedTuple):
    """One word, and where it begins (characters from 0)."""

    kind: Kind
    text: str
    at: int


def words(parameter: str, text: str) -> list[Word]:
    """Return the words of a query, the last of which is its end.

    Raises
    ------
    InvalidRequest
        It is too long, or has a character that begins no word.
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidRequest(f"{parameter} has {len(text)} characters: at most {MOST_CHARACTERS} are read")
    if "\0" in text:
        raise InvalidRequest(f"{parameter} holds what no text can")
    found: list[Word] = []
    at = 0
    while not found or found[-1].kind != "end":
        match = WORD.match(text, at)
        if match is None:
            raise InvalidRequest(
                f"{parameter}: character {at + 1} begins nothing that is known: {text[at:][:20]!r}"
            )
        kind: Kind = match.lastgroup  # type: ignore[assignment]
        found.append(Word(kind, _bare(kind, match[kind]), match.start(kind)))
        at = match.end()
    return found


def _bare(kind: Kind, text: str) -> str:
    """Return what a quoted text says: a backslash, or a second quote, stands before what would end it."""
    if kind == "string":
        return re.sub(r"\\(.)|''", lambda match: match[1] or "'", text, flags=re.DOTALL)
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL) if kind == "quoted" else text
