"""How a page of administration acts: what was typed goes to the function that answers the API.

After a change the page is asked for anew, and says what was done and how it is taken back. What cannot be
used is said above the form, with what was typed.
"""

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone

from access import audit
from api.casework.door import Asked
from casework.steps import permitted
from console.desk.admin.forms import Field, read
from geoplatform import sql
from geoplatform.errors import GeoplatformError, InvalidRequest
from staff.models import User

TOLD = "admin_told"  # the key in the session


@dataclass(frozen=True)
class Act:
    """What a form of a page does.

    Parameters
    ----------
    handler
        Of ``api.admin``: takes ``Asked``, and what the act is about.
    fields
        The members that it wants.
    told
        The key of the words that say what was done.
    undo
        From what was there before and what was typed to what takes it back; None: nothing does.
    before
        From what it is about and what was typed to what is there before, for ``undo``.
    about
        How the text that names what it is about becomes the handler's argument; None: it takes none.
    is_shown_once
        What came of it is shown at once and kept nowhere.
    """

    permission: str
    handler: Callable[..., Any]
    told: str
    fields: tuple[Field, ...] = ()
    undo: Callable[[Any, Mapping[str, Any]], dict[str, Any] | None] | None = None
    about: Callable[[str], Any] | None = None
    before: Callable[[str, Mapping[str, Any]], Any] | None = None
    is_shown_once: bool = False


@dataclass(frozen=True)
class Done:
    """What came of a form that did not lead on: an error in words, or what is shown this once."""

    act: str
    error: str = ""
    result: Any = None


Acts = Mapping[str, Act]


def ask(request: HttpRequest, user: User, handler: Callable[..., Any], *args: Any, **query: Any) -> Any:
    """Return what a reading function of the API answers to who is logged in."""
    with sql.bounded(settings.QUERY_TIMEOUT_MS):
        return handler(_asked(request, user, {}, query), *args)


def take(request: HttpRequest, user: User, acts: Acts) -> HttpResponse | Done:
    """Do what a form of a page asks for; returns where to go, or what to show instead.

    Raises
    ------
    InvalidRequest
        The page has no such act.
    """
    name, about = request.POST.get("act", ""), request.POST.get("about", "")
    act = acts.get(name)
    if act is None:
        raise InvalidRequest(f"act {name!r}: this page has none of that name")
    permitted.require(user, act.permission)
    said = read(act.fields, request.POST)
    if request.POST.get("is_trial"):
        said["is_trial"] = True
    try:
        with sql.bounded(settings.QUERY_TIMEOUT_MS):
            before = act.before(about, said) if act.before else None
            args = [act.about(about)] if act.about else []
            result = _plain(act.handler(_asked(request, user, said | _file(request, act), {}), *args))
    except GeoplatformError as error:
        return Done(name, error=str(error))
    if act.is_shown_once or "is_trial" in said:
        return Done(name, result=result)
    undo = act.undo(before, said | {"about": about, "result": result}) if act.undo else None
    request.session[TOLD] = json.loads(json.dumps({"key": act.told, "undo": undo}, default=str))
    return HttpResponseRedirect(request.get_full_path())


def told(request: HttpRequest) -> dict[str, Any] | None:
    """Return, once, what was done before the page was asked for anew."""
    found: dict[str, Any] | None = request.session.pop(TOLD, None)
    return found


def hidden(undo: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Return the fields of the form that takes a change back."""
    pairs: list[tuple[str, str]] = [("act", undo["act"]), ("about", undo["about"])]
    for name, value in undo["members"].items():
        many = value if isinstance(value, list) else [value]
        pairs += [(name, str(one)) for one in many if one not in (None, False, "")]
    return pairs


def _asked(request: HttpRequest, user: User, said: Mapping[str, Any], query: Mapping[str, Any]) -> Asked:
    """Return a request as the API's functions take it: of the page's own address they know nothing."""
    bare = copy.copy(request)
    bare.GET = QueryDict(urlencode({name: value for name, value in query.items() if value not in (None, "")}))
    return Asked(bare, user, timezone.now(), audit.origin(request, user.mark), said)


def _file(request: HttpRequest, act: Act) -> dict[str, Any]:
    name = next((one.name for one in act.fields if one.kind == "file"), None)
    if name is None:
        return {}
    sent = request.FILES.get(name)
    return {name: sent.name if sent else "", "content": sent.read() if sent else b""}


def _plain(answer: Any) -> Any:
    return json.loads(answer.content) if isinstance(answer, HttpResponse) else answer
