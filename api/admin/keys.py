"""Keys of the API: made and shown once, ended; and whether the audit holds."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from access import audit, keys
from access.models import ApiKey, Scope
from api import params
from api.casework.door import Asked, door, only

MANAGE = "access.manage_keys"


def everything(asked: Asked) -> Any:
    """``GET /api/staff/admin/keys``: every key without its text, and the scopes that there are."""
    params.only(asked.request, set())
    return {"keys": [_key(one, asked.at) for one in keys.listed()], "scopes": Scope.values}


def create(asked: Asked) -> Any:
    """``POST /api/staff/admin/keys``: make a key; its text is shown this once."""
    only(asked, {"title", "scopes", "last_day"})
    key, text = keys.create(asked.text("title"), asked.texts("scopes"), _end(asked))
    asked.record("key.create", f"key:{key.pk}", title=key.title, scopes=key.scopes)
    return {"key": _key(key, asked.at), "text": text}


def revoke(asked: Asked, id: int) -> Any:
    """``POST /api/staff/admin/keys/{id}/revoke``: end a key for good."""
    only(asked, set())
    key = keys.revoke(id)
    asked.record("key.revoke", f"key:{key.pk}")
    return _key(key, asked.at)


def verify(asked: Asked) -> Any:
    """``GET /api/staff/admin/audit/verify``: compute the chain anew."""
    params.only(asked.request, {"expect"})
    faults = audit.faults(asked.request.GET.get("expect", ""))
    return {"holds": not faults, "faults": faults, "head": str(audit.head())}


def _key(one: ApiKey, at: datetime) -> dict[str, Any]:
    return {
        "id": one.pk, "title": one.title, "start": one.start, "scopes": one.scopes,
        "created_at": one.created_at, "expires_at": one.expires_at, "revoked_at": one.revoked_at,
        "last_used_at": one.last_used_at, "state": _state(one, at),
    }  # fmt: skip


def _state(one: ApiKey, at: datetime) -> str:
    if one.revoked_at:
        return "revoked"
    return "expired" if one.expires_at and one.expires_at <= at else "valid"


def _end(asked: Asked) -> datetime | None:
    """Return when the last day of a key is over in the city."""
    day = asked.day("last_day")
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(settings.CITY_TIME_ZONE))


keys_door = door(GET=(MANAGE, everything), POST=(MANAGE, create))
revoke_door = door(POST=(MANAGE, revoke))
verify_door = door(GET=("access.view_audit", verify))
