-- overdue: the turns that are still unanswered after their answer was due, and have rungs of their ladder to climb.
--
-- params   %(at)s instant; %(past)s boolean: turns that were answered or ended since then count as they stood;
--          %(known_at)s instant: the silences that were known then, at the latest now
-- returns  one row a turn, lowest id first: turn_id, report_id, category, office and its tier (both null: the unit),
--          due_at, due_is_sure, the number, due_at, tier and is_vacant of the last rung (null where none was reached); stood:
--          JSON, two lists of the instants at which times begin and end in which the clock of the case stood still, known
--          silences of its feeds among them, the same text for many turns; silent_feed: one that is silent (null: all are
--          heard)
-- index    turn_climbing (due_at), boundaries_office_pkey, reports_report_pkey, escalation_identity (turn_id, number),
--          casework_pause_case_id, casework_member_case_id, silence_until
-- caller   casework.escalation.runs.plan
--
-- While its feed is silent nobody knows whether a turn was answered, nor while that of a report is which was merged
-- into its own and may speak for it: it is held back, and such a time counts as a pause when it is over, from when on
-- it was known. What its author withdrew is asked of nobody, unless it leads others.
WITH overdue AS (
    SELECT turn.id, turn.case_id, turn.office_id, turn.due_at, turn.due_is_sure
    FROM casework_turn AS turn
    WHERE turn.answered_at IS NULL AND turn.ended_at IS NULL AND NOT turn.is_climbed AND turn.due_at <= %(at)s
    UNION ALL
    -- Not read at all but for a look back.
    SELECT turn.id, turn.case_id, turn.office_id, turn.due_at, turn.due_is_sure
    FROM casework_turn AS turn
    WHERE %(past)s AND turn.due_at <= %(at)s
      AND (turn.answered_at > %(at)s OR turn.answered_at IS NULL)
      AND (turn.ended_at > %(at)s OR turn.ended_at IS NULL)
      AND (turn.answered_at IS NOT NULL OR turn.ended_at IS NOT NULL)
)
SELECT overdue.id AS turn_id, overdue.case_id AS report_id, report.category_id AS category, office.code AS office,
    office.level AS tier, overdue.due_at, overdue.due_is_sure, last.number, last.due_at AS last_due_at,
    last.tier AS last_tier, last.is_vacant, json_build_array(stood.since, stood.until)::text AS stood, stood.silent_feed
FROM overdue
LEFT JOIN boundaries_office AS office ON office.code = overdue.office_id
JOIN reports_report AS report ON report.id = overdue.case_id
    AND (report.status <> 'withdrawn' OR report.id IN (SELECT led.problem FROM casework_led(%(at)s) AS led))
LEFT JOIN LATERAL (
    SELECT escalation.number, escalation.tier, escalation.due_at, escalation.is_vacant
    FROM casework_escalation AS escalation
    WHERE escalation.turn_id = overdue.id
    ORDER BY escalation.number DESC
    LIMIT 1
) AS last ON true
JOIN casework_stood(ARRAY(SELECT turn.id FROM overdue AS turn), %(known_at)s) AS stood ON stood.turn_id = overdue.id
ORDER BY overdue.id
