"""Who has just written, and how far a standby must be to show it to them.

A browser, and whoever sends back what it is told, is known by a signed text, on any machine. For all others
the processes of this machine remember it by key or address, in a file of 512 KB that each maps: a place has
the latest position of all who share it, so nobody's is ever forgotten for another's; who shares a place with
one who writes is shown the primary too, until a standby is there.
"""

import hashlib
import mmap
from functools import cache
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.signing import BadSignature, Signer

PLACES = 1 << 16
_signer = Signer(salt="access.pins")


def signed(position: int) -> str:
    """Return a position as a text that nobody else can make: a made-up one would always ask the primary."""
    return _signer.sign(f"{position:x}")


def told(text: str) -> int:
    """Return the position of a signed text; 0 for any other text."""
    try:
        return int(_signer.unsign(text), 16) if text else 0
    except BadSignature:
        return 0


def remember(who: str, position: int) -> None:
    """Remember that somebody has written up to a position."""
    places = _places(settings.PINS_FILE)
    place = _place(who)
    places[place] = max(int(places[place]), position)


def remembered(who: str) -> int:
    """Return up to where somebody has written, on this machine; 0: nothing that is known."""
    return int(_places(settings.PINS_FILE)[_place(who)])


def _place(who: str) -> int:
    return int.from_bytes(hashlib.blake2b(who.encode("utf-8", "replace"), digest_size=2).digest())


@cache
def _places(path: Path) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if file.seek(0, 2) != PLACES * 8:
            file.truncate(PLACES * 8)
        return np.frombuffer(mmap.mmap(file.fileno(), PLACES * 8), np.int64)
