"""How long an answer may take, and on which days nobody works: deadlines, norms, holidays, pauses."""

from typing import Any

from django.db.models import QuerySet

from api import params
from api.casework.door import Asked, door, only
from casework.clock import deadlines, dues, norms
from casework.clock.deadlines import Wanted
from casework.models import Deadline, DecidedYear, Holiday, Norm, PauseReason
from casework.steps import pauses

MANAGE, VIEW = "casework.manage_rules", "casework.view_case"


def all_deadlines(asked: Asked) -> Any:
    """``GET /api/staff/admin/deadlines``: those that hold, and those that ended."""
    params.only(asked.request, set())
    past = Deadline.objects.filter(ended_at__isnull=False).order_by("-ended_at", "id")
    return {"deadlines": _deadlines(deadlines.lasting()), "past": _deadlines(past)}


def put_deadline(asked: Asked) -> Any:
    """``POST /api/staff/admin/deadlines``: begin a deadline, in place of the one for the same reports."""
    only(asked, {"purpose", "category", "tier", "office", "norm", "source"})
    wanted = Wanted(
        asked.text("purpose"),
        asked.optional("category"),
        asked.optional("tier"),
        asked.optional("office"),
        asked.text("norm"),
        asked.text("source").strip(),
    )
    deadlines.put(wanted, asked.at)
    one = deadlines.lasting().get(**deadlines.parts(wanted.key))
    asked.record("deadline.put", f"deadline:{one.pk}", **deadlines.said(one))
    return {"deadline": _deadline(one)}


def end_deadline(asked: Asked, id: int) -> Any:
    """``POST /api/staff/admin/deadlines/{id}/end``: end one; what is more general holds."""
    only(asked, set())
    one = deadlines.end(id, asked.at)
    asked.record("deadline.end", f"deadline:{id}", **deadlines.said(one))
    return {"deadline": _deadline(one)}


def all_norms(asked: Asked) -> Any:
    """``GET /api/staff/admin/norms``: how much time may be allowed, and by whom."""
    params.only(asked.request, set())
    return {"norms": [_norm(one) for one in Norm.objects.order_by("unit", "amount", "code")]}


def add_norm(asked: Asked) -> Any:
    """``POST /api/staff/admin/norms``: add one; those that there are stay."""
    only(asked, {"code", "name_id", "name_en", "amount", "unit", "source"})
    texts = {name: asked.text(name).strip() for name in ("code", "name_id", "name_en", "unit", "source")}
    norm = norms.add_norm(Norm(amount=asked.number("amount"), **texts))
    asked.record("norm.add", f"norm:{norm.code}", **_norm(norm))
    return _norm(norm)


def all_holidays(asked: Asked) -> Any:
    """``GET /api/staff/admin/holidays``: the days on which offices are closed, of one ``year`` or all."""
    params.only(asked.request, {"year"})
    found: QuerySet[Holiday] = Holiday.objects.order_by("on")
    years = sorted({one.year for one in found.values_list("on", flat=True)})
    if "year" in asked.request.GET:
        found = found.filter(on__year=params.whole(asked.request, "year", 0, 1900, 2200))
    return {
        "years": years,
        "decided": [_year(one) for one in DecidedYear.objects.order_by("year")],
        "undecided": norms.undecided(),
        "holidays": [_holiday(one) for one in found],
    }


def put_holiday(asked: Asked) -> Any:
    """``POST /api/staff/admin/holidays``: add a day, or change what it is."""
    only(asked, {"on", "name", "kind", "source"})
    day = norms.put_holiday({name: asked.text(name).strip() for name in ("on", "name", "kind", "source")})
    changed = dues.renew(asked.at, settled=True)
    asked.record("holiday.put", f"day:{day.on}", name=day.name, kind=day.kind, source=day.source)
    return {"holiday": _holiday(day), "answers_changed": changed}


def drop_holiday(asked: Asked, on: str) -> Any:
    """``POST /api/staff/admin/holidays/{on}/drop``: let a day be a working day."""
    only(asked, set())
    day = norms.drop_holiday(params.day("on", on))
    changed = dues.renew(asked.at, settled=True)
    asked.record("holiday.drop", f"day:{day.on}", name=day.name, kind=day.kind, source=day.source)
    return {"holiday": _holiday(day), "answers_changed": changed}


def decide_year(asked: Asked, year: int) -> Any:
    """``POST /api/staff/admin/years/{year}``: say that all its days off are known, and by which decree."""
    only(asked, {"source"})
    decided = norms.decide(year, asked.text("source"))
    changed = dues.renew(asked.at, settled=True)
    asked.record("year.decide", f"year:{year}", source=decided.source)
    return {"year": _year(decided), "answers_changed": changed}


def undecide_year(asked: Asked, year: int) -> Any:
    """``POST /api/staff/admin/years/{year}/drop``: take back that all days off of a year are known."""
    only(asked, set())
    former = norms.undecide(year)
    changed = dues.renew(asked.at, settled=True)
    asked.record("year.drop", f"year:{year}", source=former.source)
    return {"year": _year(former), "answers_changed": changed}


def put_reason(asked: Asked) -> Any:
    """``POST /api/staff/admin/pause-reasons``: add a reason for a pause, or change one."""
    only(asked, {"code", "name_id", "name_en", "most_days", "source"})
    texts = {name: asked.text(name) for name in ("code", "name_id", "name_en", "source")}
    made = pauses.put_reason(most_days=asked.number("most_days"), **texts)
    shown = _reason(made)
    asked.record("pause_reason.put", f"pause_reason:{made.code}", **shown)
    return shown


def _deadlines(found: QuerySet[Deadline]) -> list[dict[str, Any]]:
    return [_deadline(one) for one in found.select_related("norm", "office")]


def _deadline(one: Deadline) -> dict[str, Any]:
    return {
        "id": one.pk,
        **deadlines.said(one),
        "office_title": one.office.title if one.office else None,
        "amount": one.norm.amount,
        "unit": one.norm.unit,
        "began_at": one.began_at,
        "ended_at": one.ended_at,
    }


def _norm(one: Norm) -> dict[str, Any]:
    return {
        "code": one.code, "name_id": one.name_id, "name_en": one.name_en, "amount": one.amount,
        "unit": one.unit, "source": one.source,
    }  # fmt: skip


def _holiday(one: Holiday) -> dict[str, Any]:
    return {"on": one.on, "name": one.name, "kind": one.kind, "source": one.source}


def _year(one: DecidedYear) -> dict[str, Any]:
    return {"year": one.year, "source": one.source}


def _reason(one: PauseReason) -> dict[str, Any]:
    return {
        "code": one.code, "name_id": one.name_id, "name_en": one.name_en, "most_days": one.most_days,
        "source": one.source,
    }  # fmt: skip


deadlines_door = door(GET=(VIEW, all_deadlines), POST=(MANAGE, put_deadline))
deadline_end = door(POST=(MANAGE, end_deadline))
norms_door = door(GET=(VIEW, all_norms), POST=(MANAGE, add_norm))
holidays_door = door(GET=(VIEW, all_holidays), POST=(MANAGE, put_holiday))
holiday_drop = door(POST=(MANAGE, drop_holiday))
year_door = door(POST=(MANAGE, decide_year))
year_drop = door(POST=(MANAGE, undecide_year))
reasons_door = door(POST=(MANAGE, put_reason))
