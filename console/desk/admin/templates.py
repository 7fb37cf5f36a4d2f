"""Words with which an answer to a citizen may begin."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from api.admin import tables as api
from casework.models import AnswerTemplate, State, Transition
from casework.steps import answer_templates
from console.desk import shell
from console.desk.admin import acting, pages
from console.desk.admin.acting import Act
from console.desk.admin.forms import Field, Form, Options, undone
from staff.models import User

Said = Mapping[str, str]
MEMBERS = (
    Field("code"),
    Field("title"),
    Field("to_state", "choice"),
    Field("category", "choice"),
    Field("source"),
    Field("text", "long"),
)


def _former(about: str, said: Mapping[str, Any]) -> AnswerTemplate | None:
    return AnswerTemplate.objects.filter(code=said["code"]).first()


def _back(former: AnswerTemplate | None, said: Mapping[str, Any]) -> dict[str, Any] | None:
    if former is None:
        return None
    names = ("code", "title", "source", "text")
    kept: dict[str, Any] = {name: getattr(former, name) for name in names}
    return undone("template.put", category=former.category_id, to_state=former.to_state_id, **kept)


ACTS = {"template.put": Act(pages.RULES, api.put_template, "template_saved", MEMBERS, _back, before=_former)}


@shell.opened(pages.RULES)
def view(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/admin/templates``: the words by step and category, and a form for some."""
    done = acting.take(request, user, ACTS) if request.method == "POST" else None
    if isinstance(done, HttpResponse):
        return done
    said, spoken = pages.words(request), shell.language(request)
    kinds, steps = pages.categories(said, spoken), _steps(spoken)
    shown = [
        {
            "step": dict(steps).get(one.to_state, one.to_state),
            "kind": dict(kinds)[one.category or ""],
            "row": one,
        }
        for one in answer_templates.of(None, None)
    ]
    return pages.page(
        request, user, "templates", done, {"put": _form(request, said, kinds, steps)}, templates=shown
    )


def _steps(spoken: str) -> Options:
    """Return the states of whose steps a citizen is owed words."""
    owed = Transition.objects.filter(needs_text=True).values("to_state")
    return list(State.objects.filter(code__in=owed).order_by("code").values_list("code", f"name_{spoken}"))


def _form(request: HttpRequest, said: Said, kinds: Options, steps: Options) -> Form:
    now = AnswerTemplate.objects.filter(code=request.GET.get("of", "")).first()
    return Form(
        "template.put",
        said["save"],
        (
            Field(
                "code", "fixed" if now else "text", said["code"], value=now.code if now else "", wanted=True
            ),
            Field("title", "text", said["template_title"], value=now.title if now else "", wanted=True),
            Field("to_state", "choice", said["step"], steps, now.to_state_id if now else ""),
            Field("category", "choice", said["category"], kinds, now.category_id if now else ""),
            Field("source", "text", said["source"], value=now.source if now else "", wanted=True),
            Field(
                "text",
                "long",
                said["template_text"],
                value=now.text if now else "",
                hint=said["template_hint"],
                wanted=True,
            ),
        ),
    )
