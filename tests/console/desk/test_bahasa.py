"""On a page in Bahasa what comes with the project, and what a form is refused for, are in Bahasa."""

import ast
import csv
import re
from pathlib import Path

import pytest
from django.conf import settings

from boundaries.models import Edition
from casework.models import Rule
from casework.routing import checks, rules
from console import bahasa
from tests.conftest import NOON

SHOWN = (
    "clock/deadlines", "clock/norms", "desk/priority_weights", "escalation/ladder", "routing/rules",
    "steps/answer_templates", "steps/pause_reasons",
)  # fmt: skip
DECREE = re.compile(r"(SKB|Keppres) [\d/, ]+")  # which is called so in either language
# What the forms of administration call, and what refuses there.
REFUSING = (
    "api/admin/accounts.py", "api/admin/clocks.py", "api/admin/keys.py", "api/admin/officials.py",
    "api/admin/rules.py", "api/admin/tables.py", "boundaries/terms.py", "boundaries/uploads.py",
    "casework/steps/answer_templates.py", "casework/desk/priority.py", "staff/accounts.py",
)  # fmt: skip


def shipped() -> set[str]:
    found = set[str]()
    for name in SHOWN:
        with Path(settings.ROOT, "casework", f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found |= {
                row[column] for row in csv.DictReader(file) for column in ("source", "why") if row.get(column)
            }
    return {text for text in found if not DECREE.fullmatch(text)}


def refusals(path: Path, error: str = "") -> list[str]:
    """Return the sentences that a module raises, with a word for each value; those of one error, or all."""
    raised = [node.exc for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Raise)]
    calls = [one for one in raised if isinstance(one, ast.Call) and one.args]
    given = [one.args[0] for one in calls if error in ast.unparse(one.func)]
    return [text for one in given if (text := _written(one))]


def _written(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_written(part) or "x" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_each_source_and_reason_that_is_shipped_is_there_in_bahasa():
    assert shipped()
    assert [text for text in sorted(shipped()) if bahasa.said(text) is None] == []


@pytest.mark.parametrize("module", REFUSING)
def test_whatever_refuses_a_form_of_administration_is_there_in_bahasa(module):
    assert [text for text in refusals(Path(settings.ROOT, module)) if bahasa.said(text) is None] == []


def test_what_checks_of_rules_find_is_there_in_bahasa(city):
    for number, parts in enumerate(({"category_id": "ufo"}, {"office_id": "x"}, {"area_code": "99"}, {}, {})):
        Rule.objects.create(number=number, name="Uji", source="uji", **parts)
    found = list(checks.find(NOON.date()))
    assert {one.kind for one in found} >= {
        "unknown_category", "unknown_office", "unknown_area", "rule_shadowed",
    }  # fmt: skip
    Edition.objects.update(validity=None)
    found += checks.find(NOON.date())
    assert [one.words for one in found if bahasa.said(one.words) is None] == []


def test_each_reason_why_a_payload_is_set_aside_is_there_in_bahasa():
    root = Path(settings.ROOT)
    modules = [*root.glob("ingest/*.py"), *root.glob("ingest/adapters/*.py"), root / "reports/pictures.py"]
    reasons = {text for path in modules for text in refusals(path, "Rejected")} - {"x: x"}
    assert reasons
    assert [text for text in sorted(reasons) if bahasa.said(text) is None] == []


def test_a_sentence_names_in_bahasa_what_it_named_and_what_is_wrong_within_it():
    names = {"source": "Sumber"}
    assert (
        bahasa.said("source '': a rule has a name and a source", names)
        == "Sumber '': aturan perlu nama dan sumber"
    )
    assert bahasa.said("line 3: kind 'x' is none of a, b") == "baris 3: jenis 'x' bukan salah satu dari a, b"
    assert bahasa.said("what nobody ever wrote") is None


def test_rules_and_their_refusals_are_read_in_the_language_of_the_page(city, login):
    rules.load()
    client = login("administrator")
    typed = {"act": "rule.put", "number": "0", "name": "Aturan", "source": "SK"}
    told = {}
    for language in ("id", "en"):
        page = client.post(f"/staff/admin/rules?lang={language}", typed)
        assert page.status_code == 400
        told[language] = page.content.decode()
    assert "kolom answered_by setiap kategori" in told["id"]
    assert "answered_by of each category" not in told["id"]
    assert "nomor 0: harus antara 1 dan" in told["id"]
    assert "answered_by of each category" in told["en"]
    assert "number 0: it must lie between 1 and" in told["en"]
