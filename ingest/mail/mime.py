"""E-mails: from the bytes of RFC 5322 and MIME to who wrote what, when, in answer to what; pure.

Nothing in a message is to be relied on: a name of a charset, a clock, a form. What can be read is, and a part
that cannot be is left out and named.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

import inscriptis

from geoplatform.errors import Rejected
from ingest.mail import tnef
from ingest.mail.charsets import clean, decode, header
from ingest.mail.quotes import own_words
from reports import pictures

DEEPEST, MOST_PARTS = 30, 300
MOST_TEXT, MOST_HTML, MOST_HEADER, MOST_ID = 20_000, 300_000, 4_000, 900
# A message sent within these of its arrival bears a clock that is right; some wait for days on their way.
SLOWEST, FASTEST = timedelta(days=7), timedelta(minutes=10)
ID = re.compile(r"<([^<>]+)>")
KIND = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,80}")
TAG = re.compile(r"<[^<>]*>")
BLANK_LINES = re.compile(r"\n\s*\n\s*\n")


@dataclass(frozen=True)
class Mail:
    """One e-mail in plain words.

    ``thread`` are the ids of the messages that it answers, the first one first; in an answer ``text`` is what
    its writer wrote. ``pictures`` are as sent; ``left_out`` says what else was attached, or was too much.
    """

    message_id: str
    thread: tuple[str, ...]
    sent_at: datetime
    name: str
    address: str
    subject: str
    text: str
    pictures: tuple[bytes, ...]
    left_out: tuple[str, ...]

    @property
    def author(self) -> str:
        """The writer as in the head of the message."""
        return f"{self.name} <{self.address}>".strip() if self.address else self.name


def read(raw: bytes) -> Mail:
    """Read an e-mail.

    Raises
    ------
    Rejected
        No person wrote it: an automatic answer, a report that another one was not delivered, a mailing list;
        or it bears no time at all, or is nested as no mail program does.
    """
    if raw.lower().count(b"boundary=") > MOST_PARTS:
        raise Rejected("an e-mail of more parts than anyone sends")
    try:
        message = message_from_bytes(raw)
        head = _head(message)
        if noise := _noise(message, head):
            raise Rejected(noise)
        found = _walk(message, 0)
    except RecursionError:
        raise Rejected("an e-mail nested more deeply than anyone sends") from None
    name, address = _writer(head.get("from", ""))
    own_id, thread = _ids(head, raw)
    text = _tidy(found.text or found.spare)
    return Mail(
        message_id=own_id,
        thread=thread,
        sent_at=_sent_at(head),
        name=header(name),
        address=clean(address),
        subject=header(head.get("subject", "")),
        text=own_words(text) if thread else text,
        pictures=tuple(found.pictures[: pictures.MOST]),
        left_out=(*found.left_out, *("one picture too many" for _ in found.pictures[pictures.MOST :])),
    )


def _writer(value: str) -> tuple[str, str]:
    """Return name and address of the writer; nobody where comments stand in comments without end."""
    try:
        return parseaddr(value)
    except RecursionError:
        return "", ""


def _head(message: Message) -> dict[str, str]:
    """Return the first header of each name, by its name in small letters, unfolded."""
    head: dict[str, str] = {}
    for name, value in message.raw_items():
        # Bytes beyond ASCII, which no header should have, come as halves of surrogates.
        text = decode(str(value).encode("utf-8", "surrogateescape"))
        head.setdefault(name.lower(), " ".join(text[:MOST_HEADER].split()))
    return head


def _noise(message: Message, head: dict[str, str]) -> str:
    """Say why no person wrote this message; empty where one did."""
    precedence = head.get("precedence", "").lower()
    if head.get("auto-submitted", "no").lower().split(";")[0].strip() != "no":
        return "an automatic answer (Auto-Submitted)"
    if head.get("x-autoreply", "no").lower() != "no" or precedence == "auto_reply":
        return "an automatic answer (X-Autoreply)"
    if precedence in ("bulk", "junk", "list") and "list-id" in head:
        return "a message of a mailing list (Precedence, List-Id)"
    if message.get_content_type() == "multipart/report":
        return "a report on the delivery of another message (multipart/report)"
    if head.get("return-path", "").replace(" ", "") == "<>":
        return "a report on the delivery of another message (Return-Path)"
    return ""


def _ids(head: dict[str, str], raw: bytes) -> tuple[str, tuple[str, ...]]:
    """Return a message's own id, and those of the messages that it answers."""
    own = head.get("message-id", "")
    # Some programs forget the brackets.
    own_id = next(iter(_all_ids(own) or _all_ids(f"<{own.strip('<> ')}>")), "")
    if not own_id:
        parts = [head.get(name, "").encode() for name in ("date", "from", "subject")]
        body = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[1:]
        own_id = _digest(b"\n".join([*parts, *body]))
    answered = [*_all_ids(head.get("references", "")), *_all_ids(head.get("in-reply-to", ""))]
    return own_id, tuple(id for id in dict.fromkeys(answered) if id != own_id)


