"""What is an argument of a program any user of the machine may read: no shown command has a secret there."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.ROOT)
SHOWN = [
    *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "script").iterdir(),
    *(path for path in (ROOT / "deploy").rglob("*") if path.is_file()), ROOT / "compose.yaml",
]  # fmt: skip
# An address of a database that may have a password in it; a header or a field that is one.
TOLD = re.compile(
    r"\b(?:psql|pg_\w+|createdb|dropdb)\b[^|\n]*(?:\$\{?DATABASE_URL|postgres(?:ql)?://[^\s@/]*:[^\s@]*@)"
    r"|\bcurl\b[^|\n]*(?:Bearer|api_key=|password=|secret=)"
)


def told(text: str) -> list[str]:
    """Return the commands of a text that tell a secret."""
    return [found.group() for found in TOLD.finditer(text.replace("\\\n", " "))]


def test_no_command_of_the_documents_and_scripts_has_a_secret_as_an_argument():
    found = {
        str(path.relative_to(ROOT)): commands
        for path in SHOWN
        if (commands := told(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "command",
    [
        "psql \"$DATABASE_URL\" -c 'CREATE DATABASE year'",
        "pg_dump --dbname postgresql://geoplatform:secret@db.example.go.id/geoplatform",
        'curl -sS -H "Authorization: Bearer $TOKEN" https://api.example.go.id/',
        'curl -sS \\\n  --data-urlencode "password=$2" http://localhost:8000/staff/login',
    ],
)
def test_a_command_that_tells_a_secret_is_found(command):
    assert told(command)


@pytest.mark.parametrize(
    "command",
    [
        "psql postgresql://geoplatform_app@db.example.go.id/geoplatform -c 'TABLE access_entry'",
        "printf 'Authorization: Bearer %s' \"$TOKEN\" | curl -sS -H @- https://api.example.go.id/",
    ],
)
def test_a_command_that_reads_a_secret_is_not(command):
    assert told(command) == []
