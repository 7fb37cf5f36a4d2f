-- board_rungs: how many turns of each office and person reached each rung of the ladder.
--
-- params   %(since)s, %(before)s, %(at)s instants, %(office)s and %(category)s as of the board; %(handed_on)s text array:
--          offices some of whose turns are not due yet, and will be another's than who holds the office then
-- returns  office_id (null: the unit), official_id, number of the rung, turns bigint; an office and official may
--          come more than once
-- index    escalation_by_office, or of a short time escalation_board (turn_began_at); casework_turn_pkey
-- caller   casework.board.figures.read
--
-- Where a due date was moved behind the instant since, a turn that was told of is not due yet: it is, as in all other
-- columns, that of who holds the office then; one that had ended then and goes on since is that of who held it then.
-- Only the turns of such offices are looked up: of all it takes 100 ms of a year instead of 25.
WITH other AS MATERIALIZED (
    SELECT unnest(%(handed_on)s::text[]) AS office_id
    UNION
    SELECT turn.office_id
    FROM casework_away(%(at)s) AS away
    JOIN casework_turn AS turn ON turn.id = away.turn_id
), reached AS NOT MATERIALIZED (
    SELECT escalation.turn_id, escalation.turn_office_id, escalation.turn_official_id, escalation.number
    FROM casework_escalation AS escalation
    WHERE escalation.turn_began_at >= %(since)s AND escalation.turn_began_at < %(before)s
      AND escalation.at <= %(at)s
      AND (%(office)s::text IS NULL OR escalation.turn_office_id = %(office)s::text)
      AND (%(category)s::text IS NULL OR escalation.turn_id IN (
          SELECT turn.id
          FROM casework_turn AS turn
          JOIN reports_report AS report ON report.id = turn.case_id
          WHERE report.category_id = %(category)s::text
      ))
)
SELECT reached.turn_office_id AS office_id, reached.turn_official_id AS official_id, reached.number, count(*) AS turns
FROM reached
WHERE (reached.turn_office_id IN (SELECT other.office_id FROM other)) IS NOT TRUE
GROUP BY reached.turn_office_id, reached.turn_official_id, reached.number
UNION ALL
SELECT reached.turn_office_id, whose.official_id, reached.number, count(*)
FROM reached
JOIN casework_turn AS turn ON turn.id = reached.turn_id
LEFT JOIN casework_away(%(at)s) AS away ON away.turn_id = reached.turn_id
CROSS JOIN LATERAL (SELECT CASE
    WHEN away.turn_id IS NOT NULL THEN away.official_id
    WHEN least(CASE WHEN turn.due_is_sure THEN turn.due_at END, turn.answered_at, turn.ended_at) <= %(at)s
        THEN reached.turn_official_id
    ELSE casework_holder(reached.turn_office_id, %(at)s)
END AS official_id) AS whose
WHERE reached.turn_office_id IN (SELECT other.office_id FROM other)
GROUP BY reached.turn_office_id, whose.official_id, reached.number
