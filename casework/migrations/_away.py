"""SQL of the migration on turns that had ended and go on; a changed one is a new migration."""

from casework.migrations._holders import JUDGED as FORMER
from casework.migrations._led import CARRIED as CARRIED_BEFORE

AWAY = """
-- The turns that had ended at an instant, as it was known then, and go on since: their report was merged, or a step had
-- closed their case, and that was undone later. Few, and none of now.
--
-- returns  since when it had ended; who answered for it then: on the day of its answer, its deadline or that end
CREATE FUNCTION casework_away(as_of timestamptz)
RETURNS TABLE (turn_id bigint, ended_at timestamptz, official_id bigint, acting boolean)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT turn.id, away.since, term.official_id, coalesce(term.acting, false)
    FROM (
        SELECT member.case_id, merged.at AS since
        FROM casework_unmerge AS undone
        JOIN casework_merge AS merged ON merged.id = undone.merge_id
        JOIN casework_member AS member ON member.merge_id = merged.id
        WHERE merged.at <= as_of AND undone.at > as_of
        UNION ALL
        SELECT back.case_id, closing.at
        FROM casework_change AS back
        CROSS JOIN LATERAL (
            SELECT change.at, change.to_state_id
            FROM casework_change AS change
            WHERE change.case_id = back.case_id AND change.id < back.id
            ORDER BY change.id DESC
            LIMIT 1
        ) AS closing
        JOIN casework_state AS state ON state.code = closing.to_state_id AND state.family = 'closed'
        WHERE back.permission = 'undo' AND back.at > as_of AND closing.at <= as_of
    ) AS away
    JOIN casework_turn AS turn
        ON turn.case_id = away.case_id AND turn.began_at <= away.since
        AND (turn.ended_at IS NULL OR turn.ended_at > as_of)
    CROSS JOIN LATERAL (SELECT CASE WHEN turn.due_is_sure THEN turn.due_at END AS due_at) AS known
    CROSS JOIN LATERAL (SELECT least(turn.answered_at, away.since) AS at) AS first
    LEFT JOIN boundaries_term AS term
        ON term.office_id = turn.office_id AND term.during @> casework_city_day(
            CASE
                WHEN first.at <= known.due_at THEN first.at
                ELSE coalesce(known.due_at - interval '1 microsecond', first.at)
            END
        )
$$;
"""
NOT_AWAY = "DROP FUNCTION casework_away(timestamptz);"

CARRIED = CARRIED_BEFORE.replace(
    """        SELECT own.problem, turn.id, turn.office_id, turn.began_at, turn.due_at, turn.ended_at, turn.ended_by,
""",
    """        SELECT own.problem, turn.id, turn.office_id, turn.began_at, turn.due_at, known.ended_at, known.ended_by,
""",
).replace(
    """        CROSS JOIN LATERAL (SELECT turn.due_at < least(turn.answered_at, turn.ended_at, as_of)""",
    """        LEFT JOIN casework_away(as_of) AS away ON away.turn_id = turn.id
        CROSS JOIN LATERAL (
            SELECT coalesce(away.ended_at, turn.ended_at) AS ended_at,
                CASE WHEN away.turn_id IS NULL THEN turn.ended_by ELSE 'closed' END AS ended_by
        ) AS known
        CROSS JOIN LATERAL (SELECT turn.due_at < least(turn.answered_at, known.ended_at, as_of)""",
)
JUDGED = FORMER.replace(
    """    FROM casework_turn AS turn
    CROSS JOIN LATERAL (
        -- When it was due""",
    """    FROM (
        SELECT turn.id, turn.case_id, turn.number, turn.office_id, turn.official_id, turn.acting, turn.began_at,
            turn.due_at, turn.due_is_sure, turn.answered_at, turn.ended_at, turn.ended_by
        FROM casework_turn AS turn
        WHERE turn.id NOT IN (SELECT away.turn_id FROM casework_away(as_of) AS away)
        UNION ALL
        -- What had ended then, and goes on since, had ended.
        SELECT turn.id, turn.case_id, turn.number, turn.office_id, away.official_id, away.acting, turn.began_at,
            turn.due_at, turn.due_is_sure, turn.answered_at, away.ended_at, 'closed'
        FROM casework_away(as_of) AS away
        JOIN casework_turn AS turn ON turn.id = away.turn_id
    ) AS turn
    CROSS JOIN LATERAL (
        -- When it was due""",
)
JUDGED_BEFORE = FORMER
