"""The linter of migrations: what would hold a large table up is found, and what would not is let pass."""

import pytest

from tests import locks

BIG = 'ALTER TABLE "reports_report" '
HOLD_UP = {
    "require-concurrent-index-creation": 'CREATE INDEX "i" ON "reports_report" ("a");',
    "require-concurrent-index-deletion": 'DROP INDEX IF EXISTS "i";',
    "disallowed-unique-constraint": BIG + 'ADD CONSTRAINT "u" UNIQUE ("a");',
    "adding-required-field": BIG + 'ADD COLUMN "a" bigint NOT NULL;',
    "adding-not-nullable-field": BIG + 'ALTER COLUMN "a" SET NOT NULL;',
    "adding-field-with-default": BIG + 'ADD COLUMN "a" timestamptz DEFAULT clock_timestamp() NOT NULL;',
    "changing-column-type": BIG + 'ALTER COLUMN "a" TYPE bigint USING "a"::bigint;',
    "constraint-missing-not-valid": BIG + 'ADD CONSTRAINT "c" CHECK ("a" > 0);',
    "adding-foreign-key-constraint": BIG + 'ADD CONSTRAINT "f" FOREIGN KEY ("a") REFERENCES "b" ("id");',
    "renaming-column": BIG + 'RENAME COLUMN "a" TO "b";',
    "renaming-table": BIG + 'RENAME TO "b";',
    "ban-drop-column": BIG + 'DROP COLUMN "a" CASCADE;',
    "ban-drop-table": 'DROP TABLE "reports_report" CASCADE;',
    "rows-rewritten": 'UPDATE "reports_report" SET "a" = 1;',
    "unseen": "-- THIS OPERATION CANNOT BE WRITTEN AS SQL",
}
PASS = {
    "an index built beside": 'CREATE INDEX CONCURRENTLY "i" ON "reports_report" ("a");',
    "an index dropped beside": 'DROP INDEX CONCURRENTLY IF EXISTS "i";',
    "a column that may be empty": BIG + 'ADD COLUMN "a" bigint NULL;',
    "a column with one default": BIG + 'ADD COLUMN "a" bigint DEFAULT 0 NOT NULL;',
    "a check not looked at yet": BIG + 'ADD CONSTRAINT "c" CHECK ("a" > 0) NOT VALID;',
    "a reference not looked at yet": BIG
    + 'ADD CONSTRAINT "f" FOREIGN KEY ("a") REFERENCES "b" ("id") NOT VALID;',
    "a check looked at": BIG + 'VALIDATE CONSTRAINT "c";',
    "a table of few rows": 'CREATE INDEX "i" ON "casework_rule" ("a");\nUPDATE casework_rule SET a = 1;',
    "a table of its own": 'CREATE TABLE "n" ("id" bigint NOT NULL);\nCREATE INDEX "i" ON "n" ("id");',
    "what is said to be right": "-- squawk-ignore adding-not-nullable-field\n"
    + BIG
    + 'ALTER COLUMN "a" SET NOT NULL;',
}


@pytest.mark.parametrize("rule", [*locks.RULES, "rows-rewritten", "unseen"])
def test_what_would_hold_a_large_table_up_is_found(rule):
    found = locks.judge(f"BEGIN;\n--\n-- Something\n--\n{HOLD_UP[rule]}\nCOMMIT;\n")
    assert rule in {one.rule for one in found}
    assert all(one.instead for one in found)


@pytest.mark.parametrize("what", PASS)
def test_what_holds_nobody_up_is_let_pass(what):
    assert locks.judge(f"--\n-- Something\n--\n{PASS[what]}\n") == []


def test_each_app_with_migrations_has_a_mark():
    folders = {path.parent.parent.name for path in locks.ROOT.glob("*/migrations/0001_*.py")}
    assert folders == set(locks.MARK)
