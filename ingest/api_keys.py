"""Whose key it is that something is posted with."""

import hmac

from access import keys
from access.models import Scope
from geoplatform.errors import BadSettings, Unauthenticated
from ingest import feeds

VARIABLE = "GEOPLATFORM_OPEN311_KEYS"
SHORTEST = 16


def client(key: str) -> str:
    """Return the name of the client that a key belongs to.

    A key of ``manage.py key`` that may write is its holder's. Beside these,
    ``GEOPLATFORM_OPEN311_KEYS`` (or the file that ``GEOPLATFORM_OPEN311_KEYS_FILE`` names) lists them:
    ``name=key``, parted by commas or lines.

    Raises
    ------
    Unauthenticated
        It belongs to nobody; a missing one, too.
    Forbidden
        It is the key of somebody who may not write.
    BadSettings
        The list cannot be read.
    """
    if key.startswith(keys.MARK):
        return f"key-{keys.allowed(keys.find(key), Scope.WRITE).id}"
    found = ""
    for name, known in _listed().items():
        # All are compared, and none letter by letter: how long it takes tells nothing.
        if hmac.compare_digest(known.encode(), key.encode()):
            found = name
    if not found:
        raise Unauthenticated("api_key is missing, or nobody's")
    return found


def _listed() -> dict[str, str]:
    listed: dict[str, str] = {}
    for line in feeds.secret(VARIABLE).replace(",", "\n").split():
        name, equals, key = line.partition("=")
        if not (name and equals) or len(key) < SHORTEST:
            raise BadSettings(f"{VARIABLE}: expected name=key, and keys of at least {SHORTEST} characters")
        listed[name] = key
    return listed
