"""Signatures of what is sent to subscriptions, by the Standard Webhooks specification (v1, HMAC-SHA-256).

A secret is made of the subscription's salt with the platform's own key, so no table holds it.
"""

import base64
import hmac
import secrets
from datetime import datetime

from django.conf import settings

from subscriptions.models import Subscription

MARK = "whsec_"
SALT = 24  # bytes


def salt() -> bytes:
    """Return a new salt."""
    return secrets.token_bytes(SALT)


def secret(of: Subscription) -> str:
    """Return the secret of a subscription as its receiver is given it."""
    return MARK + base64.b64encode(_key(of)).decode()


def headers(of: Subscription, number: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers of a message: its number, the time, and the signature of both and the body."""
    moment = str(int(at.timestamp()))
    made = hmac.digest(_key(of), b".".join((number.encode(), moment.encode(), body)), "sha256")
    return {
        "webhook-id": number,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(made).decode()}",
    }


def challenge(of: Subscription) -> str:
    """Return what a receiver must answer with to be told anything; the same for each question of one salt."""
    return hmac.digest(_key(of), b"challenge", "sha256").hex()[:32]


def _key(of: Subscription) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"webhook " + bytes(of.salt), "sha256")
