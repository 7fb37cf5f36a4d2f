"""What every address for staff asks first: who it is, whether they showed the second factor, and may they."""

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access import audit
from casework.desk import personal
from casework.steps import permitted
from geoplatform.errors import NoOwnPassword, NoSecondFactor, NoSession
from staff import second
from staff.models import User

View = Callable[..., HttpResponse]


def of(request: HttpRequest) -> User:
    """Return who of the staff asks.

    Raises
    ------
    NoSession
        Nobody is logged in, or the account was disabled since.
    NoSecondFactor
        They have yet to show it, or to set it up.
    NoOwnPassword
        Theirs was set by somebody else.
    """
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        raise NoSession
    if not second.is_passed(user):
        raise NoSecondFactor
    if user.once_until:
        raise NoOwnPassword
    return user


def staff(*needed: str, methods: tuple[str, ...] = ("GET", "HEAD")) -> Callable[[View], View]:
    """Open a view below ``/api/staff/`` to who is through and has every permission that is named.

    Parameters
    ----------
    needed
        ``casework.triage`` and the like; none: any account will do.
    methods
        Whatever is not GET or HEAD needs the CSRF token as well, in ``X-CSRFToken`` (``staff.doors``).
    """

    def guard(view: View) -> View:
        @require_http_methods(list(methods))
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = of(request)
            for permission in needed:
                permitted.require(user, permission)
            return view(request, *args, **kwargs)

        return guarded

    return guard


@staff("casework.view_personal")
def personal_data(request: HttpRequest, id: int) -> HttpResponse:
    """``GET /api/staff/reports/{id}/personal``: who wrote it and the words unmasked; the look is recorded."""
    return JsonResponse(asdict(personal.look(of(request), id, audit.origin(request), timezone.now())))


@staff("casework.view_personal", "casework.export_personal")
def personal_export(request: HttpRequest, id: int) -> HttpResponse:
    """``GET /api/staff/reports/{id}/personal/export``: all that is held of its citizen; recorded."""
    held = personal.take_out(of(request), id, audit.origin(request), timezone.now())
    answer = JsonResponse(asdict(held), json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="citizen-of-report-{id}.json"'
    return answer


@staff()
def me(request: HttpRequest) -> HttpResponse:
    """``GET /api/staff/me``: who is logged in, what they may do, and the token that changes need."""
    user = of(request)
    return JsonResponse(
        {
            "user": user.mark,
            "username": user.username,
            "name": user.get_full_name(),
            "office": user.office_id,
            "roles": sorted(user.groups.values_list("name", flat=True)),
            "permissions": sorted(user.get_all_permissions()),
            "csrf_token": get_token(request),
        }
    )
