"""Kinds of problem: their names, and how many points what adds to a priority."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from api.admin import tables as api
from casework.models import Weight
from console.desk import shell
from console.desk.admin import acting, pages
from console.desk.admin.acting import Act
from console.desk.admin.forms import Field, Form, undone
from reports.models import Category
from staff.models import User

Said = Mapping[str, str]
NAMES = (Field("name_id"), Field("name_en"), Field("source"))
WEIGHT = (
    Field("part", "fixed"),
    Field("key", "fixed"),
    Field("points", "whole"),
    Field("most", "whole"),
    Field("why"),
    Field("source"),
)


def _former_names(about: str, said: Mapping[str, Any]) -> Category | None:
    return Category.objects.filter(code=about).first()


def _names_back(former: Category, said: Mapping[str, Any]) -> dict[str, Any]:
    return undone("category.rename", former.code, **{one.name: getattr(former, one.name) for one in NAMES})


def _former_weight(about: str, said: Mapping[str, Any]) -> Weight | None:
    return Weight.objects.filter(part=said["part"], key=said["key"]).first()


def _weight_back(former: Weight | None, said: Mapping[str, Any]) -> dict[str, Any]:
    if former is None:
        return undone("weight.put", **(dict(said) | {"points": "0", "result": None, "about": None}))
    return undone("weight.put", **{one.name: _text(getattr(former, one.name)) for one in WEIGHT})


def _text(value: Any) -> str:
    return "" if value is None else str(value)


ACTS = {
    "category.rename": Act(pages.RULES, api.rename, "category_saved", NAMES, _names_back, str, _former_names),
    "weight.put": Act(pages.RULES, api.weigh, "weight_saved", WEIGHT, _weight_back, before=_former_weight),
}


@shell.opened(pages.RULES)
def view(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/admin/categories``: kinds of problem with names and weights, and forms for one of them."""
    done = acting.take(request, user, ACTS) if request.method == "POST" else None
    if isinstance(done, HttpResponse):
        return done
    said = pages.words(request)
    weights = acting.ask(request, user, api.all_weights)["weights"]
    return pages.page(
        request,
        user,
        "categories",
        done,
        _forms(request, said),
        categories=[
            one | {"answered_by": said[one["answered_by"]]}
            for one in acting.ask(request, user, api.all_categories)["categories"]
        ],
        weights=[
            one | {"title": said.get(f"weight_{one['part']}_{one['key']}", f"{one['part']} {one['key']}")}
            for one in weights
            if one["part"] != "category"
        ],
    )


def _forms(request: HttpRequest, said: Said) -> dict[str, Form]:
    """Return the forms of the category, or of the other weight, that the address names."""
    category = Category.objects.filter(code=request.GET.get("of", "")).first()
    if category:
        fields = [
            Field(one.name, "text", said[one.name], value=getattr(category, one.name), wanted=True)
            for one in NAMES
        ]
        names = Form("category.rename", said["save"], tuple(fields), category.code)
        return {"name": names, "weight": _weight_form("category", category.code, said)}
    part, key = request.GET.get("part", ""), request.GET.get("key", "")
    is_there = Weight.objects.filter(part=part, key=key).exists()
    return {"other": _weight_form(part, key, said)} if is_there else {}


def _weight_form(part: str, key: str, said: Said) -> Form:
    now = Weight.objects.filter(part=part, key=key).first()
    return Form(
        "weight.put",
        said["save"],
        (
            Field("part", "fixed", said["part"], value=part),
            Field("key", "fixed", said["key"], value=key),
            Field("points", "whole", said["points"], value=now.points if now else 0, wanted=True),
            Field("most", "whole", said["most"], value=now.most if now else None),
            Field("why", "text", said["why"], value=now.why if now else "", wanted=True),
            Field("source", "text", said["source"], value=now.source if now else "", wanted=True),
        ),
    )
