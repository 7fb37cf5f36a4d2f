"""A citizen's text as words with their parts in it: what may be a name, and what says how it is meant."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from reports.gazetteer.names import table

#: A place stands in what a person writes, not in the 40 pages below it.
LONGEST = 20_000

TOKEN = re.compile(
    r"(?P<skip>https?://\S+|www\.\S+|[\w.+-]{1,64}@[\w.-]+|@\w+)"
    r"|(?P<hashtag>\#\w+)"
    r"|(?P<rtrw>\br[tw](?:\s{0,2}/\s{0,2}rw)?\s{0,2}[./:]?\s{0,2}\d{1,3}\b"
    r"(?:(?:\s{0,2}[/-]\s{0,2}(?:r[tw]\s{0,2}[./:]?\s{0,2})?|\s{0,2}[,.]?\s{0,2}r[tw]\s{0,2}[./:]?\s{0,2})"
    r"\d{1,3}\b)?)"
    r"|(?P<word>[^\W\d_]+)|(?P<number>\d+)",
    re.IGNORECASE,
)
NEIGHBOURHOOD = re.compile(r"rt|rw|\d+")
CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
#: What stands before the place in a hashtag that is written in one: #banjircipulir.
TAGGED = re.compile(r"^(banjir|macet|genangan|kebakaran|lapor|info|warga|save|rob)(?=\w{4})", re.IGNORECASE)

WITHIN_NAME = re.compile(r"[^\S\n]{1,3}|-|['’]")
AFTER_SHORT = re.compile(r"\.[^\S\n]{0,2}")
WITHIN_PHRASE = re.compile(r"[\s.:/(\"'“&-]{0,4}")


class Token(NamedTuple):
    """One word of a text, in lower case, with what links it to the word before.

    ``in_name``: both may belong to one name. ``in_phrase``: no comma or the like stands between.
    ``tag``: rtrw for the number of a neighbourhood, hashtag for a word out of one, number, and repeated for
    "parang-parang", which is how Indonesian makes a plural and never a name.
    """

    word: str
    start: int
    end: int
    in_name: bool
    in_phrase: bool
    tag: str
    role: str
    capital: bool


@dataclass
class Reading:
    """A text's words, and the neighbourhood (rukun tetangga, rukun warga) that it names, if any."""

    tokens: list[Token] = field(default_factory=list)
    rt: int | None = None
    rw: int | None = None
    shouted: bool = False


@cache
def roles() -> dict[str, str]:
    """What each little word says of the name after it: kind, direction, nearness, a person."""
    return {row["word"]: row["role"] for row in table("words")}


def read(text: str) -> Reading:
    """Split a text into words; addresses of the network and of people are left out."""
    text = text[:LONGEST]
    reading = Reading(shouted=text.isupper())
    last_end, last_word = 0, ""
    known = roles()
    for part in TOKEN.finditer(text):
        tag = "" if part.lastgroup == "word" else part.lastgroup or ""
        if tag == "skip":
            continue
        if tag == "rtrw":
            _note(reading, part[0])
        for word, start, end in _words(part, tag):
            gap = text[last_end:start]
            joined = _joins(gap, last_word)
            lower = word.lower()
            repeated = gap == "-" and lower == last_word.lower()
            if repeated:
                reading.tokens[-1] = reading.tokens[-1]._replace(tag="repeated")
            reading.tokens.append(
                Token(
                    lower,
                    start,
                    end,
                    joined,
                    joined or WITHIN_PHRASE.fullmatch(gap) is not None,
                    "repeated" if repeated else tag,
                    known.get(lower, ""),
                    word[0].isupper(),
                )
            )
            last_end, last_word = end, word
    return reading


def _words(part: re.Match[str], tag: str) -> Iterator[tuple[str, int, int]]:
    """The words of one match, with their places in the text."""
    start, end = part.span()
    if tag != "hashtag":
        yield part[0], start, end
        return
    body = part[0][1:]
    found = [(piece[0], piece.start(), piece.end()) for piece in CAMEL.finditer(body)]
    split = [cut for word, at, to in found for cut in _untagged(word, at, to)]
    for word, at, to in split:
        yield word, start + 1 + at, start + 1 + to


def _untagged(word: str, at: int, to: int) -> Iterator[tuple[str, int, int]]:
    """Cut the event off the place: banjircipulir, cipulir."""
    event = TAGGED.match(word)
    if event:
        yield event[0], at, at + event.end()
        yield word[event.end() :], at + event.end(), to
    else:
        yield word, at, to


def _joins(gap: str, before: str) -> bool:
    """Say whether two words may belong to one name: a blank, a hyphen, the dot of a shortening."""
    if gap in {" ", ""}:
        return True
    if WITHIN_NAME.fullmatch(gap):
        return True
    return len(before) <= 5 and AFTER_SHORT.fullmatch(gap) is not None


def _note(reading: Reading, written: str) -> None:
    """Keep the numbers of ``RT 03/RW 05``, ``RT 03/05``, ``RT/RW 003/005`` or ``rw 5``."""
    named: list[str] = []
    for piece in NEIGHBOURHOOD.findall(written.lower()):
        if not piece.isdigit():
            named.append(piece)
        elif (named.pop(0) if named else "rw") == "rt":
            reading.rt = int(piece) if reading.rt is None else reading.rt
        else:
            reading.rw = int(piece) if reading.rw is None else reading.rw
