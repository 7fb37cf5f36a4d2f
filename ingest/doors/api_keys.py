"""Whose key it is that something is posted with."""

import logging
import os

from access import keys
from access.models import Scope
from geoplatform.errors import NoKey, Unauthenticated

logger = logging.getLogger(__name__)

FORMER = ("GEOPLATFORM_OPEN311_KEYS", "GEOPLATFORM_OPEN311_KEYS_FILE")


def client(key: str) -> str:
    """Return the name of the client that a key belongs to.

    Raises
    ------
    Unauthenticated
        It belongs to nobody; a missing one, too.
    Forbidden
        It is the key of somebody who may not write.
    """
    try:
        holder = keys.find(key)
    except NoKey:
        raise Unauthenticated("api_key is missing, or nobody's") from None
    return f"key-{keys.allowed(holder, Scope.WRITE).id}"


def warn_of_former() -> None:
    """Say in the log that keys are still listed in the settings, and how to take them over."""
    for name in FORMER:
        if os.environ.get(name):
            shown = f'cat "${name}"' if name.endswith("_FILE") else f"printenv {name}"
            logger.warning(
                "%s is read no more, its keys are nobody's: %s | python manage.py key adopt, then unset it",
                name,
                shown,
            )
