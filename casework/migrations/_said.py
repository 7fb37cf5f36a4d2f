"""SQL of the migration on when a source says that a step was taken; a changed one is a new migration."""

from casework.migrations._kept import ANSWERED
from casework.migrations._turns import TURNS

TELL = """
-- As before, but that a turn was answered when the source of the answer says so, and not when we heard of it: as it
-- began, where that was before.
CREATE OR REPLACE FUNCTION casework_tell_turn() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    reached text := (SELECT state.family FROM casework_state AS state WHERE state.code = NEW.to_state_id);
    reason text := CASE reached WHEN 'resolved' THEN 'resolved' WHEN 'closed' THEN 'closed' WHEN 'disputed' THEN 'disputed' END;
BEGIN
    IF NEW.to_state_id = 'returned' THEN
        -- Who was offered it last says so; else who has it. An offer ends thereby, a turn that began does not.
        UPDATE casework_turn AS turn
        SET passed_at = NEW.at,
            ended_at = CASE WHEN turn.began_at IS NULL THEN NEW.at END,
            ended_by = CASE WHEN turn.began_at IS NULL THEN 'not_taken' END
        WHERE turn.id = (
            SELECT last.id
            FROM casework_turn AS last
            WHERE last.case_id = NEW.case_id AND last.ended_at IS NULL AND last.passed_at IS NULL
            ORDER BY last.number DESC
            LIMIT 1
        );
        RETURN NULL;
    END IF;
    IF reached NOT IN ('answered', 'resolved', 'closed', 'disputed') THEN
        RETURN NULL;
    END IF;
    -- A supervisor who says that a case is resolved, whatever the citizen says, is not the office's answer.
    UPDATE casework_turn AS turn
    SET answered_at = CASE
            WHEN turn.answered_at IS NOT NULL THEN turn.answered_at
            WHEN reached IN ('answered', 'resolved') AND NEW.permission <> 'supervise'
                THEN greatest(coalesce(NEW.said_at, NEW.at), turn.began_at)
        END,
        ended_at = CASE WHEN reason IS NOT NULL THEN NEW.at END,
        ended_by = reason
    WHERE turn.case_id = NEW.case_id AND turn.began_at IS NOT NULL AND turn.ended_at IS NULL;
    UPDATE casework_turn AS turn
    SET ended_at = NEW.at, ended_by = 'not_taken'
    WHERE turn.case_id = NEW.case_id AND turn.began_at IS NULL AND turn.ended_at IS NULL;
    RETURN NULL;
END $$;
"""
CHECK = """
-- A turn was answered when a change of its case says so, or a step of the report's trace before the turn ended and
-- behind any dispute before it: not because its row does. What was said before it began counts as it begins.
CREATE OR REPLACE FUNCTION casework_check_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.answered_at IS NOT DISTINCT FROM OLD.answered_at THEN
            RETURN NULL;
        END IF;
    END IF;
    IF NOT EXISTS (
        SELECT
        FROM casework_change AS change
        JOIN casework_state AS state ON state.code = change.to_state_id
        WHERE change.case_id = NEW.case_id AND change.at >= NEW.began_at
            AND greatest(coalesce(change.said_at, change.at), NEW.began_at) = NEW.answered_at
            AND state.family IN ('answered', 'resolved')
    ) AND NOT EXISTS (
        SELECT
        FROM reports_report AS report
        JOIN reports_sourceupdate AS step ON step.channel = report.channel AND step.external_id = report.external_id
        WHERE report.id = NEW.case_id AND step.status IN ('in_progress', 'done')
            AND step.at < coalesce(NEW.ended_at, 'infinity')
            AND greatest(step.at, NEW.began_at) = NEW.answered_at
            AND step.at > casework_asked_since(NEW.case_id, NEW.began_at)
    ) THEN
        RAISE EXCEPTION 'turn %: no change of case % says that it was answered at %',
            NEW.id, NEW.case_id, NEW.answered_at USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""
ASKED = """
-- Since when an answer to a turn counts: behind the last dispute before it began, for what was disputed was said
-- before. What an unmerge takes back to "disputed" was disputed before.
CREATE FUNCTION casework_asked_since(of_case bigint, turn_began_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(max(coalesce(change.said_at, change.at)), '-infinity')
    FROM casework_change AS change
    WHERE change.case_id = of_case AND change.to_state_id = 'disputed' AND change.permission <> 'merge'
        AND change.at <= turn_began_at
$$;
"""
SAID = ASKED + TELL + CHECK


def _former(sql: str, name: str) -> str:
    """Return how a function was defined before: from its name to the end of its body."""
    start = sql.index(f"CREATE FUNCTION {name}(")
    return "CREATE OR REPLACE" + sql[start : sql.index("END $$;", start) + len("END $$;")][len("CREATE") :]


NOT_SAID = (
    _former(TURNS, "casework_tell_turn")
    + _former(ANSWERED, "casework_check_answer")
    + "DROP FUNCTION casework_asked_since(bigint, timestamptz);"
)
