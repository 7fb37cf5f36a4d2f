"""Coming in and going out: name and password, then the second factor, and what was tried is recorded."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import django_otp
from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from access import audit
from console.login.page import keep_language, onward, page, to
from geoplatform.errors import TooMany
from staff import accounts, second, throttle
from staff.models import User

View = Callable[..., HttpResponse]
TOO_MANY = 429


def known(view: View) -> View:
    """Lead whoever is not logged in to the login, and back; the view takes the user."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return to(request, "login", next=request.get_full_path())
        return view(request, user, *args, **kwargs)

    return asked


def shown(view: View) -> View:
    """Lead whoever has yet to show the second factor to it as well."""

    @known
    @wraps(view)
    def asked(request: HttpRequest, user: User, *args: Any, **kwargs: Any) -> HttpResponse:
        if not second.is_passed(user):
            return to(request, "second", next=request.get_full_path())
        return view(request, user, *args, **kwargs)

    return asked


def through(view: View) -> View:
    """Lead whoever has a password that somebody else has set to choose their own as well."""

    @shown
    @wraps(view)
    def asked(request: HttpRequest, user: User, *args: Any, **kwargs: Any) -> HttpResponse:
        if user.once_until:
            return to(request, "password", next=request.get_full_path())
        return view(request, user, *args, **kwargs)

    return asked


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def login(request: HttpRequest) -> HttpResponse:
    """``/staff/login``: name and password; whoever has a second factor is asked for it next."""
    sso = bool(settings.OIDC_RP_CLIENT_ID)
    if request.user.is_authenticated and request.method != "POST":
        return onward(request)
    if request.method != "POST":
        return page(request, "login", sso=sso)
    username = request.POST.get("username", "").strip().lower()[:150]
    try:
        throttle.count("login", username, audit.origin(request).address)
    except TooMany as error:
        _record(request, "login.throttled", _mark(username))
        minutes = _minutes(error)
        return page(request, "login", TOO_MANY, error="too_many", minutes=minutes, username=username, sso=sso)
    user = auth.authenticate(request, username=username, password=request.POST.get("password", ""))
    if user is None or accounts.is_too_late(user, timezone.now()):
        _record(request, "login.failed", _mark(username))
        return page(request, "login", 403, error="wrong", username=username, sso=sso)
    auth.login(request, user)
    keep_language(request)
    _record(request, "login", user.mark)
    return onward(request)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """``POST /staff/logout``: end the session."""
    if request.user.is_authenticated:
        _record(request, "logout")
    leads_to = to(request, "login")  # in the session's language, which ends with it
    auth.logout(request)
    return leads_to


@known
@sensitive_post_parameters("token")
def show_second(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/second``: a code of the app, or a recovery code; who has no app yet is led to set it up."""
    if not second.is_enrolled(user):
        return to(request, "enrol", next=request.GET.get("next", ""))
    if request.method != "POST":
        return page(request, "second")
    try:
        throttle.count("second", user.mark, audit.origin(request).address)
    except TooMany as error:
        _record(request, "second.throttled")
        return page(request, "second", TOO_MANY, error="too_many", minutes=_minutes(error))
    device = second.match(user, request.POST.get("token", ""))
    if device is None:
        _record(request, "second.failed")
        return page(request, "second", 403, error="wrong_code")
    django_otp.login(request, device)
    request.session.cycle_key()
    _record(request, "second.passed", device=device.name)
    return onward(request)


def _record(request: HttpRequest, action: str, subject: str = "", **details: Any) -> None:
    audit.record(action, audit.origin(request), timezone.now(), subject, **details)


def _mark(username: str) -> str:
    """Return whose name it is; a name that is nobody's may be a password, and is not written down."""
    user = User.objects.filter(username=username).first()
    return user.mark if user else ""


def _minutes(error: TooMany) -> int:
    return -(-error.retry_after_s // 60)
