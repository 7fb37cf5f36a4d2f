"""Keys: made and shown once, kept as a digest, found for each request that bears one.

A key has 256 random bits, so its SHA-256 can be looked up as it is: there is nothing to guess, and nothing
for a salt or a slow hash to protect. A process remembers for ``KNOWN_S`` seconds whose key it is: for so long
a revoked one may still be taken.
"""

import hashlib
import secrets
import time
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from access.models import ApiKey, Scope
from geoplatform.errors import Conflict, Forbidden, InvalidRequest, NoKey, NotFound

MARK = "gp_"  # by which scanners of published code know that it is one of ours
START = len(MARK) + 6  # characters of a key that are kept as they are
LONGEST = 200
SHORTEST, ADOPTED_START = 16, 3  # characters of a key made elsewhere, and of these what is kept as it is
KNOWN_S = 10.0
MOST_KNOWN = 10_000
USED = timedelta(minutes=1)


class Holder(NamedTuple):
    """Whose key it is, and what it allows."""

    id: int
    title: str
    scopes: frozenset[str]


def create(title: str, scopes: Collection[str], expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    """Make a key; returns it and its text, which cannot be had again.

    Raises
    ------
    InvalidRequest
        No title, no scope or one that there is not, or an end that is past.
    """
    now = timezone.now()
    unknown = sorted(set(scopes) - set(Scope.values))
    if not title.strip():
        raise InvalidRequest("a key has a title: whose it is")
    if unknown or not scopes:
        raise InvalidRequest(f"scopes {', '.join(unknown) or 'none'}: known are {', '.join(Scope.values)}")
    if expires_at and expires_at <= now:
        raise InvalidRequest(f"a key that ends at {expires_at.isoformat()} has ended")
    text = MARK + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        title=title.strip(),
        digest=_digest(text),
        start=text[:START],
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=expires_at,
    )
    return key, text


def adopt(title: str, text: str, scopes: Collection[str]) -> ApiKey | None:
    """Take over a key that was made elsewhere, so that who has it need not change it; None: it is known.

    Raises
    ------
    InvalidRequest
        It is shorter than ``SHORTEST``, or longer than ``LONGEST``; or as ``create``.
    """
    if not SHORTEST <= len(text) <= LONGEST:
        raise InvalidRequest(f"the key of {title}: {SHORTEST} to {LONGEST} characters are taken")
    if ApiKey.objects.filter(digest=_digest(text)).exists():
        return None
    key, _ = create(title, scopes)
    key.digest, key.start = _digest(text), text[:ADOPTED_START]
    key.save(update_fields=["digest", "start"])
    return key


def listed() -> QuerySet[ApiKey]:
    """Return every key, the newest last."""
    return ApiKey.objects.order_by("id")


def revoke(id: int) -> ApiKey:
    """End a key now, for good.

    Raises
    ------
    NotFound, Conflict
        There is none, or it was revoked before.
    """
    key = ApiKey.objects.filter(id=id).first()
    if key is None:
        raise NotFound(f"no key {id}")
    if key.revoked_at:
        raise Conflict(f"key {id} was revoked at {key.revoked_at.isoformat()}")
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    forget()
    return key


def valid(now: datetime, path: str = "") -> Q:
    """Return the condition of a valid key; ``path`` leads to it, such as ``key__``."""
    unended = Q(**{f"{path}expires_at": None}) | Q(**{f"{path}expires_at__gt": now})
    return unended & Q(**{f"{path}revoked_at": None})


def given(headers: Mapping[str, str]) -> str:
    """Return the text of the key that a request bears in its headers, as WSGI names them; empty: none."""
    authorization = headers.get("HTTP_AUTHORIZATION", "")
    if authorization[:7].lower() == "bearer ":
        return authorization[7:].strip()
    return headers.get("HTTP_X_API_KEY", "").strip()


def find(text: str) -> Holder:
    """Return whose key a text is.

    Raises
    ------
    NoKey
        Nobody's, or it was revoked, or has expired.
    """
    holder = known(text)
    if holder is None:
        holder = _look_up(text)
        _remember(text, holder)
    return holder


def known(text: str) -> Holder | None:
    """Return the same without asking the database; None: it must be asked."""
    found = _known.get(text)
    return found[1] if found and found[0] > time.monotonic() else None


def require(request: HttpRequest, scope: str) -> Holder:
    """Return whose key a request bears, if it allows what the scope says.

    Raises
    ------
    NoKey
        It bears none that is valid.
    Forbidden
        The key does not allow it.
    """
    text = given(request.META)
    if not text:
        raise NoKey("this needs a key: Authorization: Bearer <key>, or X-Api-Key: <key>")
    return allowed(find(text), scope)


def allowed(holder: Holder, scope: str) -> Holder:
    """Return a holder whose key has a scope, or raise Forbidden."""
    if scope not in holder.scopes:
        raise Forbidden(f"this key allows {', '.join(sorted(holder.scopes))}, and not {scope}")
    return holder


def forget() -> None:
    """Ask the database anew for every key."""
    with _lock:
        _known.clear()


_lock = Lock()
_known: dict[str, tuple[float, Holder]] = {}


def _look_up(text: str) -> Holder:
    now = timezone.now()
    key = ApiKey.objects.filter(valid(now), digest=_digest(text)).first() if len(text) <= LONGEST else None
    if key is None:
        raise NoKey("this key is nobody's, was revoked, or has expired")
    if key.last_used_at is None or key.last_used_at < now - USED:
        ApiKey.objects.filter(id=key.id).update(last_used_at=now)
    return Holder(key.id, key.title, frozenset(key.scopes))


def _remember(text: str, holder: Holder) -> None:
    """Keep only what was found: whoever tries keys fills no memory."""
    with _lock:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[text] = time.monotonic() + KNOWN_S, holder


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
