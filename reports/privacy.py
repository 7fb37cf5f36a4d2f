"""What of a citizen's words the public may read; pure."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from boundaries import facts
from reports.contacts import MARKER, NAME, beside_markers, small, strike, without_contacts
from reports.names import without_names
from reports.words import PART, is_ordinary

LONGEST_RUN = 6
# Joins emoji to one picture; every other invisible sign of format only hides what it stands in.
JOINER = "\u200d"
PIECE = re.compile(rf"{MARKER}|[^\s/:;,()\[\]\"]+")
EDGE = ".!?'*_-"
HERE = Path(__file__).parent


def _rules() -> str:
    """Return a digest of all that decides here: the code and the lists of words."""
    code = (HERE / f"{name}.py" for name in ("privacy", "contacts", "names", "words"))
    lists = (HERE / "words.csv", *sorted((HERE / "gazetteer").glob("*.csv")), facts.SHIPPED)
    return hashlib.sha256(b"".join(path.read_bytes() for path in (*code, *lists))).hexdigest()


# Another one where any rule is: what was read by the former is to be read again.
RULES = _rules()


def public_text(text: str, author: str) -> str:
    """Return the text with e-mail addresses, accounts, long numbers and names of people struck out.

    Parameters
    ----------
    author
        As the channel names the citizen, or empty; ``budi_santoso7`` counts as two words.

    Applied twice it does no more than once. Letters and digits of other widths and styles come out as the
    ordinary ones, invisible signs of format not at all.
    """
    text, author = without_contacts(_legible(text)), _legible(author)
    for pattern in beside_markers(*_whole(author, text)):
        text = strike(pattern, text, lambda found: NAME)
    return without_names(text, author)


def without_author(text: str, is_author: Callable[[str], bool]) -> str:
    """Strike out every run of up to six words that is the author's name, by a test for it.

    Each run is tested once, however often it occurs; markers and parts of words never are.
    """
    known: dict[str, bool] = {}
    parts: list[str] = []
    done = 0
    for pieces in _between_markers(text):
        index = 0
        while index < len(pieces):
            start, end, length = _author_at(text, pieces[index : index + LONGEST_RUN], is_author, known)
            if length:
                parts += [text[done:start], NAME]
                done = end
            index += length or 1
    return "".join([*parts, text[done:]])


def _between_markers(text: str) -> Iterator[list[tuple[int, int]]]:
    """Yield start and end of the words of a text, those between two markers together.

    A marker is a piece of its own, for no other one holds a bracket.
    """
    words: list[tuple[int, int]] = []
    for piece in PIECE.finditer(text):
        if text[piece.start()] != "[":
            words.append(piece.span())
        elif words:
            yield words
            words = []
    yield words


def _author_at(
    text: str, words: Sequence[tuple[int, int]], is_author: Callable[[str], bool], known: dict[str, bool]
) -> tuple[int, int, int]:
    """Return start, end and words of the longest run from the first word on that is the author's name.

    None has no words. A text of 300 kB has a million runs: each costs a slice and a look into ``known``.
    """
    start = words[0][0]
    for length in range(len(words), 0, -1):
        run = text[start : words[length - 1][1]]
        bare = run.strip(EDGE)
        for name in (run, bare) if bare != run else (run,):
            is_known = known.get(name)
            if is_known is None:
                is_known = known[name] = bool(name) and is_author(name)
            if is_known:
                first = start + run.index(name)
                return first, first + len(name), length
    return start, start, 0


def _whole(author: str, text: str) -> Iterable[str]:
    """Return patterns of all of an author's name: as it is, in one word or several, back to front.

    None where the text cannot hold them: to see that takes 1 us, to compile them 600.
    """
    parts = PART.findall(author)[:8]
    if not parts or (parts[0].isascii() and parts[0].lower() not in small(text)):
        return
    if all(is_ordinary(part.casefold()) for part in parts):
        return  # "Warga Jakarta" is nobody's name.
    yield rf"(?<!\w){re.escape(author.strip())}(?!\w)"
    between = r"(?:[^\w\[\]]|_){0,3}"
    for several in (parts, parts[::-1]) if len(parts) > 1 else ():
        yield rf"(?<![^\W_]){between.join(map(re.escape, several))}(?:_?\d{{1,4}})?(?![^\W_])"


def _legible(text: str) -> str:
    """Return the text as it is read: composed, in ordinary letters and digits, without invisible signs."""
    if text.isascii():
        return text
    shown = "".join(_ordinary(one) for one in unicodedata.normalize("NFC", text))
    return unicodedata.normalize(
        "NFC", re.sub(rf"(?<=\w){JOINER}|{JOINER}(?=\w)|^{JOINER}|{JOINER}$", "", shown)
    )


def _ordinary(one: str) -> str:
    category = unicodedata.category(one)
    if category == "Cf":
        return one if one == JOINER else ""
    if category == "Nd":
        return str(unicodedata.digit(one))
    wide = "\uff01" <= one <= "\uff5e" or "\U0001d400" <= one <= "\U0001d7ff"
    return unicodedata.normalize("NFKC", one) if wide else one
