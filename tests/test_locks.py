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
    "whole-table-held": "LOCK TABLE reports_report IN ACCESS EXCLUSIVE MODE;",
    "unseen": "-- THIS OPERATION CANNOT BE WRITTEN AS SQL",
}
HELD = {
    "rows of a DO block": "DO $$\nBEGIN\n  PERFORM 1;\n  UPDATE reports_report SET a = 1;\nEND $$;",
    "rows behind a WITH": "WITH old AS (SELECT 1)\nUPDATE reports_report AS report SET a = 1;",
    "rows of a table by another name": "UPDATE reports_report r SET a = 1;",
    "a table held": "LOCK reports_report IN SHARE MODE;",
    "a table written anew by options": "VACUUM (FULL) reports_report;",
    "rows that are handed on": "WITH gone AS (DELETE FROM reports_report RETURNING id)\nSELECT id FROM gone;",
    "rows merged": "MERGE INTO reports_report USING n ON true WHEN MATCHED THEN UPDATE SET a = 1;",
    "a table emptied": "TRUNCATE reports_report;",
    "a table ordered": "CLUSTER reports_report USING i;",
    "a table written anew": "VACUUM FULL reports_report;",
    "an index made anew": "REINDEX TABLE reports_report;",
    "a view made anew": "REFRESH MATERIALIZED VIEW v;",
    "a table logged otherwise": BIG + "SET UNLOGGED;",
    "a partition looked through": 'ALTER TABLE "layers_jam" ATTACH PARTITION "p" FOR VALUES FROM (1) TO (2);',
    "a number for each row": BIG + 'ADD COLUMN "a" bigserial;',
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
    "an index made anew beside": "REINDEX TABLE CONCURRENTLY reports_report;",
    "a table of few rows emptied": "TRUNCATE casework_rule;",
    "what a function will do": "CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $f$\nBEGIN\n"
    "  UPDATE reports_report SET a = 1;\n  DELETE FROM reports_report;\nEND $f$;",
    "rows that come twice": "INSERT INTO reports_report (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2;",
    "what is said to be right": "-- squawk-ignore adding-not-nullable-field\n"
    + BIG
    + 'ALTER COLUMN "a" SET NOT NULL;',
}


@pytest.mark.parametrize("rule", [*locks.RULES, "rows-rewritten", "whole-table-held", "unseen"])
def test_what_would_hold_a_large_table_up_is_found(rule):
    found = locks.judge(f"BEGIN;\n--\n-- Something\n--\n{HOLD_UP[rule]}\nCOMMIT;\n")
    assert rule in {one.rule for one in found}
    assert all(one.instead for one in found)


@pytest.mark.parametrize("what", HELD)
def test_what_squawk_has_no_rule_for_is_found_wherever_it_stands(what):
    assert [one.rule for one in locks.judge(f"BEGIN;\n--\n-- Something\n--\n{HELD[what]}\nCOMMIT;\n")] in (
        ["rows-rewritten"],
        ["whole-table-held"],
    )


@pytest.mark.parametrize("what", PASS)
def test_what_holds_nobody_up_is_let_pass(what):
    assert locks.judge(f"--\n-- Something\n--\n{PASS[what]}\n") == []


def test_each_app_with_migrations_has_a_mark():
    folders = {path.parent.parent.name for path in locks.ROOT.glob("*/migrations/0001_*.py")}
    assert folders == set(locks.MARK)
