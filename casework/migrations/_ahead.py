"""SQL of the migration by which what is not due yet is told without its outcome; a changed one is a new migration."""

from casework.migrations._away import CARRIED as CARRIED_FORMER
from casework.migrations._leading import PROBLEMS as PROBLEMS_FORMER
from casework.migrations._voices import JUDGED as JUDGED_BEFORE

_DROP = "DROP FUNCTION casework_judged(timestamptz, timestamptz, timestamptz);\n"
_OR_REPLACE = "CREATE OR REPLACE FUNCTION"
_COLUMNS = "answered_at timestamptz, outcome integer, seconds integer\n"
_AT_ONCE = "        turn.began_at, turn.due_at, turn.answered_at,\n        CASE\n"
JUDGED_FORMER = _DROP + JUDGED_BEFORE.replace(_OR_REPLACE, "CREATE FUNCTION", 1)
# Whoever asks for the outcome twice has it judged twice, with all that it looks up.
JUDGED = (
    JUDGED_FORMER.replace(
        "--          seconds: from when",
        "--          is_ahead: not due yet, which is 10 or 11\n--          seconds: from when",
    )
    .replace(_COLUMNS, _COLUMNS.replace("outcome", "is_ahead boolean, outcome"))
    .replace(
        _AT_ONCE,
        _AT_ONCE.replace(
            "        CASE\n",
            "        (least(turn.answered_at, turn.ended_at) <= as_of OR known.due_at < as_of) IS NOT TRUE,\n        CASE\n",
        ),
    )
)

_TWICE = """    WITH own AS (
        SELECT led.case_id, led.problem FROM casework_led(as_of) AS led
        UNION
        SELECT led.problem, led.problem FROM casework_led(as_of) AS led
"""
_ONCE = """    WITH led AS MATERIALIZED (
        SELECT led.case_id, led.problem FROM casework_led(as_of) AS led
    ), own AS (
        SELECT led.case_id, led.problem FROM led
        UNION
        SELECT led.problem, led.problem FROM led
"""
CARRIED = CARRIED_FORMER.replace(_TWICE, _ONCE)
PROBLEMS = PROBLEMS_FORMER.replace(
    "    WITH other AS MATERIALIZED (\n        SELECT led.case_id, led.problem FROM casework_led(as_of) AS led\n",
    "    WITH led AS MATERIALIZED (\n        SELECT led.case_id, led.problem FROM casework_led(as_of) AS led\n"
    "    ), other AS MATERIALIZED (\n        SELECT led.case_id, led.problem FROM led\n",
).replace("(SELECT led.problem FROM casework_led(as_of) AS led)", "(SELECT led.problem FROM led)")