def _all_ids(value: str) -> list[str]:
    """Return the ids in a header without their brackets; one that no index holds is shortened to a digest."""
    ids = (clean("".join(id.split())) for id in ID.findall(value))
    return [id if len(id) <= MOST_ID else _digest(id.encode()) for id in ids if id]


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _sent_at(head: dict[str, str]) -> datetime:
    """Return when a message was sent; by the clock of our own server where the sender's is wrong."""
    sent = _instant(head.get("date", ""))
    # The first of them was written last: by the server that we read.
    received = _instant(head.get("received", "").rpartition(";")[2])
    if sent and received and not received - SLOWEST <= sent <= received + FASTEST:
        sent = received
    instant = sent or received
    if not instant:
        raise Rejected("an e-mail without a time: neither Date nor Received")
    return instant


def _instant(value: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(value)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


@dataclass
class _Found:
    """What a part holds; ``spare`` is text that counts only where there is no other."""

    text: str = ""
    is_plain: bool = False
    spare: str = ""
    pictures: list[bytes] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def _walk(part: Message, depth: int) -> _Found:
    kind = part.get_content_type()
    if depth > DEEPEST:
        return _Found(left_out=["parts nested too deeply"])
    if not part.is_multipart():
        return _leaf(part, kind)
    parts: Any = part.get_payload()
    inner = [_walk(one, depth + 1) for one in parts]
    if kind == "message/rfc822":
        # What was forwarded keeps its subject, and not who wrote it to whom.
        inner.insert(0, _Found(header(_head(parts[0]).get("subject", "")), is_plain=True))
    return _alternative(inner) if kind == "multipart/alternative" else _together(inner)


def _together(inner: Sequence[_Found]) -> _Found:
    texts = [one for one in inner if one.text.strip()]
    return _Found(
        text="\n\n".join(one.text for one in texts),
        is_plain=all(one.is_plain for one in texts),
        spare="\n\n".join(one.spare for one in inner if one.spare),
        pictures=[body for one in inner for body in one.pictures],
        left_out=[what for one in inner for what in one.left_out],
    )


def _alternative(inner: Sequence[_Found]) -> _Found:
    """Take plain text before any other, else the last one, which its program thinks the best."""
    texts = [one for one in inner if one.text.strip()]
    best = next((one for one in texts if one.is_plain), texts[-1] if texts else _Found())
    whole = _together(inner)
    whole.text, whole.is_plain = best.text, best.is_plain
    return whole


def _leaf(part: Message, kind: str) -> _Found:
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes) or not body:
        return _Found()
    # By content, not by name: what cameras and mail programs call things is not to be relied on.
    if body.startswith(tnef.SIGNATURE):
        return _winmail(body)
    if pictures.is_picture(body):
        return _Found(pictures=[body])
    charset = str(part.get_content_charset() or "")
    if part.get_content_disposition() != "attachment" and kind == "text/html":
        return _Found(_from_html(decode(body, charset)))
    # A message that says it has parts, and has none, is a text.
    if part.get_content_disposition() != "attachment" and kind.startswith(("text/plain", "multipart/")):
        text = clean(decode(body, charset))
        if str(part.get_param("format", "")).lower() == "flowed":
            text = _unflowed(text, str(part.get_param("delsp", "")).lower() == "yes")
        return _Found(text, is_plain=True)
    # What a sender calls a part is logged: only where it is the name of a kind, and no more.
    name = kind if KIND.fullmatch(kind) else "a part of no kind"
    return _Found(left_out=[f"{name}, {len(body)} bytes"])


def _winmail(body: bytes) -> _Found:
    held = tnef.read(body)
    text = decode(*held.plain) if held.plain else ""
    if not text.strip("\0 \r\n") and held.html:
        text = _from_html(decode(*held.html))
    return _Found(
        spare=clean(text),
        pictures=[file for file in held.files if pictures.is_picture(file)],
        left_out=[f"a file of {len(file)} bytes" for file in held.files if not pictures.is_picture(file)],
    )


def _from_html(html: str) -> str:
    html = clean(html[:MOST_HTML])
    text = inscriptis.get_text(html)
    # lxml gives up on elements nested by the hundred.
    return clean(text if text.strip() else TAG.sub(" ", html))


def _unflowed(text: str, without_space: bool) -> str:
    """Join the lines that a mail program broke (RFC 3676)."""
    lines: list[str] = []
    goes_on = False
    for line in text.split("\n"):
        stuffed = line[1:] if line.startswith(" ") else line
        is_quote = line.startswith(">")
        if goes_on and not is_quote and stuffed != "-- ":
            lines[-1] = (lines[-1][:-1] if without_space else lines[-1]) + stuffed
        else:
            lines.append(stuffed)
        goes_on = stuffed.endswith(" ") and stuffed != "-- " and not is_quote
    return "\n".join(lines)


def _tidy(text: str) -> str:
    """Return a text without space at the ends of lines and without long gaps, and not longer than any is."""
    text = text[: 2 * MOST_TEXT]
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    text = BLANK_LINES.sub("\n\n", text).strip()
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]} …"
