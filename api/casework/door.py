"""Who may come in: staff, to each address and method by its permission; and what all these answers share.

Sessions, tokens and second factors are looked at before (``staff.doors``, ``api.staff``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.gzip import gzip_page

from access import audit
from access.audit import Origin
from api import bodies, params, staff
from casework.steps import permitted
from geoplatform import sql
from geoplatform.errors import Forbidden, InvalidRequest, NotFound
from staff.models import User

MOST_BYTES = 2_000_000  # 2000 steps of 1000 bytes
LAST_ID = (1 << 63) - 1
LONGEST = 4000  # characters of what people write


@dataclass(frozen=True)
class Asked:
    """Who asks for what, when: one instant for all that comes of it."""

    request: HttpRequest
    user: User
    at: datetime
    who: Origin
    said: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a member of the body that is text, or raise InvalidRequest."""
        value = self.said.get(name, default)
        if not isinstance(value, str) or "\0" in value or len(value) > LONGEST:
            raise InvalidRequest(f"{name}: text of at most {LONGEST} characters is wanted")
        return value

    def whole(self, name: str, default: int | None = None) -> int | None:
        """Return a member of the body that is a whole number; without a default None where it is missing."""
        value = self.said.get(name, default)
        if value is not None and (type(value) is not int or not 0 <= value <= LAST_ID):
            raise InvalidRequest(f"{name} {value!r}: a whole number from 0 on is wanted")
        return value

    def optional(self, name: str) -> str | None:
        """Return a member of the body that is text and not empty, None where it is missing, null or empty."""
        return (self.text(name).strip() or None) if self.said.get(name) is not None else None

    def number(self, name: str) -> int:
        """Return a member of the body that is a whole number, or raise InvalidRequest where it is missing."""
        value = self.whole(name)
        if value is None:
            raise InvalidRequest(f"{name} {value!r}: a whole number from 0 on is wanted")
        return value

    def flag(self, name: str, default: bool | None = False) -> bool:
        """Return a member of the body that is true or false; without a default it is wanted."""
        value = self.said.get(name, default)
        if not isinstance(value, bool):
            raise InvalidRequest(f"{name} {value!r} is neither true nor false")
        return value

    def day(self, name: str) -> date | None:
        """Return a member of the body that is a date (YYYY-MM-DD); None where it is missing or empty."""
        text = self.optional(name)
        return params.day(name, text) if text else None

    def texts(self, name: str) -> list[str]:
        """Return a member of the body that is a list of texts, or raise InvalidRequest."""
        value = self.said.get(name)
        if not isinstance(value, list) or not all(isinstance(one, str) and "\0" not in one for one in value):
            raise InvalidRequest(f"{name}: a list of texts is wanted")
        return value

    def record(self, action: str, subject: str = "", **details: Any) -> None:
        """Append a line to the audit, in the transaction of what it tells of."""
        audit.record(action, self.who, self.at, subject, **details)


Handler = Callable[..., Any]
Reader = Callable[[HttpRequest], Mapping[str, Any]]
View = Callable[..., HttpResponse]


def door(reads: Reader | None = None, **methods: tuple[str, Handler]) -> View:
    """Return the view of an address: for each method the permission that it needs, and what answers.

    A body is a JSON object, unless ``reads`` says how it is read.

    What answers gets ``Asked`` and what the path names,
    and returns what JSON can hold, or a response. Each request is one transaction, with the time limit of a
    question: what is refused leaves nothing behind.
    """
    allowed = ", ".join([*methods, "OPTIONS"])

    @gzip_page  # with bytes of chance, against guessing what is compressed beside a token
    @wraps(next(iter(methods.values()))[1])
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": allowed})
        method = "GET" if request.method == "HEAD" else request.method or ""
        if method not in methods:
            return HttpResponse(status=405, headers={"Allow": allowed})
        permission, handler = methods[method]
        user = _admitted(request, permission)
        check(request, kwargs)
        said = (reads or document)(request) if method == "POST" else {}
        asked = Asked(request, user, timezone.now(), audit.origin(request, user.mark), said)
        with sql.bounded(settings.QUERY_TIMEOUT_MS):
            answer = handler(asked, *args, **kwargs)
        return answer if isinstance(answer, HttpResponse) else JsonResponse(answer)

    view.doors = {method: permission for method, (permission, _) in methods.items()}  # type: ignore[attr-defined]
    return view


def only(asked: Asked, names: set[str]) -> None:
    """Refuse members of the body that are not known."""
    params.only(asked.request, set())
    unknown = sorted(set(asked.said) - names)
    if unknown:
        raise InvalidRequest(f"unknown member {unknown[0]!r}: known are {', '.join(sorted(names))}")


def check(request: HttpRequest, named: Mapping[str, Any]) -> None:
    """Refuse what no database can hold: in the path a number larger than any, anywhere NUL."""
    if any(isinstance(value, int) and value > LAST_ID for value in named.values()):
        raise NotFound(f"there is nothing at {request.path}")
    texts = [text for values in request.GET.lists() for text in values[1]]
    if any("\0" in text for text in (*texts, *map(str, named.values()))):
        raise InvalidRequest("a parameter holds NUL")


def _admitted(request: HttpRequest, permission: str) -> User:
    """Return who asks, if they may: of several permissions with | between, one is enough."""
    user = staff.of(request)
    if not any(permitted.may(user, one) for one in permission.split("|")):
        raise Forbidden(f"this needs the permission {permission.replace('|', ' or ')}")
    return user


def document(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that was posted."""
    return bodies.document(request, MOST_BYTES)
