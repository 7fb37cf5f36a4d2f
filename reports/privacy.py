"""What of a citizen's words the public may read; pure."""

import re

E_MAIL = re.compile(r"[\w.+-]+@\w[\w-]*(?:\.\w[\w-]*)+")
# Eight digits or more, however they are grouped: phones, and the 16 digits of an identity card. Not dates.
NUMBER = re.compile(
    r"(?P<date>(?<!\w)(?:\d{1,2}[-./]\d{1,2}[-./]\d{4}|\d{4}-\d\d-\d\d)(?!\w))"
    r"|(?<!\w)\(?\+?\d(?:[\s().-]{0,3}\d){7,}(?!\w)"
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
