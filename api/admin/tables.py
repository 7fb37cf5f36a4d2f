"""Tables that are changed row by row, in place: ladders, names of categories, weights."""

from dataclasses import asdict
from typing import Any

from api import params
from api.casework.door import Asked, door, only
from casework.desk import priority
from casework.escalation import ladder
from casework.models import Rung, Weight
from casework.steps import answer_templates
from casework.steps.answer_templates import Template
from geoplatform.errors import InvalidRequest
from reports import categories
from reports.models import Category

MANAGE, VIEW = "casework.manage_rules", "casework.view_case"
RUNG = ("number", "tier", "norm", "source")


def all_ladders(asked: Asked) -> Any:
    """``GET /api/staff/admin/ladders``: each category's own ladder, and that of all others."""
    params.only(asked.request, set())
    return {
        "ladders": [
            {"category": category, "rungs": [_rung(one) for one in rungs]}
            for category, rungs in ladder.ladders().items()
        ]
    }


def put_ladder(asked: Asked) -> Any:
    """``POST /api/staff/admin/ladders``: replace the ladder of a category; without rungs take it away."""
    only(asked, {"category", "rungs"})
    category, said = asked.optional("category"), asked.said.get("rungs")
    if category and not Category.objects.filter(code=category).exists():
        raise InvalidRequest(f"category {category!r} is unknown")
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise InvalidRequest(f"rungs {said!r}: a list of objects with {', '.join(RUNG)} is wanted")
    rows = [_read(index, one) for index, one in enumerate(said, start=1)]
    count = ladder.put(category, rows)
    asked.record("ladder.put", f"category:{category or 'any'}", rungs=rows)
    return {"category": category, "rungs": count}


def all_categories(asked: Asked) -> Any:
    """``GET /api/staff/admin/categories``: the kinds of problem, each with what it weighs."""
    params.only(asked.request, set())
    weights = {one.key: one for one in Weight.objects.filter(part="category")}
    return {
        "categories": [
            {**_category(one), "weight": _weight(weights.get(one.code))}
            for one in Category.objects.order_by("code")
        ]
    }


def rename(asked: Asked, code: str) -> Any:
    """``POST /api/staff/admin/categories/{code}``: call a category by other names."""
    only(asked, {"name_id", "name_en", "source"})
    named = categories.rename(
        code, asked.text("name_id"), asked.text("name_en"), asked.text("source"), asked.at
    )
    asked.record("category.rename", f"category:{code}", **_category(named))
    return _category(named)


def all_weights(asked: Asked) -> Any:
    """``GET /api/staff/admin/weights``: how many points what adds to a priority, and why."""
    params.only(asked.request, set())
    return {"weights": [_weight(one) for one in Weight.objects.order_by("part", "-points", "key")]}


def weigh(asked: Asked) -> Any:
    """``POST /api/staff/admin/weights``: give something another weight."""
    only(asked, {"part", "key", "points", "most", "why", "source"})
    texts = {name: asked.text(name) for name in ("part", "key", "why", "source")}
    made = priority.weigh(points=asked.number("points"), most=asked.whole("most"), **texts)
    shown = _weight(made) or {}
    asked.record("weight.put", f"weight:{made.part}:{made.key}", points=made.points, most=made.most)
    return shown


def put_template(asked: Asked) -> Any:
    """``POST /api/staff/admin/answer-templates``: add words with which an answer begins, or change them."""
    only(asked, {"code", "category", "to_state", "title", "text", "source"})
    texts = {name: asked.text(name) for name in ("code", "to_state", "title", "text", "source")}
    made = answer_templates.put(Template(category=asked.optional("category"), **texts))
    asked.record("answer_template.put", f"answer_template:{made.code}", step=made.to_state_id)
    return asdict(Template(category=made.category_id, **texts))


def _read(index: int, said: dict[str, Any]) -> dict[str, str]:
    """Return a rung as the table has it: texts, of which some may be empty."""
    unknown = sorted(set(said) - set(RUNG))
    if unknown:
        raise InvalidRequest(f"rung {index}: unknown member {unknown[0]!r}: known are {', '.join(RUNG)}")
    found = {name: said.get(name) for name in RUNG}
    for name, value in found.items():
        if not (value is None or isinstance(value, str) or (name == "number" and type(value) is int)):
            raise InvalidRequest(f"rung {index}: {name} {value!r} is no text")
    return {name: "" if value is None else str(value).strip() for name, value in found.items()}


def _rung(one: Rung) -> dict[str, Any]:
    return {"number": one.number, "tier": one.tier, "norm": one.norm_id, "source": one.source}


def _category(one: Category) -> dict[str, Any]:
    return {
        "code": one.code, "name_id": one.name_id, "name_en": one.name_en, "answered_by": one.answered_by,
        "source": one.source, "is_sensitive": one.public_digits is not None,
    }  # fmt: skip


def _weight(one: Weight | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "part": one.part, "key": one.key, "points": one.points, "most": one.most, "why": one.why,
        "source": one.source,
    }  # fmt: skip


ladders_door = door(GET=(VIEW, all_ladders), POST=(MANAGE, put_ladder))
categories_door = door(GET=(VIEW, all_categories))
category_door = door(POST=(MANAGE, rename))
templates_door = door(POST=(MANAGE, put_template))
weights_door = door(GET=(VIEW, all_weights), POST=(MANAGE, weigh))
