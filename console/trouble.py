"""An error as a page for people: in their language, in the frame of the part that they are in.

It needs no JavaScript; and what is our own fault (500, 503) needs neither database nor session.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse

from console.desk import shell
from console.login import page as login
from console.public import page as public
from console.words import words
from geoplatform import trail
from geoplatform.errors import Busy, TooMany
from staff import second
from staff.models import User

PART = "trouble"
STAFF = "/staff"
OUR_FAULT = 500  # and above
SELF_TOLD = (404, 429, 500, 503)  # of which the words tell all; else what the API says stands below them


def page(request: HttpRequest, status: int, detail: str, error: Exception | None = None) -> HttpResponse:
    """Return an error as a page: the parameters are those of ``api.errors.say``."""
    told = trail.request() if status >= OUR_FAULT else ""
    shown: dict[str, Any] = {
        "detail": "" if status in SELF_TOLD else detail,
        "number": status,
        "request_number": told,
    }
    if not f"{request.path}/".startswith(f"{STAFF}/"):
        own = _said(public.language(request), status, error)
        said = public.said(public.language(request)) | own
        return public.page(request, "error", status=status, **shown, words=said, **_texts(own, status))
    user = _user(request) if status < OUR_FAULT else None
    if user is None:
        spoken = login.asked(request)
        own = _said(spoken, status, error)
        return login.page(request, "error", status, spoken, **shown, trouble=own, **_texts(own, status))
    own = _said(shell.language(request), status, error)
    return shell.page(request, user, "desk/error", status, part=PART, **shown, **_texts(own, status))


def _user(request: HttpRequest) -> User | None:
    """Return who is through the login; None where nobody is, or nobody was asked yet."""
    user = getattr(request, "user", None)
    is_through = isinstance(user, User) and second.is_passed(user) and not user.once_until
    return user if is_through else None


def _said(spoken: str, status: int, error: Exception | None) -> dict[str, str]:
    """Return the words of these pages, with how long who came too often has to wait."""
    seconds = str(error.retry_after_s) if isinstance(error, TooMany | Busy) else "60"
    return {key: text.replace("{seconds}", seconds) for key, text in words(spoken, PART).items()}


def _texts(own: dict[str, str], status: int) -> dict[str, Any]:
    """Return title and text of a status; of one without words of its own those of any."""
    known = status if f"title_{status}" in own else "other"
    return {"title": own[f"title_{known}"], "text": own[f"text_{known}"]}
