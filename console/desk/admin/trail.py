"""The audit, to be read and verified."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from api.admin import keys as verifying
from api.casework import trail as reading
from console.desk import shell
from console.desk.admin import acting, pages
from geoplatform.errors import GeoplatformError
from staff.models import User

WANTED = ("by", "action", "subject")


@shell.opened(pages.AUDIT)
def view(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/admin/audit``: who did what, when, from where; and whether the chain holds."""
    asked = {name: request.GET.get(name, "").strip() for name in (*WANTED, "expect")}
    chosen = {name: asked[name] for name in WANTED}
    found, error = _read(request, user, **chosen, after=request.GET.get("after", ""))
    names = {one.mark: one.username for one in User.objects.all()}
    entries = [_row(one, names) for one in found["entries"]]
    following = {**{name: text for name, text in chosen.items() if text}, "after": found["next_after"]}
    return pages.page(
        request,
        user,
        "audit",
        entries=entries,
        head=found["head"],
        older=f"?{urlencode(following)}" if found["next_after"] else "",
        filtered={"error": error},
        asked=asked,
        verified=_verified(request, user, asked["expect"]) if "verify" in request.GET else None,
    )


def _row(one: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a line as people read it: an account by its name, lists with commas, what is empty left out."""
    details = {name: _words(value) for name, value in one["details"].items() if value not in (None, "", [])}
    return one | {"who": names.get(one["by"], one["by"]), "details": details}


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _read(request: HttpRequest, user: User, **query: str) -> tuple[dict[str, Any], str]:
    try:
        return acting.ask(request, user, reading.listed, **query), ""
    except GeoplatformError as error:
        return acting.ask(request, user, reading.listed), str(error)


def _verified(request: HttpRequest, user: User, expect: str) -> Any:
    try:
        return acting.ask(request, user, verifying.verify, expect=expect)
    except GeoplatformError as error:
        return {"error": str(error)}
