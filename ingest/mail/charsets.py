"""From bytes to text where the name of the charset is missing, unknown or wrong; pure."""

import binascii
import codecs
import quopri
import re
from base64 import b64decode

# A text in one of these is hardly ever also valid UTF-8, so where it is, the name was wrong.
ONE_BYTE = re.compile(r"ascii|iso8859|cp(125|437|850|85\d)|latin|koi8|mac|tis|windows", re.IGNORECASE)
# Codecs of Python that are no charsets of any text.
NO_CHARSET = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]*)?\?([bBqQ])\?([^?\s]*)\?=")
# Neither PostgreSQL nor a reader has a use for these; new line and tab stay.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff]")


def decode(body: bytes, charset: str = "") -> str:
    """Return bytes as text: by the charset that is named, else as UTF-8, else as Windows-1252."""
    codec = _codec(charset)
    if ONE_BYTE.match(codec) or not codec:
        names = ["utf-8-sig", codec, "cp1252"]
    else:
        names = [codec, "utf-8-sig", "cp1252"]
    for name in filter(None, names):
        try:
            return body.decode(name)
        except (UnicodeDecodeError, ValueError):
            continue
    return body.decode("cp1252", "replace")


def header(value: str) -> str:
    """Return a header as a person reads it: encoded words (RFC 2047) decoded, on one line."""
    text, pending, former_end = "", (b"", ""), 0
    for found in WORD.finditer(value):
        between = value[former_end : found.start()]
        charset, body = found[1], _encoded(found[2], found[3])
        if pending[0] and not between.strip() and charset.lower() == pending[1].lower():
            # A character may be cut in two by the end of a word.
            pending = (pending[0] + body, charset)
        else:
            text += decode(*pending) + ("" if pending[0] and not between.strip() else between)
            pending = (body, charset)
        former_end = found.end()
    return clean(" ".join((text + decode(*pending) + value[former_end:]).split()))


def clean(text: str) -> str:
    """Return a text without control characters and halves of characters."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub("", whole).encode("utf-8", "replace").decode()


def _codec(charset: str) -> str:
    """Return Python's name of a charset, empty where it knows none."""
    try:
        name = codecs.lookup(charset.strip("\"' ")[:40]).name
        "".encode(name)
    except (LookupError, ValueError):
        return ""
    return "" if name in NO_CHARSET else name


def _encoded(form: str, text: str) -> bytes:
    body = text.encode("utf-8", "replace")
    if form in "qQ":
        return quopri.decodestring(body, header=True)
    try:
        return b64decode(body + b"=" * (-len(body) % 4))
    except binascii.Error:
        return body
