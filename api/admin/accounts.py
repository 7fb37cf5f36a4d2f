"""Accounts of staff: made, changed, ended; their passwords and second factors set anew."""

from typing import Any

from api import params
from api.casework.door import Asked, door, only
from geoplatform.errors import Conflict
from staff import accounts, roles, second
from staff.models import User

MANAGE = "staff.manage_staff"
MEMBERS = {"username", "name", "email", "office", "roles"}


def everyone(asked: Asked) -> Any:
    """``GET /api/staff/admin/accounts``: every account, and the roles that there are."""
    params.only(asked.request, set())
    return {"accounts": [shown(user) for user in accounts.listed()], "roles": roles.names()}


def create(asked: Asked) -> Any:
    """``POST /api/staff/admin/accounts``: make an account; its one-time password is shown this once."""
    only(asked, MEMBERS | {"has_password"})
    user = accounts.create(
        asked.text("username").strip(),
        asked.texts("roles"),
        None,
        asked.at,
        name=asked.text("name", ""),
        email=asked.text("email", "").strip(),
        office=asked.optional("office"),
    )
    asked.record("account.create", user.mark, roles=sorted(asked.texts("roles")), office=user.office_id)
    if not asked.flag("has_password", True):  # the city's own login is the way in
        return {"account": shown(user), "password": None}
    user, text = accounts.give_password(user.username, asked.at)
    return {"account": shown(user), "password": text}


def change(asked: Asked, username: str) -> Any:
    """``POST /api/staff/admin/accounts/{username}``: give an account other roles, name, address or office."""
    only(asked, MEMBERS - {"username"})
    _not_own(asked, username)
    user = accounts.change(
        username,
        asked.texts("roles"),
        name=asked.text("name", ""),
        email=asked.text("email", "").strip(),
        office=asked.optional("office"),
    )
    asked.record("account.change", user.mark, roles=sorted(asked.texts("roles")), office=user.office_id)
    return shown(user)


def disable(asked: Asked, username: str) -> Any:
    """``POST /api/staff/admin/accounts/{username}/disable``: end it; its sessions end with it."""
    return _done(asked, "account.disable", username, accounts.disable)


def enable(asked: Asked, username: str) -> Any:
    """``POST /api/staff/admin/accounts/{username}/enable``: let it be used again."""
    return _done(asked, "account.enable", username, accounts.enable)


def password(asked: Asked, username: str) -> Any:
    """``POST /api/staff/admin/accounts/{username}/password``: set a one-time password, shown this once."""
    only(asked, set())
    _not_own(asked, username)
    user, text = accounts.give_password(username, asked.at)
    asked.record("account.password", user.mark)
    return {"account": shown(user), "password": text}


def forget_device(asked: Asked, username: str) -> Any:
    """``POST /api/staff/admin/accounts/{username}/forget-device``: let it set up its second factor anew."""

    def forget(name: str) -> User:
        user = accounts.find(name)
        second.forget(user)
        return user

    return _done(asked, "account.forget-device", username, forget)


def shown(user: User) -> dict[str, Any]:
    """Return an account as administrators see it."""
    return {
        "username": user.username, "name": user.name, "email": user.email,
        "roles": sorted(group.name for group in user.groups.all()),
        "office": user.office_id, "is_active": user.is_active, "created_at": user.created_at,
        "seen_at": user.last_login, "has_second_factor": second.is_enrolled(user),
        "once_until": user.once_until,
    }  # fmt: skip


def _done(asked: Asked, action: str, username: str, act: Any) -> Any:
    only(asked, set())
    _not_own(asked, username)
    user = act(username)
    asked.record(action, user.mark)
    return shown(user)


def _not_own(asked: Asked, username: str) -> None:
    """Refuse what would shut out or raise whoever asks."""
    if asked.user.username == username.lower():
        raise Conflict(f"username {username!r}: nobody changes their own account")


everyone_door = door(GET=(MANAGE, everyone), POST=(MANAGE, create))
one_door = door(POST=(MANAGE, change))
disable_door = door(POST=(MANAGE, disable))
enable_door = door(POST=(MANAGE, enable))
password_door = door(POST=(MANAGE, password))
forget_door = door(POST=(MANAGE, forget_device))
