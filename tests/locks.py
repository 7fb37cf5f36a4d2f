"""Migrations that would hold up who uses a large table: squawk reads the SQL of each that is newer than MARK.

``python -m tests.locks`` as script/lint does it; docs/how-to/upgrade.md has how each thing is done instead.
"""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import django
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
# What is migrated with the platform stopped; raised with a release that everybody stops for.
MARK = {
    "access": "0003", "api": "0007", "boundaries": "0005", "casework": "0044", "ingest": "0008",
    "layers": "0006", "reports": "0019", "staff": "0002", "subscriptions": "0003",
}  # fmt: skip
# Tables of some hundred rows: the city's offices, its rules, its feeds, its accounts. Every other is large.
SMALL = re.compile(
    r"boundaries_\w+|reports_category|layers_(revision|feedstate|silence)|ingest_volume"
    r"|casework_(answertemplate|contact|deadline|doubtkind|fault|holiday|norm|pausereason|rule|rung|state"
    r"|savedfigure|savedview|transition|weight)"
    r"|staff_\w+|access_apikey|subscriptions_subscription"
)
TABLE = re.compile(
    r"(?:ALTER TABLE|UPDATE|DELETE FROM|MERGE INTO|TRUNCATE(?: TABLE)?|LOCK(?: TABLE)?|CLUSTER"
    r"|VACUUM \(?FULL\)?|REINDEX TABLE|\bON)"
    r'\s+(?:ONLY\s+)?"?(\w+)"?',
    re.IGNORECASE,
)
# Wherever it stands: behind a WITH, within a DO. What a function would do it does not do yet.
REWRITES = re.compile(
    r"\b(UPDATE\s+(?:ONLY\s+)?[\w\".]+\s+(?:(?:AS\s+)?\w+\s+)?SET|DELETE\s+FROM|MERGE\s+INTO)\b",
    re.IGNORECASE,
)
LATER = re.compile(
    r"CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE|TRIGGER|CONSTRAINT TRIGGER|RULE)\b", re.IGNORECASE
)
QUOTED = re.compile(r"(\$\w*\$).*?\1", re.DOTALL)
# What squawk has no rule for: each keeps everybody out of a table for as long as it is long.
WHOLE = {
    "TRUNCATE": "a command that deletes in batches; a large table is not emptied while it is used",
    "LOCK(?: TABLE)?": "none: who waits for it stops who comes behind it",
    "CLUSTER": "none while the table is used",
    r"VACUUM \(?FULL": "none while the table is used; VACUUM is enough",
    "REINDEX(?! .*CONCURRENTLY)": "REINDEX ... CONCURRENTLY, in one of its own with atomic = False",
    "REFRESH MATERIALIZED VIEW(?! CONCURRENTLY)": "REFRESH MATERIALIZED VIEW CONCURRENTLY",
    "ALTER TABLE .*SET (?:UN)?LOGGED": "none while the table is used: it is written anew",
    "ALTER TABLE .*ATTACH PARTITION": "a CHECK that says the same before: nothing is looked through",
    "ALTER TABLE .*ADD COLUMN .*(?:serial|IDENTITY)": "a column without a default, filled in batches",
}  # fmt: skip
UNSEEN = "CANNOT BE WRITTEN AS SQL"
RULES = {
    "require-concurrent-index-creation": "AddIndexConcurrently, in one of its own with atomic = False",
    "require-concurrent-index-deletion": "RemoveIndexConcurrently, in one of its own with atomic = False",
    "disallowed-unique-constraint": "a unique index built CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX",
    "adding-required-field": "null=True or a db_default; fill it by a command; then a CHECK",
    "adding-not-nullable-field": "AddConstraintNotValid (IS NOT NULL), ValidateConstraint, then NOT NULL",
    "adding-field-with-default": "null=True, filled in batches by a command: this default differs by row",
    "changing-column-type": "a new column, filled in batches by a command; the old one goes a release later",
    "constraint-missing-not-valid": "AddConstraintNotValid, and ValidateConstraint in one of its own",
    "adding-foreign-key-constraint": "NOT VALID, and VALIDATE CONSTRAINT in one of its own",
    "renaming-column": "a new column: processes of the last release still ask for this one",
    "renaming-table": "a view of the former name: processes of the last release still ask for it",
    "ban-drop-column": "a release later: processes of the last one still ask for it",
    "ban-drop-table": "a release later: processes of the last one still ask for it",
}  # fmt: skip
IN_BATCHES = "rows are changed in batches by a command; here they stay locked until the migration ends"


class Found(NamedTuple):
    """A statement that holds a table up, what squawk calls that, and what to do instead."""

    rule: str
    statement: str
    instead: str


def judge(text: str) -> list[Found]:
    """Return what the SQL of one migration does to large tables that it did not make itself."""
    own = set(re.findall(r'CREATE TABLE(?: IF NOT EXISTS)? "?(\w+)"?', text, re.IGNORECASE))
    if UNSEEN in text:
        return [Found("unseen", UNSEEN, "RunSQL, or a command: nobody can say what Python locks")]
    return [
        found
        for found in (*_by_squawk(text), *_rewriting(text), *_whole(text))
        if any(not SMALL.fullmatch(table) for table in _tables(found.statement) - own)
        or not _tables(found.statement)
    ]


def _by_squawk(text: str) -> Iterator[Found]:
    command = [
        str(Path(sys.executable).with_name("squawk")),
        "--reporter",
        "json",
        "--stdin-filepath",
        "m.sql",
    ]
    said = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if said.returncode not in (0, 1):
        raise RuntimeError(said.stderr)
    lines = text.splitlines()
    for one in json.loads(said.stdout):
        if one["rule_name"] in RULES:
            statement = " ".join(lines[one["line"] : one["line_end"] + 1])
            yield Found(one["rule_name"], statement.strip(), RULES[one["rule_name"]])


def _rewriting(text: str) -> Iterator[Found]:
    for statement in _statements(text):
        if not LATER.match(statement) and REWRITES.search(statement):
            yield Found("rows-rewritten", statement, IN_BATCHES)


def _whole(text: str) -> Iterator[Found]:
    for statement in _statements(text):
        for pattern, instead in WHOLE.items():
            if re.match(pattern, statement, re.IGNORECASE):
                yield Found("whole-table-held", statement, instead)


def _statements(text: str) -> Iterator[str]:
    """Yield each statement on one line, without comments."""
    bare = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    whole = QUOTED.sub(lambda quoted: quoted[0].replace(";\n", "; "), bare + "\n")
    for statement in whole.split(";\n"):
        if statement.strip():
            yield " ".join(statement.split())


def _tables(statement: str) -> set[str]:
    return set(TABLE.findall(statement))


def newer() -> Iterator[tuple[str, str]]:
    """Yield app and name of each migration behind the mark."""
    for app, mark in sorted(MARK.items()):
        for path in sorted((ROOT / app / "migrations").glob("[0-9]*.py")):
            if path.stem[:4] > mark:
                yield app, path.stem


def main() -> int:
    """Judge each migration behind the mark."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoplatform.settings")
    django.setup()
    wrong = 0
    for app, name in newer():
        text = io.StringIO()
        call_command("sqlmigrate", app, name, stdout=text, no_color=True)
        for found in judge(text.getvalue()):
            wrong += 1
            print(f"{app}.{name}: {found.rule}: {found.statement[:160]}\n  instead: {found.instead}")
    print(f"{len(list(newer()))} migrations behind the mark, {wrong} statements that hold up a large table")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
