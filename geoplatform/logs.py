"""What a log line looks like, and what never stands in one: who people are, and what opens a door.

The calls of ``logger`` name ids alone. This is the net below them: an error that nobody foresaw brings the
words of PostgreSQL along, with the row that it refused, and the address that was asked.
"""

import json
import logging
import re
from datetime import UTC, datetime

from geoplatform import trail

FORMS = ("json", "plain")
HIDDEN = "…"
PLAIN = "%(asctime)s %(levelname)s %(name)s %(message)s"
# What PostgreSQL says of the row itself, to the end of its words.
DETAIL = re.compile(
    r"DETAIL:.*?(?=\n(?:CONTEXT:|HINT:|\nThe above exception|\nDuring handling)|\Z)", re.DOTALL
)
SECRETS = [
    (DETAIL, f"DETAIL: {HIDDEN}"),
    # A password in an address, before what looks like an e-mail's.
    (re.compile(r"(://)[^\s/@]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"), f"{HIDDEN}@{HIDDEN}"),
    # Indonesian mobile numbers.
    (re.compile(r"(?<![\w.])(?:\+?62|0)8\d{7,11}(?!\d)"), HIDDEN),
    # Links that open what only their reader may see.
    (
        re.compile(r"(/(?:answers|notices|receipts|received|tokens|follow/confirm|follow/stop)/)[^/\s\"'?]+"),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(
            r"([?&](?:[\w-]{0,40}(?:token|key|secret|password|signature|sig)|code|state)=)[^&\s\"']+",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+"), rf"\1 {HIDDEN}"),
]


def clean(text: str) -> str:
    """Return a text without e-mail addresses, mobile numbers, passwords, tokens and refused rows."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


class PlainFormatter(logging.Formatter):
    """A line for people, with the number of the request behind it."""

    def __init__(self) -> None:
        super().__init__(PLAIN)

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        return clean(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as logging calls it
        """Write its first part: what is said, before the places that an error came by."""
        said = super().formatMessage(record)
        return f"{said} request={number}" if (number := trail.request()) else said


class JsonFormatter(logging.Formatter):
    """A line for programs: one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": clean(record.getMessage()),
            "request": trail.request() or None,
            "job": trail.job(),
            "error": clean(self.formatException(record.exc_info)) if record.exc_info else None,
        }
        return json.dumps({name: said for name, said in line.items() if said is not None}, ensure_ascii=False)
