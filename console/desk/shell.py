"""What all pages of the console share: who may open them, language, menu, words, what a browser may load."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.gzip import gzip_page

from casework.steps import permitted
from console.desk import menu
from console.login import page as login
from console.login.entrance import through
from console.views import content_security_policy
from console.words import LANGUAGES, words
from staff.models import User

View = Callable[..., HttpResponse]
FORBIDDEN = 403


def opened(*permissions: str) -> Callable[[View], View]:
    """Open a page to who is through the login and has one of the permissions; the view takes the user.

    With none named it is open to every account. Whoever may not sees which permission it takes.
    """

    def guard(view: View) -> View:
        @gzip_page
        @through
        @wraps(view)
        def guarded(request: HttpRequest, user: User, *args: Any, **kwargs: Any) -> HttpResponse:
            if permissions and not any(permitted.may(user, one) for one in permissions):
                return page(request, user, "desk/refused", FORBIDDEN, needed=" / ".join(permissions))
            return view(request, user, *args, **kwargs)

        return guarded

    return guard


def page(
    request: HttpRequest,
    user: User,
    template: str,
    status: int = 200,
    *,
    part: str = "",
    config: Mapping[str, Any] | None = None,
    **shown: Any,
) -> HttpResponse:
    """Answer with ``console/<template>.html`` in the language that this person reads.

    Parameters
    ----------
    part
        Of the words: those of ``words/<part>/`` join those that the console shares, for template and modules.
    config
        What the page's modules need besides ``language`` and ``time_zone``: JSON, without personal data.
    """
    spoken = language(request)
    strings = said(spoken, part)
    context = {
        "language": spoken,
        "languages": _languages(request),
        "words": strings,
        "config": {"language": spoken, "time_zone": settings.CITY_TIME_ZONE, **(config or {})},
        "csrf": get_token(request),
        "user": user,
        "menu": menu.shown(request, user, strings),
        **shown,
    }
    with translation.override(spoken):
        response = render(request, f"console/{template}.html", context, status=status)
    response["Content-Language"] = spoken
    response["Content-Security-Policy"] = policy()
    return response


def language(request: HttpRequest) -> str:
    """Return the language of the address, which the session keeps; else the session's; else the city's."""
    login.keep_language(request)
    return login.language(request)


def said(spoken: str, part: str = "") -> dict[str, str]:
    """Return the strings that a part's pages say: the console's own and the part's."""
    return words(spoken, "desk") | (words(spoken, part) if part else {})


def policy() -> str:
    """Return what a page of the console may load: what the public map may, and forms lead back here."""
    public = content_security_policy(settings.BASE_MAP_URL, settings.EVENTS_URL)
    return public.replace("form-action 'none'", "form-action 'self'").replace("data:", "data: blob:")


def _languages(request: HttpRequest) -> list[tuple[str, str]]:
    """Return each language with the address of this page in it."""
    query = request.GET.copy()
    found = []
    for one in LANGUAGES:
        query["lang"] = one
        found.append((one, f"?{urlencode(list(query.lists()), doseq=True)}"))
    return found
