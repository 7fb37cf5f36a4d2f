"""``winmail.dat``: the text and files that Outlook wraps in TNEF (MS-OXTNEF); pure.

Every number in it comes from a stranger: all that is read is looked for within the bytes that are there, and
each step takes some of them. (tnefparse, tried first, counts to 4,294,967,295 where the file says so.)
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

SIGNATURE = b"\x78\x9f\x3e\x22"
CODE_PAGE, BODY, PROPERTIES = 0x9007, 0x800C, 0x9003
FILE_BEGINS, FILE, FILE_PROPERTIES = 0x9002, 0x800F, 0x9005
PLAIN, HTML, INTERNET_CODE_PAGE, FILE_OBJECT = 0x1000, 0x1013, 0x3FDE, 0x3701
TEXT, UNICODE, OBJECT, BINARY = 0x1E, 0x1F, 0x0D, 0x102
WIDTHS = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 0x14: 8, 0x40: 8, 0x48: 16}
LISTED, NAMED = 0x1000, 0x8000
INTERFACE = 16  # bytes before an object that say what it is
DEEPEST = 5


@dataclass
class Winmail:
    """What a winmail.dat holds; a text is as many bytes as were there, and the name of its charset."""

    plain: tuple[bytes, str] | None = None
    html: tuple[bytes, str] | None = None
    files: list[bytes] = field(default_factory=list)


def read(data: bytes, depth: int = 0) -> Winmail:
    """Read a winmail.dat; of one that is broken, what comes before the break."""
    found = Winmail()
    charset = "cp1252"
    try:
        for kind, body in _attributes(data):
            if kind == CODE_PAGE:
                charset = _charset(struct.unpack_from("<I", body)[0])
            elif kind == BODY:
                found.plain = (body, charset)
            elif kind == FILE:
                found.files.append(body)
            elif kind == PROPERTIES:
                _texts(body, charset, found)
            elif kind == FILE_PROPERTIES:
                _object(body, found, depth)
    except struct.error:
        return found
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and content of each attribute: level, kind, type, length, content, checksum."""
    at = len(SIGNATURE) + 2
    while at < len(data):
        _, kind, _, length = struct.unpack_from("<BHHI", data, at)
        at += 9
        yield kind, data[at : at + length]
        at += length + 2


def _texts(body: bytes, charset: str, found: Winmail) -> None:
    of_internet = charset
    for name, kind, value in _properties(body):
        if name == INTERNET_CODE_PAGE:
            of_internet = _charset(struct.unpack_from("<I", value)[0])
        elif name == PLAIN:
            found.plain = (value, "utf-16-le" if kind == UNICODE else charset)
        elif name == HTML:
            found.html = (value, "utf-16-le" if kind == UNICODE else of_internet)


def _object(body: bytes, found: Winmail, depth: int) -> None:
    """Take a file, or the files of a message within the message."""
    for name, _, value in _properties(body):
        if name == FILE_OBJECT and value[INTERFACE:].startswith(SIGNATURE) and depth < DEEPEST:
            found.files += read(value[INTERFACE:], depth + 1).files
        elif name == FILE_OBJECT:
            found.files.append(value)


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield name, type and first value of each MAPI property."""
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _ in range(count):
        kind, name = struct.unpack_from("<HH", data, at)
        at += 4
        if name >= NAMED:
            at = _behind_name(data, at)
        values, at = _values(data, at, kind)
        yield name, kind & ~LISTED, values


def _behind_name(data: bytes, at: int) -> int:
    _, is_text, length = struct.unpack_from("<16sII", data, at)
    return at + 24 + (_padded(length) if is_text else 0)


def _values(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    """Return the first value of a property, and where the next property begins."""
    width = WIDTHS.get(kind & ~LISTED)
    count = 1
    if kind & LISTED or not width:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    if width:
        _need(data, at + width * count)
        return data[at : at + width], at + width * count
    if kind & ~LISTED not in (TEXT, UNICODE, OBJECT, BINARY):
        raise struct.error(f"type {kind:#x}")
    first = b""
    for number in range(count):
        (length,) = struct.unpack_from("<I", data, at)
        _need(data, at + 4 + length)
        if not number:
            first = data[at + 4 : at + 4 + length]
        at += 4 + _padded(length)
    return first, at


def _need(data: bytes, end: int) -> None:
    if end > len(data):
        raise struct.error("it ends before")


def _padded(length: int) -> int:
    return length + -length % 4


def _charset(code_page: int) -> str:
    return {65001: "utf-8", 20127: "ascii", 28591: "iso-8859-1"}.get(code_page, f"cp{code_page}")
