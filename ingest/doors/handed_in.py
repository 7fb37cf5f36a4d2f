"""What doors that take one report at a time have in common: it is kept, stored, and known by its token.

A report whose payload is kept is taken, whatever becomes of it after: where it cannot be stored at once the
worker takes up what waits.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from django.db import DatabaseError

from geoplatform.errors import Conflict, FeedError, InvalidRequest, Mixed
from ingest import pipeline
from ingest.keeping import kept
from reports.models import Report

logger = logging.getLogger(__name__)


def take(feed: str, member: str, payload: Mapping[str, Any]) -> str | None:
    """Keep a payload, which has a ``token``, and store it.

    Parameters
    ----------
    member
        What the feed's documents call the list of their payloads.

    Returns
    -------
    str or None
        The number of the report; None where it is kept and not stored yet.

    Raises
    ------
    InvalidRequest, Conflict
        It cannot be used, though it is kept; the simulated city and real reports do not mix.
    """
    token = str(payload["token"])
    try:
        tally = pipeline.push(feed, json.dumps({member: [payload]}).encode())
    except Mixed as error:
        raise Conflict(str(error)) from None
    except FeedError as error:
        raise InvalidRequest(str(error)) from None
    except DatabaseError:
        if not is_waiting(feed, token):
            raise
        logger.exception("report kept and not stored feed=%s token=%s", feed, token)
        return None
    if tally.rejected:
        raise InvalidRequest("this request cannot be used; it is kept, and its fault is shown to the city")
    return number(feed, token)


def number(feed: str, token: str) -> str | None:
    """Return the number of the report that has a token; None where there is none yet."""
    found = Report.objects.filter(channel=feed, external_id=token).values_list("pk", flat=True).first()
    return None if found is None else str(found)


def is_waiting(feed: str, token: str) -> bool:
    """Say whether a report is kept and not stored yet."""
    return any(one.payload().get("token") == token for one in kept.waiting(feed))
