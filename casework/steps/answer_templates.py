"""Words in Bahasa Indonesia with which an answer to a citizen may begin: data, filled in for a case."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from django.db.models import F, Q

from boundaries import lookup
from casework.duplicates.clusters import UNIT
from casework.models import AnswerTemplate, Case, State
from casework.routing import turns
from geoplatform.errors import InvalidRequest
from reports.models import Category

TABLE = Path(__file__).with_name("answer_templates.csv")
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
CITY = "Jakarta"  # where nobody knows in which kelurahan


@dataclass(frozen=True)
class Template:
    """Words for a step; ``category`` is empty for those of any."""

    code: str
    category: str | None
    to_state: str
    title: str
    text: str
    source: str


def load() -> None:
    """Add the shipped templates that are missing; what an operator changed or added stays."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            said = {"title": row["title"], "text": row["text"], "source": row["source"]}
            refers = {"category_id": row["category"] or None, "to_state_id": row["to_state"]}
            AnswerTemplate.objects.get_or_create(code=row["code"], defaults={**said, **refers})


def put(template: Template) -> AnswerTemplate:
    """Add words for a step, or change those of the same code.

    Raises
    ------
    InvalidRequest
        The value that cannot be used.
    """
    if not CODE.fullmatch(template.code):
        raise InvalidRequest(f"code {template.code!r}: small letters, digits and _ are wanted")
    if template.category and not Category.objects.filter(code=template.category).exists():
        raise InvalidRequest(f"category {template.category!r} is unknown")
    if not State.objects.filter(code=template.to_state).exists():
        raise InvalidRequest(f"to_state {template.to_state!r} is unknown")
    for name in ("title", "text", "source"):
        if not getattr(template, name).strip():
            raise InvalidRequest(f"{name} '': words for an answer have a title, a text and a source")
    said = {"title": template.title.strip(), "text": template.text.strip(), "source": template.source.strip()}
    refers = {"category_id": template.category, "to_state_id": template.to_state}
    return AnswerTemplate.objects.update_or_create(code=template.code, defaults={**said, **refers})[0]


def of(category: str | None, to_state: str | None, case: Case | None = None) -> list[Template]:
    """Return the templates for a category, its own ones first, and for a step; filled in for a case.

    Parameters
    ----------
    category, to_state
        None: of all.
    """
    chosen = AnswerTemplate.objects.order_by(F("category").asc(nulls_last=True), "to_state", "code")
    if category is not None:
        chosen = chosen.filter(Q(category=category) | Q(category=None))
    if to_state is not None:
        chosen = chosen.filter(to_state=to_state)
    known = _known(case) if case else {}
    return [
        Template(one.code, one.category_id, one.to_state_id, one.title, _filled(one.text, known), one.source)
        for one in chosen
    ]


def _known(case: Case) -> dict[str, str]:
    """Return what is filled in for a case, by the words that templates use."""
    report = case.report
    place = None
    if report.edition_id and report.kelurahan_code:
        place = lookup.names(report.edition_id, [report.kelurahan_code]).get(report.kelurahan_code)
    running = turns.running(case.pk)
    return {
        "laporan": str(case.pk),
        "kelurahan": f"Kelurahan {place.name}" if place else CITY,
        "kantor": running.office.title if running and running.office else UNIT,
    }


def _filled(text: str, known: dict[str, str]) -> str:
    """Fill in what is known; other braces stay, and are seen by who answers."""
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text
