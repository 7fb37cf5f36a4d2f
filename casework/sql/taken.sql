-- taken: begin the clocks of those who have just accepted a case, and end the clock of whoever had it.
--
-- params   %(cases)s bigint array, %(at)s instant
-- returns  begun bigint, one row
-- index    turn_offered, turn_running, change_of_case
-- caller   casework.routing.turns.take
--
-- An office accepts by the step to assigned, with its own permission, or because the unit assigns what was offered to
-- it; the unit accepts by any step of triage. Where a case goes on otherwise the offer lapses.
WITH told AS MATERIALIZED (
    SELECT offer.id, offer.case_id, offer.office_id, CASE
        WHEN offer.office_id IS NULL THEN last.permission = 'triage'
        ELSE last.permission IN ('answer', 'decide') AND last.to_state_id = 'assigned'
    END AS is_accepted
    FROM casework_turn AS offer
    CROSS JOIN LATERAL (
        SELECT change.from_state_id, change.to_state_id, change.permission
        FROM casework_change AS change
        WHERE change.case_id = offer.case_id
        ORDER BY change.id DESC
        LIMIT 1
    ) AS last
    WHERE offer.case_id = ANY (%(cases)s) AND offer.began_at IS NULL AND offer.ended_at IS NULL
      AND last.from_state_id = 'returned' AND last.to_state_id <> 'returned'
), ended AS (
    UPDATE casework_turn AS turn
    SET ended_at = %(at)s, ended_by = CASE WHEN turn.began_at IS NULL THEN 'not_taken' ELSE 'passed_on' END
    FROM told
    WHERE turn.case_id = told.case_id AND turn.ended_at IS NULL
      AND (turn.began_at IS NOT NULL) = told.is_accepted
    RETURNING turn.case_id
), begun AS (
    UPDATE casework_turn AS turn
    SET began_at = %(at)s
    FROM told
    -- Behind the end of the former: one clock of a case runs at a time.
    JOIN ended ON ended.case_id = told.case_id
    WHERE turn.id = told.id AND told.is_accepted
    RETURNING turn.id
)
SELECT count(*) AS begun
FROM begun
