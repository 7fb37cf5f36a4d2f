"""What staff keep of their own: the app of the second factor, recovery codes, the password."""

from typing import Any
from urllib.parse import quote

import django_otp
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.debug import sensitive_post_parameters

from access import audit
from console.login.entrance import TOO_MANY, known, shown, through
from console.login.page import language, page, to
from geoplatform.errors import TooMany
from staff import second, throttle
from staff.models import User


@known
@sensitive_post_parameters("token")
def enrol(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/second/enrol``: read the secret into an app and prove it; the recovery codes come behind.

    Only who has none yet: else a stolen password would be enough to put another app in its place.
    """
    if second.is_enrolled(user):
        return to(request, "staff" if second.is_shown(user) else "second")
    device = second.begin(user)
    shown: dict[str, Any] = {
        "secret": second.secret(device),
        "picture": second.picture(device),
        "is_free": second.is_passed(user),
    }
    if request.method != "POST":
        return page(request, "enrol", **shown)
    try:
        throttle.count("second", user.mark, audit.origin(request).address)
    except TooMany as error:
        minutes = -(-error.retry_after_s // 60)
        return page(request, "enrol", TOO_MANY, error="too_many", minutes=minutes, **shown)
    confirmed = second.confirm(user, request.POST.get("token", ""))
    if confirmed is None:
        return page(request, "enrol", 403, error="wrong_code", **shown)
    django_otp.login(request, confirmed)
    request.session.cycle_key()
    audit.record("second.enrol", audit.origin(request), timezone.now(), user.mark)
    return _fresh(request, user)


@through
def codes(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/second/codes``: new recovery codes in place of the former ones."""
    if not second.is_enrolled(user):
        return to(request, "enrol")
    if request.method != "POST":
        return page(request, "codes", left=second.count_left(user))
    audit.record("second.codes", audit.origin(request), timezone.now(), user.mark)
    return _fresh(request, user)


@shown
@sensitive_post_parameters()
def password(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/password``: another password; every other session of the account ends."""
    with translation.override(language(request)):
        form = PasswordChangeForm(user, request.POST if request.method == "POST" else None)
        is_once = user.once_until is not None
        if request.method != "POST":
            return page(request, "password", form=form, is_once=is_once)
        if not form.is_valid():
            return page(request, "password", 400, form=form, is_once=is_once)
    user.once_until = None  # it is their own now
    form.save()
    update_session_auth_hash(request, user)
    audit.record("password.change", audit.origin(request), timezone.now(), user.mark)
    return page(request, "password", form=None, done=True)


def _fresh(request: HttpRequest, user: User) -> HttpResponse:
    """Show new recovery codes, this once; also as a file that the page itself holds."""
    codes = second.new_codes(user)
    kept = "data:text/plain;charset=utf-8," + quote("".join(f"{line}\n" for line in (user.username, *codes)))
    return page(request, "codes", codes=codes, kept=kept)
