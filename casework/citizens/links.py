"""The link below what citizens are told: to what was answered, to dispute it, to hear no more.

Who reported is known only to the channel; so the link proves that its reader may speak for the report. Its
token is made when a message is sent, for that message alone, and only its digest is stored: who reads the
database can speak for nobody. It is found by the digest of all of it, so how long the answer takes says
nothing of how much of a token was right.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from casework.models import Link, Notice, Transition
from geoplatform.errors import Forbidden

DISPUTE = "dispute"
TOKEN_BYTES = 24


def token(report_id: int, at: datetime, notice: Notice | None = None) -> str:
    """Return what allows whoever has it to speak for one report, for ``GEOPLATFORM_LINK_DAYS`` days."""
    text = secrets.token_urlsafe(TOKEN_BYTES)
    Link.objects.create(
        report_id=report_id,
        digest=_digest(text),
        notice=notice,
        made_at=at,
        expires_at=at + timedelta(days=settings.LINK_DAYS),
    )
    return text


def report_of(token: str, at: datetime) -> int:
    """Return the report that a token is for.

    Raises
    ------
    Forbidden
        We made no such token, it has expired or was revoked, or its report was anonymised.
    """
    found = Link.objects.filter(
        digest=_digest(token), expires_at__gt=at, report__anonymised__isnull=True
    ).first()
    if found is None:
        raise Forbidden("token: it is none of ours, or too old")
    return found.report_id


def revoke(report_ids: Collection[int]) -> None:
    """End every link of some reports."""
    Link.objects.filter(report__in=report_ids).delete()


def disputable() -> frozenset[str]:
    """Return the states in which what was answered may be disputed."""
    found = Transition.objects.filter(permission=DISPUTE).values_list("from_state_id", flat=True)
    return frozenset(found)


def below(report_id: int, state: str) -> dict[str, Any]:
    """Return what stands below what is told of a report: words, and for which report its link is to speak.

    Nothing where we have no address.

    Parameters
    ----------
    state
        That of the case: of an answer the link says that one may dispute it, else where to see how far it is.
    """
    if not settings.PUBLIC_URL:
        return {}
    words = "Belum beres? Bantah jawaban ini" if state in disputable() else "Rincian laporan Anda"
    return {"words": words, "report": report_id}


def line(below: Mapping[str, Any], at: datetime) -> str:
    """Return what stands below a message as it is sent: the words and a link of its own."""
    return f"{below['words']}: {address(below['report'], at)}"


def address(report_id: int, at: datetime, notice: Notice | None = None) -> str:
    """Return a link that speaks for a report."""
    return f"{settings.PUBLIC_URL}/answers/{token(report_id, at, notice)}"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
