"""The audit: who did what, when, from where; appended, each line bound to the one before.

``record`` is called where the wish of a person or a command enters the platform, in the transaction that does
it, and last: the end of the chain is held until that transaction ends. What is recorded names things by
number; it holds no text of a citizen.
"""

import getpass
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest

from access.clients import LOCAL, client
from access.models import Entry
from geoplatform import sql
from geoplatform.errors import InvalidRequest

LONGEST_AGENT = 120  # characters that are kept of what a browser says of itself
MOST_FAULTS = 20
HERE = "local"


@dataclass(frozen=True)
class Origin:
    """Who does something, as histories name it, and from where."""

    by: str = ""
    address: str = ""
    agent: str = ""


class Head(NamedTuple):
    """The last line of the chain: kept elsewhere, it tells whether all before it is as it was."""

    id: int
    hash: str

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}"


def origin(request: HttpRequest, by: str = "") -> Origin:
    """Return whose request it is and where it comes from; ``by`` where nobody is logged in yet."""
    header = request.META.get
    address = client(header("REMOTE_ADDR", ""), header("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)
    agent = "".join(one for one in header("HTTP_USER_AGENT", "") if one.isprintable())[:LONGEST_AGENT]
    user = getattr(request, "user", None)
    return Origin(by or getattr(user, "mark", ""), address if address != LOCAL else HERE, agent)


def operator() -> Origin:
    """Return who types a command on this machine."""
    return Origin(f"command:{getpass.getuser()}", HERE)


def record(action: str, who: Origin, at: datetime, subject: str = "", **details: Any) -> int:
    """Append one line; returns its number.

    Parameters
    ----------
    action
        What was done, the kind of thing first: ``login.failed``, ``case.step``, ``contacts.look``.
    subject
        What it was done to, by its number: ``report:4711``.
    details
        What else must be known later, as JSON holds it: codes and numbers, no words of citizens.
    """
    (id,) = record_all(action, who, at, [(subject, details)])
    return id


def record_all(
    action: str, who: Origin, at: datetime, things: Iterable[tuple[str, Mapping[str, Any]]]
) -> list[int]:
    """Append a line for each subject with its details, by one statement; returns their numbers."""
    batch = [{"subject": subject, "details": details} for subject, details in things]
    params = {
        "batch": json.dumps(batch),
        "at": at,
        "by": who.by,
        "action": action,
        "address": who.address,
        "agent": who.agent,
    }
    return [id for (id,) in sql.rows("access/record", params)] if batch else []


def head() -> Head:
    """Return the last line; of an empty audit number 0 and no hash."""
    last = Entry.objects.order_by("-id").values_list("id", "hash").first()
    return Head(last[0], bytes(last[1]).hex()) if last else Head(0, "")


def faults(expected: str = "") -> list[str]:
    """Compute the chain anew; returns in words where it was tampered with, nothing where it holds.

    Parameters
    ----------
    expected
        A head that was kept elsewhere, ``id:hash``: without one, lines cut off at the end are not missed, nor
        a chain that was written anew from some line on.

    Raises
    ------
    InvalidRequest
        ``expected`` is no head.
    """
    found = [
        _said(id, former, is_missing)
        for id, former, is_missing in sql.rows("access/verify", {"limit": MOST_FAULTS})
    ]
    return [*found, *_unlike(_head(expected))] if expected else found


def _said(id: int, former: int, is_missing: bool) -> str:
    if is_missing:
        gone = f"{former + 1} to {id - 1}" if former + 1 < id - 1 else f"{former + 1}"
        return f"entry {gone} is missing, before {id}"
    before = f", or {former} was and its hash with it" if former else ""
    return f"entry {id} was changed or put in{before}"


def _head(text: str) -> Head:
    id, _, hash = text.strip().partition(":")
    if not id.isdecimal() or len(hash) != 64 or set(hash) - set("0123456789abcdef"):
        raise InvalidRequest(f"head {text!r} is not <number>:<64 hexadecimal digits>")
    return Head(int(id), hash)


def _unlike(expected: Head) -> list[str]:
    """Return what there is to say of a head that is no longer what it was."""
    if expected.id == 0:
        return []
    found = Entry.objects.filter(id=expected.id).values_list("hash", flat=True).first()
    if found is None:
        return [f"entry {expected.id}, which was the head, is missing"]
    if bytes(found).hex() != expected.hash:
        return [f"entry {expected.id} has another hash than it had as the head: it or one before was changed"]
    return []
