"""How often one may ask: a quota by class of request, for each address or key."""

import hashlib
import logging
import re
import time
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings

from geoplatform.errors import BadSettings

if TYPE_CHECKING:
    import numpy as np

logger = logging.getLogger(__name__)

WINDOW_S = 60
QUOTA = re.compile(r"([a-z]+)=(\d{1,7})", re.ASCII)
OFF = "off"


class Quota(NamedTuple):
    """How many requests of a class somebody may make in ``WINDOW_S`` seconds; they may come all at once.

    ``key`` is what they are counted by, ``interval`` and ``span`` what one and all take (microseconds).
    """

    name: str
    most: int
    key: int
    interval: int
    span: int


class Verdict(NamedTuple):
    """A request that was counted by a quota, and what the table said (``access.counting.take``)."""

    quota: Quota
    used: int

    @property
    def passes(self) -> bool:
        """Say whether it is within the quota."""
        return self.used >= 0

    @property
    def retry_s(self) -> int:
        """Seconds until another request passes."""
        return (999_999 - self.used) // 1_000_000 if self.used < 0 else 0


def count(quota: Quota) -> Verdict:
    """Count a request, and say whether it may pass."""
    # Half a second of numba, which a command that counts nothing need not pay.
    from access import counting

    now = time.time_ns() // 1000
    return Verdict(quota, counting.take(table(), quota.key, now, quota.interval, quota.span))


def of_address(name: str, who: str) -> Quota | None:
    """Return the quota of an address that asks without a key, or with one that has not the scope ``limits``.

    None: requests of this class are not counted.
    """
    return _quota(name, who, "GEOPLATFORM_LIMITS", settings.LIMITS)


def of_key(name: str, id: int) -> Quota | None:
    """Return the quota of a key that has the scope ``limits``."""
    return _quota(name, f"key {id}", "GEOPLATFORM_KEY_LIMITS", settings.KEY_LIMITS)


def of_window(name: str, who: str, most: int, window_s: int) -> Quota:
    """Return a quota that no setting names: so many in a time of its own."""
    interval = window_s * 1_000_000 // most
    return Quota(name, most, _key(name, who), interval, interval * most)


@lru_cache(maxsize=8192)
def _quota(name: str, who: str, variable: str, text: str) -> Quota | None:
    most = _read(variable, text).get(name, 0)
    if not most:
        return None
    interval = WINDOW_S * 1_000_000 // most
    return Quota(name, most, _key(name, who), interval, interval * most)


@lru_cache(maxsize=16)
def _read(variable: str, text: str) -> Mapping[str, int]:
    if text == OFF:
        return {}
    quotas = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = QUOTA.fullmatch(part)
        if not found:
            raise BadSettings(f"{variable}: {part!r} is not <class>=<requests a minute>")
        quotas[found[1]] = int(found[2])
    return quotas


def _key(name: str, who: str) -> int:
    """Return what a class and a client are counted by; keyed, so that nobody can aim at another's place."""
    said = f"{name} {who}".encode("utf-8", "replace")
    digest = hashlib.blake2b(said, key=settings.SECRET_KEY.encode()[:64], digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) or 1


@cache
def table() -> "np.ndarray":
    """Return the table that the processes of this machine count in."""
    from access import counting

    try:
        return counting.shared(settings.LIMITS_FILE)
    except OSError as error:
        logger.warning("limits are counted by each process for itself: %s: %s", settings.LIMITS_FILE, error)
        return counting.own()
