"""Accounts of staff: made, listed, ended; each that there is stays, for the audit names it."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet

from boundaries.models import Office
from geoplatform import sql
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from staff import roles
from staff.models import User

ADDRESSES = "staff addresses"  # held while one is given to an account
ONCE_BYTES, ONCE_LASTS = 15, timedelta(days=3)  # 20 characters, and a weekend


@transaction.atomic
def create(
    username: str,
    given: Sequence[str],
    password: str | None,
    at: datetime,
    name: str = "",
    email: str = "",
    office: str | None = None,
) -> User:
    """Make an account.

    Parameters
    ----------
    given
        Its roles, one at least.
    password
        None: it can be entered by the city's own login (OIDC) alone.
    office
        Code of the office whose cases it sees; wanted of who may not see all.

    Raises
    ------
    InvalidRequest
        A name, role, password, address or office that cannot be used.
    Conflict
        There is an account of that name, or an active one of that address: the city's login goes by it.
    """
    _check(username, email)
    groups = _groups(given)
    if roles.is_of_an_office(list(given)) and not office:
        raise InvalidRequest(f"role {', '.join(given)}: it sees the cases of an office, and none is named")
    user = User(username=username.lower(), name=name.strip(), email=email, created_at=at)
    user.office = _office(office) if office else None
    if User.objects.filter(username=user.username).exists():
        raise Conflict(f"there is an account {user.username!r}")
    _of_nobody_else(user)
    if password is not None:
        check_password(password, user)
    user.set_password(password)
    user.save()
    user.groups.set(groups)
    return user


@transaction.atomic
def change(
    username: str, given: Sequence[str], name: str = "", email: str = "", office: str | None = None
) -> User:
    """Give an account other roles, another name, address or office.

    Raises
    ------
    NotFound, InvalidRequest, Conflict
        There is no such account, or as for ``create``.
    """
    user = find(username)
    _check(user.username, email)
    groups = _groups(given)
    if roles.is_of_an_office(list(given)) and not office:
        raise InvalidRequest(f"role {', '.join(given)}: it sees the cases of an office, and none is named")
    user.name, user.email, user.office = name.strip(), email, _office(office) if office else None
    if user.is_active:
        _of_nobody_else(user)
    user.save(update_fields=["name", "email", "office"])
    user.groups.set(groups)
    return user


def give_password(username: str, at: datetime) -> tuple[User, str]:
    """Set a password that lets in for ``ONCE_LASTS``, to choose one's own; its sessions end.

    Returns the account and the password, which cannot be had again; NotFound where there is no account.
    """
    user = find(username)
    text = secrets.token_urlsafe(ONCE_BYTES)
    user.set_password(text)
    user.once_until = at + ONCE_LASTS
    user.save(update_fields=["password", "once_until"])
    return user, text


def is_too_late(user: User, at: datetime) -> bool:
    """Say whether the password that somebody else has set lets in no longer."""
    return user.once_until is not None and user.once_until <= at


def listed() -> QuerySet[User]:
    """Return every account with its roles and its office, by name."""
    return User.objects.select_related("office").prefetch_related("groups").order_by("username")


def find(username: str) -> User:
    """Return an account, or raise NotFound."""
    user = User.objects.filter(username=username.lower()).first()
    if user is None:
        raise NotFound(f"no account {username!r}")
    return user


def disable(username: str) -> User:
    """End an account: its sessions end with the next request.

    Raises
    ------
    NotFound, Conflict
        There is none, or it was ended before.
    """
    return _turn(username, False)


def enable(username: str) -> User:
    """Let an account that was ended be used again; NotFound, Conflict as for ``disable``.

    Conflict as well where another account has its address meanwhile.
    """
    return _turn(username, True)


def set_password(username: str, password: str) -> User:
    """Give an account another password: its sessions end.

    Raises
    ------
    NotFound, InvalidRequest
        There is no such account, or the password is too easy.
    """
    user = find(username)
    check_password(password, user)
    user.set_password(password)
    user.once_until = None
    user.save(update_fields=["password", "once_until"])
    return user


def check_password(password: str, user: User) -> None:
    """Refuse a password that Django's validators find too easy, as InvalidRequest."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidRequest(f"password: {' '.join(error.messages)}") from None


@transaction.atomic
def _turn(username: str, is_active: bool) -> User:
    user = find(username)
    if user.is_active is is_active:
        raise Conflict(f"account {user.username!r} is {'active' if is_active else 'disabled'} already")
    user.is_active = is_active
    if is_active:
        _of_nobody_else(user)
    user.save(update_fields=["is_active"])
    return user


def _check(username: str, email: str) -> None:
    if not username or len(username) > 150 or not username.isprintable() or " " in username:
        raise InvalidRequest(f"username {username!r}: a name without spaces, 1 to 150 characters")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise InvalidRequest(f"email {email!r} is no address") from None


def _of_nobody_else(user: User) -> None:
    """Refuse an address that another active account has, however it is capitalised.

    The city's login finds an account by its address, and would let in neither of two.
    """
    if not user.email:
        return
    sql.hold(ADDRESSES)
    others = User.objects.filter(email__iexact=user.email, is_active=True).exclude(pk=user.pk)
    if other := others.first():
        raise Conflict(f"email {user.email!r}: account {other.username!r} has this address")


def _groups(given: Sequence[str]) -> list[Group]:
    groups = list(Group.objects.filter(name__in=given))
    unknown = sorted(set(given) - {group.name for group in groups})
    if unknown or not given:
        raise InvalidRequest(f"role {', '.join(unknown) or 'none'}: known are {', '.join(roles.names())}")
    return groups


def _office(code: str) -> Office:
    office = Office.objects.filter(code=code).first()
    if office is None:
        raise InvalidRequest(f"no office {code!r}")
    return office
