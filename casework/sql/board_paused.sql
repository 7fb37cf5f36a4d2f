-- board_paused: for how long the turns of each office and person were paused, by reason.
--
-- params   %(since)s, %(before)s, %(at)s instants, %(office)s and %(category)s as of the board
-- returns  office_id (null: the unit), official_id, reason, seconds double precision
-- index    casework_pause_until, turn_identity (case_id, number)
-- caller   casework.board.figures.read
--
-- While a turn was waited for: from when it began until its answer, its end, or the instant. Pauses of one turn for
-- one reason that overlap count once; those for two reasons count for each.
WITH stood AS (
    SELECT turn.id, turn.office_id, whose.official_id, pause.reason, range_agg(stop.during) AS during
    FROM casework_pause AS pause
    JOIN casework_turn AS turn
        ON turn.case_id = pause.case_id
        AND turn.began_at >= %(since)s AND turn.began_at < least(%(before)s, %(at)s)
    LEFT JOIN casework_away(%(at)s) AS away ON away.turn_id = turn.id
    CROSS JOIN LATERAL (
        SELECT greatest(pause.since, turn.began_at) AS since,
            least(pause.until, pause.ended_at, turn.answered_at, turn.ended_at, away.ended_at, %(at)s) AS until
    ) AS known
    CROSS JOIN LATERAL (SELECT tstzrange(known.since, greatest(known.since, known.until)) AS during) AS stop
    CROSS JOIN LATERAL (SELECT CASE
        WHEN away.turn_id IS NOT NULL THEN away.official_id
        WHEN least(CASE WHEN turn.due_is_sure THEN turn.due_at END, turn.answered_at, turn.ended_at) <= %(at)s
            THEN turn.official_id
        ELSE casework_holder(turn.office_id, %(at)s)
    END AS official_id) AS whose
    WHERE pause.until > %(since)s AND NOT isempty(stop.during)
      AND (%(office)s::text IS NULL OR turn.office_id = %(office)s::text)
      AND (%(category)s::text IS NULL OR turn.case_id IN (
          SELECT report.id
          FROM reports_report AS report
          WHERE report.category_id = %(category)s::text
      ))
    GROUP BY turn.id, turn.office_id, whose.official_id, pause.reason
)
SELECT stood.office_id, stood.official_id, stood.reason,
    sum(date_part('epoch', upper(part.during) - lower(part.during))) AS seconds
FROM stood
CROSS JOIN LATERAL unnest(stood.during) AS part (during)
GROUP BY stood.office_id, stood.official_id, stood.reason
