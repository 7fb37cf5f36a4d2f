"""The ladders: who is told when an answer is overdue, rung by rung."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from api.admin import tables as api
from api.casework.door import Asked
from casework.escalation import ladder
from casework.models import Norm, Rung
from console.desk import shell
from console.desk.admin import acting, pages
from console.desk.admin.acting import Act
from console.desk.admin.deadlines import time
from console.desk.admin.forms import Field, Form, undone
from geoplatform.errors import InvalidRequest
from staff.models import User

Said = Mapping[str, str]
GOVERNOR = "governor"
RUNGS = range(1, 5)  # there are no more tiers


def _fields() -> tuple[Field, ...]:
    rungs = [(f"tier{number}", f"norm{number}", f"source{number}") for number in RUNGS]
    return (Field("category", "choice"), *(Field(name) for rung in rungs for name in rung))


def put(asked: Asked) -> Any:
    """Replace a ladder by the rungs of the form; one without a source is left out."""
    rungs = [
        {
            "number": number,
            "tier": None if asked.text(f"tier{number}") == GOVERNOR else asked.optional(f"tier{number}"),
            "norm": asked.optional(f"norm{number}"),
            "source": asked.text(f"source{number}"),
        }
        for number in RUNGS
        if asked.optional(f"source{number}")
    ]
    if not rungs:
        raise InvalidRequest("source: a ladder has one rung at least, and each rung a source")
    return api.put_ladder(_with(asked, category=asked.optional("category"), rungs=rungs))


def drop(asked: Asked, category: str) -> Any:
    """Take the ladder of a category away: that of all holds for it."""
    return api.put_ladder(_with(asked, category=category, rungs=[]))


def _with(asked: Asked, **said: Any) -> Asked:
    return Asked(asked.request, asked.user, asked.at, asked.who, said)


def _former(about: str, said: Mapping[str, Any]) -> list[Rung]:
    category = about or said.get("category") or None
    return list(Rung.objects.filter(category=category).order_by("number"))


def _back(former: list[Rung], said: Mapping[str, Any]) -> dict[str, Any] | None:
    category = said["about"] or said.get("category") or ""
    if not former:
        return undone("ladder.drop", category)
    members: dict[str, Any] = {"category": category}
    for number, rung in enumerate(former, start=1):
        members |= {
            f"tier{number}": rung.tier or GOVERNOR,
            f"norm{number}": rung.norm_id,
            f"source{number}": rung.source,
        }
    return undone("ladder.put", **members)


ACTS = {
    "ladder.put": Act(pages.RULES, put, "ladder_saved", _fields(), _back, before=_former),
    "ladder.drop": Act(pages.RULES, drop, "ladder_dropped", (), _back, str, _former),
}


@shell.opened(pages.RULES)
def view(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/admin/ladders``: each category's own ladder, that of all others, and a form for one."""
    done = acting.take(request, user, ACTS) if request.method == "POST" else None
    if isinstance(done, HttpResponse):
        return done
    said, spoken = pages.words(request), shell.language(request)
    kinds = dict(pages.categories(said, spoken))
    norms = {one.code: one for one in Norm.objects.all()}
    shown = [
        {
            "category": one["category"],
            "name": kinds[one["category"]] if one["category"] else said["ladder_any"],
            "rungs": [_rung(rung, said, norms) for rung in one["rungs"]],
        }
        for one in acting.ask(request, user, api.all_ladders)["ladders"]
    ]
    form = _form(request.GET.get("of", ""), said, spoken)
    return pages.page(request, user, "ladders", done, {"put": form}, ladders=shown)


def _rung(rung: dict[str, Any], said: Said, norms: Mapping[str, Norm]) -> dict[str, Any]:
    norm = norms.get(rung["norm"] or "")
    wait = said["after_wait"].format(time=time(said, norm.unit, norm.amount)) if norm else said["at_once"]
    return rung | {"who": said[rung["tier"] or GOVERNOR], "wait": wait}


def _form(category: str, said: Said, spoken: str) -> Form:
    """Return the form of a ladder, with the rungs that a category has, or else that all others have."""
    known = ladder.ladders()
    rungs = dict(enumerate(known.get(category or None, known[None]), start=1))
    tiers = [*pages.tiers(said, "–"), (GOVERNOR, said[GOVERNOR])]
    fields = [Field("category", "choice", said["category"], pages.categories(said, spoken), category)]
    for number in RUNGS:
        rung = rungs.get(number)
        tier = (rung.tier or GOVERNOR) if rung else ""
        fields += [
            Field(f"tier{number}", "choice", said["rung"].format(number=number), tiers, tier),
            Field(
                f"norm{number}",
                "choice",
                said["wait"],
                pages.norms(spoken, said["at_once"]),
                rung and rung.norm_id,
            ),
            Field(f"source{number}", "text", said["source"], value=rung.source if rung else ""),
        ]
    return Form("ladder.put", said["save"], tuple(fields))
