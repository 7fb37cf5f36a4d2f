"""Documents of a folder that their adapter cannot split: kept whole, set aside, and read by a later replay.

A file that is broken must not keep out those behind it, nor be gone without a trace. At an address there is
the same document the next time, and nothing behind it: there the run fails, and nothing is kept.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from geoplatform.errors import FeedError, Rejected
from ingest.adapter import Adapter, Payload, Record
from ingest.reading.fields import Fields

KEY = "unsplit"


def whole(file: str, body: bytes, stamp: Mapping[str, Any]) -> Payload:
    """Return a document as one payload: its text or, where it is no UTF-8, base64.

    Parameters
    ----------
    file
        The name under which it came.
    stamp
        What its adapter would write into each of its payloads.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    # A payload holds no NUL, and must be the same bytes again when it is read.
    said = {"base64": b64encode(body).decode()} if "\0" in text else {"text": text}
    return {KEY: {"file": file, **said, "stamp": dict(stamp)}}


def parse(adapter: Adapter, payload: Payload) -> Record | Sequence[Record]:
    """Return what a payload says, by its adapter; of a document that was kept whole all that it holds.

    Raises
    ------
    Rejected
        The document cannot be split, or one of its payloads not be used: the reason names the file.
    """
    if KEY not in _object(payload):
        return adapter.parse(payload)
    fields = Fields(payload).inner(KEY)
    file = fields.text("file")
    try:
        return list(_all_of(adapter, _body(fields), fields.take("stamp", dict)))
    except (FeedError, Rejected) as error:
        raise Rejected(f"{file}: {error}") from None


def _all_of(adapter: Adapter, body: bytes, stamp: Mapping[str, Any]) -> Iterator[Record]:
    for one in adapter.document(body):
        read = adapter.parse({**_object(one), **stamp})
        yield from read if isinstance(read, Sequence) else [read]


def _object(payload: Any) -> Payload:
    if not isinstance(payload, dict):
        raise Rejected(f"the payload is {type(payload).__name__}, expected an object")
    return payload


def _body(fields: Fields) -> bytes:
    if fields.has("text"):
        return str(fields.take("text", str)).encode()
    try:
        return b64decode(fields.text("base64"), validate=True)
    except ValueError:  # no base64, or no ASCII
        raise Rejected("base64 is none") from None
