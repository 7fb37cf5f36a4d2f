"""SQL of the migration on answers that are disputed as they begin; a changed one is a new migration."""

from casework.migrations._board import DISPUTED as DISPUTED_BEFORE

_BEGAN = """        -- The next turn begins at the very instant of the dispute.
        SELECT turn.id, turn.answered_at
        FROM casework_turn AS turn
        WHERE turn.case_id = change.case_id AND turn.began_at < change.at
"""
DISPUTED_FORMER = DISPUTED_BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
DISPUTED = DISPUTED_FORMER.replace(
    _BEGAN,
    """        -- The next turn begins at the very instant of the dispute, and may be answered and disputed then as well: of those
        -- that disputes of that instant begin, so many are before one as there are disputes before it.
        SELECT turn.id, turn.answered_at
        FROM casework_turn AS turn
        WHERE turn.case_id = change.case_id AND (
            turn.began_at < change.at OR turn.began_at = change.at AND turn.answered_at <= change.at AND (
                SELECT count(*)
                FROM casework_turn AS own
                WHERE own.case_id = turn.case_id AND own.began_at = change.at AND own.number <= turn.number
                  AND own.explanation ->> 'again' = 'disputed'
            ) <= (
                SELECT count(*)
                FROM casework_change AS earlier
                WHERE earlier.case_id = change.case_id AND earlier.id < change.id AND earlier.at = change.at
                  AND earlier.to_state_id = 'disputed' AND earlier.permission <> 'merge'
            )
        )
""",
)
