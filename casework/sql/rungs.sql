-- rungs: what says when the rungs that some turns reached are reached, as far as it is known by now.
--
-- params   %(escalations)s bigint array; %(at)s instant
-- returns  one row for each escalation: id, and told: the tier that it told; of its turn category, tier of the office
--          (null: the unit), due_at, due_is_sure; vacant: tiers of its rungs whose posts nobody held; the instants at which
--          times begin and end in which the clock of the case stood still, as two arrays, known silences of its feeds
--          among them; silent_feed: one that is silent (null: all are heard)
-- index    casework_escalation_pkey, casework_turn_pkey, reports_report_pkey, boundaries_office_pkey,
--          escalation_identity (turn_id, number), casework_pause_case_id, casework_member_case_id, silence_until
-- caller   casework.escalation.rungs.why_not
SELECT escalation.id, escalation.tier AS told, report.category_id AS category, office.level AS tier, turn.due_at,
    turn.due_is_sure, ARRAY(
        SELECT own.tier
        FROM casework_escalation AS own
        WHERE own.turn_id = turn.id AND own.is_vacant
    ) AS vacant, stood.since, stood.until, stood.silent_feed
FROM casework_escalation AS escalation
JOIN casework_turn AS turn ON turn.id = escalation.turn_id
JOIN reports_report AS report ON report.id = turn.case_id
LEFT JOIN boundaries_office AS office ON office.code = turn.office_id
JOIN casework_stood(
    ARRAY(SELECT told.turn_id FROM casework_escalation AS told WHERE told.id = ANY (%(escalations)s)), %(at)s
) AS stood ON stood.turn_id = turn.id
WHERE escalation.id = ANY (%(escalations)s)
ORDER BY escalation.id
