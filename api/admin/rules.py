"""Rules: begun, moved, ended; and tried before they are."""

from dataclasses import asdict
from typing import Any

from api.casework.door import Asked, door, only
from casework.models import Rule
from casework.routing import checks, faults, rules, trials
from casework.routing.trials import Trial

MOST_PAST = 200
MEMBERS = {"number", "name", "category", "area_code", "tier", "office", "is_active", "source", "is_trial"}


def put(asked: Asked) -> Any:
    """``POST /api/staff/admin/rules``: begin a rule, in place of the one of its number; or try it."""
    only(asked, MEMBERS)
    row = {
        "number": asked.number("number"),
        "name": asked.text("name").strip(),
        "category_id": asked.optional("category"),
        "area_code": asked.optional("area_code"),
        "tier": asked.optional("tier"),
        "office_id": asked.optional("office"),
        "is_active": asked.flag("is_active", True),
        "source": asked.text("source").strip(),
    }
    rules.check(row)
    if asked.flag("is_trial"):
        return {"trial": said(trials.run(lambda: rules.put(row, asked.at), asked.at))}
    return _done(asked, "rule.put", rules.put(row, asked.at))


def end(asked: Asked, number: int) -> Any:
    """``POST /api/staff/admin/rules/{number}/end``: end a rule for good; or try what would be without it."""
    only(asked, {"is_trial"})
    if asked.flag("is_trial"):
        return {"trial": said(trials.run(lambda: rules.end(number, asked.at), asked.at))}
    return _done(asked, "rule.end", rules.end(number, asked.at))


def move(asked: Asked, number: int) -> Any:
    """``POST /api/staff/admin/rules/{number}/move``: give a rule another place in the order; or try it."""
    only(asked, {"to", "is_trial"})
    to = asked.number("to")
    rules.check(rules.parts(rules.find(number)) | {"number": to})
    if asked.flag("is_trial"):
        return {"trial": said(trials.run(lambda: rules.move(number, to, asked.at), asked.at))}
    return _done(asked, "rule.move", rules.move(number, to, asked.at), former=number)


def past(asked: Asked) -> Any:
    """``GET /api/staff/admin/rules/past``: the rules that ended, the latest first."""
    found = Rule.objects.filter(ended_at__isnull=False).order_by("-ended_at", "number")[:MOST_PAST]
    return {"rules": [shown(rule) for rule in found]}


def shown(rule: Rule) -> dict[str, Any]:
    """Return a rule with what it says in words, and since when and until when it held."""
    return {
        "id": rule.pk, "number": rule.number, "name": rule.name, "words": rules.words(rule),
        "category": rule.category_id, "area_code": rule.area_code, "tier": rule.tier,
        "office": rule.office_id, "is_active": rule.is_active, "source": rule.source,
        "began_at": rule.began_at, "ended_at": rule.ended_at,
    }  # fmt: skip


def said(trial: Trial) -> dict[str, Any]:
    """Return what a change would do."""
    return {
        "moves": [asdict(one) for one in trial.moves],
        "faults": [one._asdict() | {"name": faults.NAMES[one.kind]} for one in trial.faults],
        "cases": sum(one.cases for one in trial.moves),
    }


def _done(asked: Asked, action: str, rule: Rule, **details: Any) -> Any:
    checks.run(asked.at)
    asked.record(action, f"rule:{rule.pk}", **rules.parts(rule), **details)
    return shown(rule)


puts = door(POST=("casework.manage_rules", put))
ends = door(POST=("casework.manage_rules", end))
moves = door(POST=("casework.manage_rules", move))
ended = door(GET=("casework.view_case", past))
