-- taken: begin the clocks of those who have just accepted a case, and end the clock of whoever had it.
--
-- params   %(cases)s bigint array, %(at)s instant, %(zone)s time zone of the city
-- returns  begun bigint, one row
-- index    turn_offered, turn_running, change_of_case, one_official_at_a_time
-- caller   casework.turns.take
--
-- An office accepts by the step to assigned, with its own permission; the unit by any step of triage.
WITH accepted AS MATERIALIZED (
    SELECT offer.id, offer.case_id, term.official_id, coalesce(term.acting, false) AS acting
    FROM casework_turn AS offer
    CROSS JOIN LATERAL (
        SELECT change.from_state_id, change.to_state_id, change.permission
        FROM casework_change AS change
        WHERE change.case_id = offer.case_id
        ORDER BY change.id DESC
        LIMIT 1
    ) AS last
    LEFT JOIN boundaries_term AS term
        ON term.office_id = offer.office_id AND term.during @> (%(at)s AT TIME ZONE %(zone)s)::date
    WHERE offer.case_id = ANY (%(cases)s) AND offer.began_at IS NULL AND offer.ended_at IS NULL
      AND last.from_state_id = 'returned'
      AND CASE
          WHEN offer.office_id IS NULL THEN last.permission = 'triage'
          ELSE last.permission = 'answer' AND last.to_state_id = 'assigned'
      END
), ended AS (
    UPDATE casework_turn AS turn
    SET ended_at = %(at)s, ended_by = 'passed_on'
    FROM accepted
    WHERE turn.case_id = accepted.case_id AND turn.began_at IS NOT NULL AND turn.ended_at IS NULL
    RETURNING turn.case_id
), begun AS (
    UPDATE casework_turn AS turn
    SET began_at = %(at)s, official_id = accepted.official_id, acting = accepted.acting
    FROM accepted
    -- Behind the end of the former: one clock of a case runs at a time.
    JOIN ended ON ended.case_id = accepted.case_id
    WHERE turn.id = accepted.id
    RETURNING turn.id
)
SELECT count(*) AS begun
FROM begun
