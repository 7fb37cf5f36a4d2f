"""SQL of the migration by which missed turns alone are looked at; a changed one is a new migration."""

from casework.migrations._as_closed import CARRIED as CARRIED_FORMER
from casework.migrations._there_again import UNHEARD as UNHEARD_FORMER

_DUE = "              AND own.due_at <@ (SELECT range_agg(silence.spans) FROM silence)\n"
UNHEARD = UNHEARD_FORMER.replace(
    "-- The turns that were due while", "-- The turns that were missed, or answered late, and were due while"
).replace(
    _DUE,
    "              -- Of any other it is not asked.\n"
    "              AND own.due_at < least(own.answered_at, own.ended_at, as_of)\n" + _DUE,
)

_OWN = """        SELECT led.problem, led.problem FROM led
    ), judged AS MATERIALIZED (
"""
_FEW = """        SELECT led.problem, led.problem FROM led
    ), closed AS MATERIALIZED (
        -- Few: of these problems alone the turns are looked up.
        SELECT turn.case_id
        FROM casework_turn AS turn
        WHERE turn.ended_by = 'closed' AND turn.due_at < turn.ended_at
        UNION
        SELECT turn.case_id
        FROM casework_away(as_of) AS away
        JOIN casework_turn AS turn ON turn.id = away.turn_id
        WHERE turn.due_at < away.ended_at
    ), judged AS MATERIALIZED (
"""
_FROM = """        FROM own
        JOIN casework_turn AS turn ON turn.case_id = own.case_id
        LEFT JOIN casework_away"""
CARRIED = CARRIED_FORMER.replace(_OWN, _FEW).replace(
    _FROM,
    """        FROM (
            SELECT own.case_id, own.problem
            FROM own
            WHERE own.problem IN (
                SELECT told.problem FROM own AS told JOIN closed ON closed.case_id = told.case_id
            )
        ) AS own
        JOIN casework_turn AS turn ON turn.case_id = own.case_id
        LEFT JOIN casework_away""",
)
