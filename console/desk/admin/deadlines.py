"""Deadlines, norms, holidays and reasons for pauses."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse

from api.admin import clocks as api
from boundaries import lookup
from casework.clock import deadlines
from casework.clock.deadlines import Wanted
from casework.models import DecidedYear, Holiday, PauseReason
from console.desk import shell
from console.desk.admin import acting, pages
from console.desk.admin.acting import Act
from console.desk.admin.forms import Field, Form, Options, undone
from staff.models import User

Said = Mapping[str, str]
DEADLINE = (
    Field("purpose", "choice"),
    Field("category", "choice"),
    Field("tier", "choice"),
    Field("office"),
    Field("norm", "choice"),
    Field("source"),
)
HOLIDAY = (Field("on", "day"), Field("name"), Field("kind", "choice"), Field("source"))
YEAR = (Field("source"),)
NORM = (
    Field("code"),
    Field("name_id"),
    Field("name_en"),
    Field("amount", "whole"),
    Field("unit", "choice"),
    Field("source"),
)
REASON = (Field("code"), Field("name_id"), Field("name_en"), Field("most_days", "whole"), Field("source"))


def _former_deadline(about: str, said: Mapping[str, Any]) -> Wanted | None:
    lasting = deadlines.lasting()
    if about:
        found = lasting.filter(pk=about).first() if about.isdecimal() else None
    else:
        category, tier, office = (said[name] or None for name in ("category", "tier", "office"))
        key = deadlines.Key(said["purpose"], category, tier, office)
        found = lasting.filter(**deadlines.parts(key)).first()
    return Wanted(*deadlines.key(found), norm=found.norm_id, source=found.source) if found else None


def _deadline_back(former: Wanted | None, said: Mapping[str, Any]) -> dict[str, Any]:
    if former is None:
        return undone("deadline.end", str(said["result"]["deadline"]["id"]))
    return undone("deadline.put", **{one.name: getattr(former, one.name) for one in DEADLINE})


def _former_holiday(about: str, said: Mapping[str, Any]) -> Holiday | None:
    try:
        return Holiday.objects.filter(on=date.fromisoformat(about or said["on"])).first()
    except ValueError:  # which the API names
        return None


def _holiday_back(former: Holiday | None, said: Mapping[str, Any]) -> dict[str, Any]:
    if former is None:
        return undone("holiday.drop", said["on"])
    return undone("holiday.put", **{one.name: str(getattr(former, one.name)) for one in HOLIDAY})


def _former_year(about: str, said: Mapping[str, Any]) -> DecidedYear | None:
    return DecidedYear.objects.filter(year=about).first() if about.isdecimal() else None


def _year_back(former: DecidedYear | None, said: Mapping[str, Any]) -> dict[str, Any]:
    if former is None:
        return undone("year.drop", said["about"])
    return undone("year.decide", said["about"], source=former.source)


def _former_reason(about: str, said: Mapping[str, Any]) -> PauseReason | None:
    return PauseReason.objects.filter(code=said["code"]).first()


def _reason_back(former: PauseReason | None, said: Mapping[str, Any]) -> dict[str, Any] | None:
    return undone("reason.put", **{one.name: getattr(former, one.name) for one in REASON}) if former else None


ACTS = {
    "deadline.put": Act(
        pages.RULES, api.put_deadline, "deadline_saved", DEADLINE, _deadline_back, before=_former_deadline
    ),
    "deadline.end": Act(
        pages.RULES, api.end_deadline, "deadline_ended", (), _deadline_back, int, _former_deadline
    ),
    "holiday.put": Act(
        pages.RULES, api.put_holiday, "holiday_saved", HOLIDAY, _holiday_back, before=_former_holiday
    ),
    "holiday.drop": Act(
        pages.RULES, api.drop_holiday, "holiday_dropped", (), _holiday_back, str, _former_holiday
    ),
    "year.decide": Act(pages.RULES, api.decide_year, "year_decided", YEAR, _year_back, int, _former_year),
    "year.drop": Act(pages.RULES, api.undecide_year, "year_undecided", (), _year_back, int, _former_year),
    "norm.add": Act(pages.RULES, api.add_norm, "norm_added", NORM),
    "reason.put": Act(
        pages.RULES, api.put_reason, "reason_saved", REASON, _reason_back, before=_former_reason
    ),
}


@shell.opened(pages.RULES)
def view(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/admin/deadlines``: how long an answer may take, and on which days nobody works."""
    done = acting.take(request, user, ACTS) if request.method == "POST" else None
    if isinstance(done, HttpResponse):
        return done
    said, spoken = pages.words(request), shell.language(request)
    kinds = pages.categories(said, spoken)
    listed = acting.ask(request, user, api.all_deadlines)
    year = _year(request)
    holidays = acting.ask(request, user, api.all_holidays, year=year)
    return pages.page(
        request,
        user,
        "deadlines",
        done,
        _forms(request, said, kinds, spoken) | {"year": _year_form(said, year)},
        deadlines=[_row(one, said, dict(kinds)) for one in listed["deadlines"]],
        past=[_row(one, said, dict(kinds)) for one in listed["past"]],
        year=year,
        years=sorted({*holidays["years"], year, lookup.today().year, lookup.today().year + 1}),
        holidays=holidays["holidays"],
        is_undecided=year in holidays["undecided"],
        decided_by=next((one["source"] for one in holidays["decided"] if one["year"] == year), ""),
        reasons=[
            {
                "code": one.code,
                "name": getattr(one, f"name_{spoken}"),
                "most_days": one.most_days,
                "source": one.source,
            }
            for one in PauseReason.objects.order_by("code")
        ],
        offices=pages.offices(),
    )


