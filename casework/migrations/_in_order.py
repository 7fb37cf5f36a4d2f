"""SQL of the migrations by which indexes tell turns and duplicates; a changed one is a new migration."""

from casework.migrations._away import JUDGED as FORMER
from casework.migrations._led import PROBLEMS as PROBLEMS_FORMER

_APART = FORMER[
    FORMER.index("    FROM (\n        SELECT turn.id, turn.case_id") : FORMER.index(
        "    CROSS JOIN LATERAL (\n        -- When it was due"
    )
]
# A part of a union that has a condition of its own is planned apart, in no order: 320 ms for a year of 192,000 turns
# instead of 130.
_IN_ORDER = """    FROM (
        SELECT turn.id, turn.case_id, turn.number, turn.office_id, turn.official_id, turn.acting, turn.began_at,
            turn.due_at, turn.due_is_sure, turn.answered_at, turn.ended_at, turn.ended_by, false AS is_away
        FROM casework_turn AS turn
        UNION ALL
        -- What had ended then, and goes on since, had ended.
        SELECT turn.id, turn.case_id, turn.number, turn.office_id, away.official_id, away.acting, turn.began_at,
            turn.due_at, turn.due_is_sure, turn.answered_at, away.ended_at, 'closed', true
        FROM casework_away(as_of) AS away
        JOIN casework_turn AS turn ON turn.id = away.turn_id
    ) AS turn
"""
_TIME = "    WHERE turn.began_at >= since_at AND turn.began_at < least(until_at, as_of)\n"
_NOT_TWICE = """      AND (turn.is_away OR turn.id NOT IN (SELECT away.turn_id FROM casework_away(as_of) AS away))
"""
JUDGED = FORMER.replace(_APART, _IN_ORDER).replace(_TIME, _TIME + _NOT_TWICE)

# A case that is a duplicate becomes something else by a step from there: few, and all in one index.
PROBLEMS = PROBLEMS_FORMER.replace(
    "WHERE later.case_id = change.case_id AND later.id > change.id AND later.at <= as_of",
    "WHERE later.case_id = change.case_id AND later.from_state_id = 'duplicate'\n"
    "                AND later.id > change.id AND later.at <= as_of",
)
