"""What of a reply its writer wrote: without the quoted message and the signature; pure."""

import re
from collections.abc import Sequence

LONGEST = 400  # characters of a line that introduces a quotation
VERB = r"\b(?:menulis|wrote|schrieb|a écrit)\s?:"
INTRODUCTION = re.compile(rf"(?:pada|on|am|le)\b.+{VERB}", re.IGNORECASE)
BY_ADDRESS = re.compile(rf".+@\S+\s*{VERB}", re.IGNORECASE)
ORIGINAL = re.compile(
    r"-{2,}\s*(?:original message|pesan asli|pesan awal|ursprüngliche nachricht)\s*-{2,}|_{20,}",
    re.IGNORECASE,
)
FROM = re.compile(r"\*?(?:from|dari)\s?:\*?\s?\S", re.IGNORECASE)
SENT = re.compile(r"\*?(?:sent|date|dikirim|terkirim|tanggal)\s?:\*?\s?\S", re.IGNORECASE)
SIGNATURE = re.compile(r"--\s?")
DEVICE = re.compile(
    r"(?:dikirim (?:dari|melalui|menggunakan)|terkirim dari|sent (?:from|via)|get outlook for"
    r"|dapatkan outlook untuk)\b.{1,80}",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """Return a reply without what it quotes and without its signature; all of it where nothing remains."""
    lines = text.split("\n")
    mine = [line for line in _before_quotation(lines) if not line.lstrip().startswith(">")]
    mine = _before_signature(mine)
    return "\n".join(mine).strip() or text.strip()


def _before_quotation(lines: Sequence[str]) -> list[str]:
    """Return the lines before a quoted message, and those behind one whose lines are marked by ">"."""
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        if ORIGINAL.fullmatch(line) or _is_head(lines, at):
            break
        if length := _introduction(lines, at):
            following = next((line for line in lines[at + length :] if line.strip()), "")
            if not following.lstrip().startswith(">"):
                break
            at += length
            continue
        kept.append(lines[at])
        at += 1
    return kept


def _introduction(lines: Sequence[str], at: int) -> int:
    """Return over how many lines a sentence such as "Pada ... menulis:" goes; 0 where there is none."""
    first = lines[at].strip()
    if first.endswith(":") and len(first) <= LONGEST and BY_ADDRESS.fullmatch(first):
        return 1
    for length in (1, 2, 3):
        sentence = " ".join(line.strip() for line in lines[at : at + length])
        if not lines[min(at + length, len(lines)) - 1].strip() or len(sentence) > LONGEST:
            return 0
        if sentence.endswith(":") and INTRODUCTION.fullmatch(sentence):
            return length
    return 0


def _is_head(lines: Sequence[str], at: int) -> bool:
    """Say whether a message's head begins here, as Outlook quotes it."""
    if not FROM.match(lines[at].strip()):
        return False
    return any(SENT.match(line.strip()) for line in lines[at + 1 : at + 4])


def _before_signature(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if SIGNATURE.fullmatch(line.rstrip("\n")):
            break
        if not DEVICE.fullmatch(line.strip()):
            kept.append(line)
    return kept