def _year(request: HttpRequest) -> int:
    text = request.GET.get("year", "")
    return int(text) if text.isdecimal() and 1900 <= int(text) <= 2200 else lookup.today().year


def _row(one: dict[str, Any], said: Said, kinds: Mapping[str, str]) -> dict[str, Any]:
    return one | {
        "what": said[one["purpose"]],
        "kind": kinds.get(one["category"] or "", one["category"]),
        "who": one["office_title"] or (said[one["tier"]] if one["tier"] else said["any_office"]),
        "time": time(said, one["unit"], one["amount"]),
        "may_end": (one["purpose"], one["category"], one["tier"], one["office"])
        != (deadlines.ANSWER, None, None, None),
    }


def time(said: Said, unit: str, amount: int) -> str:
    """Return how much time a norm allows, in words."""
    return said[unit].format(amount=amount)


def _forms(request: HttpRequest, said: Said, kinds: Options, spoken: str) -> dict[str, Form]:
    source = Field("source", "text", said["source"], hint=said["source_hint"], wanted=True)
    units = [("hours", said["hours_unit"]), ("working_days", said["working_days_unit"])]
    code, name_id, name_en = (
        Field(name, "text", said[name], wanted=True) for name in ("code", "name_id", "name_en")
    )
    purposes = [(purpose, said[purpose]) for purpose in deadlines.PURPOSES]
    leave = [(kind, said[kind]) for kind in ("holiday", "collective_leave")]
    return {
        "deadline": Form(
            "deadline.put",
            said["save"],
            (
                Field("purpose", "choice", said["purpose"], purposes),
                Field("category", "choice", said["category"], kinds),
                Field("tier", "choice", said["tier"], pages.tiers(said, said["any_office"])),
                Field("office", "text", said["office"], hint=said["office_hint"], known="offices"),
                Field("norm", "choice", said["norm"], pages.norms(spoken)),
                source,
            ),
        ),
        "holiday": Form(
            "holiday.put",
            said["save"],
            (
                Field("on", "day", said["day"], wanted=True),
                Field("name", "text", said["name"], wanted=True),
                Field("kind", "choice", said["kind"], leave),
                source,
            ),
        ),
        "norm": Form(
            "norm.add",
            said["save"],
            (
                code,
                name_id,
                name_en,
                Field("amount", "whole", said["amount"], wanted=True),
                Field("unit", "choice", said["unit_of_time"], units),
                source,
            ),
        ),
        "reason": _reason_form(request, said),
    }


def _year_form(said: Said, year: int) -> Form:
    source = Field("source", "text", said["source"], hint=said["source_hint"], wanted=True)
    return Form("year.decide", said["year_decide"].format(year=year), (source,), about=str(year))


def _reason_form(request: HttpRequest, said: Said) -> Form:
    found = PauseReason.objects.filter(code=request.GET.get("reason", "")).first()
    fields = []
    for one in REASON:
        kind = "fixed" if found and one.name == "code" else one.kind
        fields.append(Field(one.name, kind, said[one.name], value=getattr(found, one.name, ""), wanted=True))
    return Form("reason.put", said["save"], tuple(fields))
