"""Rules: tried, begun, moved, ended; and who would answer for a report or at a point."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from api.admin import rules as api
from api.casework import rules as reading
from casework.models import Rule
from casework.routing import rules
from console.desk import shell
from console.desk.admin import acting, pages
from console.desk.admin.acting import Act, Done
from console.desk.admin.forms import Field, Form, undone
from geoplatform.errors import GeoplatformError
from staff.models import User

MOST_MOVES = 10
ASKED = ("report", "lon", "lat", "category")
MEMBERS = (
    Field("number", "whole"),
    Field("name"),
    Field("category", "choice"),
    Field("area_code"),
    Field("tier", "choice"),
    Field("office"),
    Field("is_active", "flag"),
    Field("source"),
)


def _former(about: str, said: Mapping[str, Any]) -> Rule | None:
    """Return the rule that an act replaces or ends, as it was."""
    number = str(about or said.get("number"))
    return rules.lasting().filter(number=number).first() if number.isdecimal() else None


def _back(former: Rule | None, said: Mapping[str, Any]) -> dict[str, Any]:
    if former is None:
        return undone("rule.end", str(said["number"]))
    parts = rules.parts(former)
    members = {name.removesuffix("_id"): value for name, value in parts.items()}
    return undone("rule.put", **members)


def _back_to_its_place(former: Rule | None, said: Mapping[str, Any]) -> dict[str, Any]:
    return undone("rule.move", str(said["to"]), to=said["about"])


ACTS = {
    "rule.put": Act(pages.RULES, api.put, "rule_saved", MEMBERS, _back, before=_former),
    "rule.end": Act(pages.RULES, api.end, "rule_ended", (), _back, int, _former),
    "rule.move": Act(pages.RULES, api.move, "rule_moved", (Field("to", "whole"),), _back_to_its_place, int),
}


@shell.opened(pages.RULES)
def view(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/admin/rules``: the rules in their order, what of them cannot work, and a box to try them."""
    done = acting.take(request, user, ACTS) if request.method == "POST" else None
    if isinstance(done, HttpResponse):
        return done
    said, spoken = pages.words(request), shell.language(request)
    kinds = pages.categories(said, spoken)
    listed = acting.ask(request, user, reading.listed)
    lasting = [_row(api.shown(rule), said, dict(kinds)) for rule in rules.lasting()]
    past = acting.ask(request, user, api.past)["rules"]
    return pages.page(
        request,
        user,
        "rules",
        done,
        {"put": _form(request, said, kinds)},
        rules=lasting,
        past=[_row(one, said, dict(kinds)) for one in past],
        faults=listed["faults"],
        categories=kinds,
        offices=pages.offices(),
        trial=_trial(done, said),
        asked={name: request.GET.get(name, "") for name in ASKED},
        tried=_tried(request, user),
    )


def _trial(done: Done | None, said: Mapping[str, str]) -> dict[str, Any] | None:
    """Return what a trial found, its offices by their titles, the first of them alone."""
    trial = done.result.get("trial") if done and done.result else None
    if trial is None:
        return None
    titles: dict[str | None, str] = {None: said["unit"], **dict(pages.offices())}
    moves = [
        one | {"former_title": titles.get(one["former"]), "title": titles.get(one["office"])}
        for one in trial["moves"][:MOST_MOVES]
    ]
    others = sum(one["cases"] for one in trial["moves"][MOST_MOVES:])
    return {**trial, "moves": moves, "others": others}


def _tried(request: HttpRequest, user: User) -> Any:
    """Return who would answer, where the page was asked that."""
    asked = {name: request.GET.get(name, "").strip() for name in ASKED}
    if asked["report"]:
        asked = {"report": asked["report"]}
    elif not (asked["lon"] or asked["lat"]):
        return None
    try:
        return acting.ask(request, user, reading.tried, **asked)
    except GeoplatformError as error:
        return {"error": str(error)}


def _form(request: HttpRequest, said: Mapping[str, str], kinds: Any) -> Form:
    """Return the form of a rule, with what the rule of the asked number says."""
    number = request.GET.get("number", "")
    found = rules.lasting().filter(number=number).first() if number.isdecimal() else None
    now = rules.parts(found) if found else {"is_active": True}
    return Form(
        "rule.put",
        said["save"],
        (
            Field("number", "whole", said["number"], value=now.get("number", ""), wanted=True),
            Field("name", "text", said["name"], value=now.get("name", ""), wanted=True),
            Field("category", "choice", said["category"], kinds, now.get("category_id")),
            Field(
                "area_code", "text", said["area_code"], value=now.get("area_code", ""), hint=said["area_hint"]
            ),
            Field("tier", "choice", said["tier"], pages.tiers(said, said["tier_of_table"]), now.get("tier")),
            Field(
                "office",
                "text",
                said["office"],
                value=now.get("office_id"),
                hint=said["office_hint"],
                known="offices",
            ),
            Field(
                "source",
                "text",
                said["source"],
                value=now.get("source", ""),
                hint=said["source_hint"],
                wanted=True,
            ),
            Field("is_active", "flag", said["is_active"], value=now["is_active"]),
        ),
        tries=said["try"],
    )


def _row(rule: dict[str, Any], said: Mapping[str, str], kinds: Mapping[str, str]) -> dict[str, Any]:
    """Return a rule with what it says in the language of who reads."""
    tier = said[rule["tier"]] if rule["tier"] else said["tier_of_table"]
    return rule | {
        "what": kinds.get(rule["category"] or "", rule["category"]),
        "where": said["in_area"].format(area=rule["area_code"]) if rule["area_code"] else said["everywhere"],
        "who": rule["office"] or tier,
    }
