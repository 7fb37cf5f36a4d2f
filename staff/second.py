"""The second factor: a code of an app (TOTP, RFC 6238), or a recovery code that was written down."""

import base64
from typing import Any

import segno
from django.conf import settings
from django.db import transaction
from django_otp import devices_for_user, match_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.models import User

ALL, NONE = "all", "none"
CODES = 10
NAME = "app"


def is_required(user: User) -> bool:
    """Say whether an account must have a second factor: by ``GEOPLATFORM_SECOND_FACTOR``."""
    wanted = settings.SECOND_FACTOR
    if wanted in (ALL, NONE):
        return bool(wanted == ALL)
    names = {name.strip() for name in wanted.split(",")}
    return user.is_superuser or user.groups.filter(name__in=names).exists()


def is_enrolled(user: User) -> bool:
    """Say whether an account has one."""
    return any(True for _ in devices_for_user(user, confirmed=True))


def is_shown(user: Any) -> bool:
    """Say whether who is logged in has shown it in this session; django-otp's middleware knows."""
    return bool(user.is_verified())


def is_passed(user: User) -> bool:
    """Say whether they have shown it, or need none and have none."""
    return is_shown(user) or not (is_required(user) or is_enrolled(user))


def begin(user: User) -> TOTPDevice:
    """Return the device that an account is about to confirm: the same until it is."""
    device, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": NAME})
    return device


@transaction.atomic
def confirm(user: User, token: str) -> TOTPDevice | None:
    """Make the device count if the code is its own; None: it is not."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if device is None or not device.verify_token(token.strip()):
        return None
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return device


def match(user: User, token: str) -> Any:
    """Return the device whose code it is, None for nobody's; a recovery code counts once."""
    return match_token(user, token.strip().lower())


@transaction.atomic
def new_codes(user: User) -> list[str]:
    """Make recovery codes in place of all former ones; they cannot be had again."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery", confirmed=True)
    codes = [StaticToken.random_token() for _ in range(CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=code) for code in codes])
    return codes


def count_left(user: User) -> int:
    """Return how many recovery codes of an account still count."""
    left: int = StaticToken.objects.filter(device__user=user).count()
    return left


@transaction.atomic
def forget(user: User) -> None:
    """Take every device of an account away, as when a telephone was lost."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def secret(device: TOTPDevice) -> str:
    """Return the secret as it is typed into an app: base32, in groups of four."""
    text = base64.b32encode(device.bin_key).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def picture(device: TOTPDevice) -> str:
    """Return a QR code for an app to read, as a ``data:`` address of an SVG."""
    return segno.make(device.config_url, error="m").svg_data_uri(scale=4, light="#fff")
