"""What of a citizen's words the public may read; pure."""

import re
from collections.abc import Callable

E_MAIL = re.compile(r"[\w.+-]+@\w[\w-]*(?:\.\w[\w-]*)+")
# Eight digits or more, however they are grouped and whatever they stick to: phones, and the 16 digits of an
# identity card. A date is none, unless it goes on.
GAP = r"[\s().\-\u2010-\u2015/_*]{0,3}"
NUMBER = re.compile(
    rf"(?P<date>(?<!\w)(?:\d{{1,2}}[-./]\d{{1,2}}[-./]\d{{4}}|\d{{4}}-\d\d-\d\d)(?!{GAP}\d{{3}}|\w))"
    rf"|\(?\+?\d(?:{GAP}\d){{7,}}"
)
WORD = re.compile(r"[^\W\d_]{2,}")
# Words that a name follows: "saya Budi", "a.n. Budi", "salam, Budi".
INTRODUCTION = r"(?:nama(?:\s+saya)?|saya|salam|ttd|a\.?\s?n|a/n|pelapor)"


def public_text(text: str, author: str) -> str:
    """Return the text with e-mail addresses, long numbers and the author's name struck out.

    Parameters
    ----------
    author
        As the channel names the citizen, or empty; ``budi_santoso7`` counts as two words. All of it is
        struck out wherever it stands, its single words only after such words as "saya" or "a.n.", since
        many are names of places too.
    """
    text = E_MAIL.sub("[e-mail]", text)
    text = NUMBER.sub(lambda found: found["date"] or "[nomor]", text)
    for pattern in _name_patterns(author):
        text = pattern.sub(r"\g<before>[nama]", text)
    return text


def _name_patterns(author: str) -> list[re.Pattern[str]]:
    words = [re.escape(word) for word in WORD.findall(author)]
    if not words:
        return []
    wholes = [re.escape(author.strip())]
    if len(words) > 1:
        wholes.append(r"[\W_]+".join(words))
    parts = "|".join(words)
    return [
        re.compile(rf"(?P<before>)(?<!\w)(?:{'|'.join(wholes)})(?!\w)", re.IGNORECASE),
        re.compile(
            rf"(?P<before>\b{INTRODUCTION}[\s.,:]+)(?:{parts})(?:\s+(?:{parts}))*(?!\w)", re.IGNORECASE
        ),
    ]


def without_author(text: str, is_author: Callable[[str], bool]) -> str:
    """Strike out every run of up to four words that is the author's name, by a test for it."""
    words = list(re.finditer(r"\S+", text))
    for length in range(min(4, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            start, end = words[first].start(), words[first + length - 1].end()
            run = text[start:end].strip(".,;:!?()[]\"'")
            if run and is_author(run):
                return without_author(text.replace(run, "[nama]"), is_author)
    return text
