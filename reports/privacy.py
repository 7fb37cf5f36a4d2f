"""What of a citizen's words the public may read; pure."""

import re

E_MAIL = re.compile(r"[\w.+-]+@\w[\w-]*(?:\.\w[\w-]*)+")
# Eight digits or more, however they are grouped: phones, and the 16 digits of an identity card.
NUMBER = re.compile(r"(?<!\w)\(?\+?\d(?:[\s().-]{0,2}\d){7,}(?!\w)")
# Words that a name follows: "saya Budi", "a.n. Budi", "salam, Budi".
INTRODUCTION = r"(?:nama(?:\s+saya)?|saya|salam|ttd|a\.?\s?n|a/n|pelapor)"


def public_text(text: str, author: str) -> str:
    """Return the text with e-mail addresses, long numbers and the author's name struck out.

    Parameters
    ----------
    author
        As the channel names the citizen, or empty. Its full form is struck out wherever it stands; its
        single words only after such words as "saya" or "a.n.", since many are names of places too.
    """
    text = E_MAIL.sub("[e-mail]", text)
    text = NUMBER.sub("[nomor]", text)
    for pattern in _name_patterns(author):
        text = pattern.sub(r"\g<before>[nama]", text)
    return text


def _name_patterns(author: str) -> list[re.Pattern[str]]:
    words = [re.escape(word) for word in author.split()]
    if not words:
        return []
    whole = r"(?P<before>)(?<!\w)" + r"\s+".join(words) + r"(?!\w)"
    parts = "|".join(words)
    introduced = rf"(?P<before>\b{INTRODUCTION}[\s.,:]+)(?:{parts})(?:\s+(?:{parts}))*(?!\w)"
    return [re.compile(pattern, re.IGNORECASE) for pattern in (whole, introduced)]
