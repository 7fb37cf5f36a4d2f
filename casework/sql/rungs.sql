-- rungs: what says when the rungs that some turns reached are reached, as far as it is known by now.
--
-- params   %(escalations)s bigint array; %(at)s instant
-- returns  one row for each escalation: id, and told: the tier that it told; of its turn category, tier of the office
--          (null: the unit), due_at, due_is_sure; vacant: tiers of its rungs whose posts nobody held; the instants at which
--          times begin and end in which the clock of the case stood still, as two arrays, known silences of its feed
--          among them; silent_feed (null: it is heard)
-- index    casework_escalation_pkey, casework_turn_pkey, reports_report_pkey, boundaries_office_pkey,
--          escalation_identity (turn_id, number), casework_pause_case_id, casework_member_case_id, silence_until
-- caller   casework.rungs.why_not
WITH silent AS MATERIALIZED (
    SELECT DISTINCT silence.feed
    FROM layers_silences(%(at)s) AS silence
    WHERE silence.until IS NULL
)
SELECT escalation.id, escalation.tier AS told, report.category_id AS category, office.level AS tier, turn.due_at,
    turn.due_is_sure, ARRAY(
        SELECT own.tier
        FROM casework_escalation AS own
        WHERE own.turn_id = turn.id AND own.is_vacant
    ) AS vacant, pauses.since, pauses.until, silent.feed AS silent_feed
FROM casework_escalation AS escalation
JOIN casework_turn AS turn ON turn.id = escalation.turn_id
JOIN reports_report AS report ON report.id = turn.case_id
LEFT JOIN boundaries_office AS office ON office.code = turn.office_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(stop.since), '{}') AS since, coalesce(array_agg(stop.until), '{}') AS until
    FROM (
        SELECT own.since, own.until
        FROM casework_stops(turn.case_id) AS own
        UNION ALL
        SELECT silence.known_at, silence.until
        FROM layers_silences(%(at)s) AS silence
        WHERE silence.feed = report.channel AND silence.until > turn.due_at
    ) AS stop (since, until)
) AS pauses
LEFT JOIN silent ON silent.feed = report.channel
WHERE escalation.id = ANY (%(escalations)s)
ORDER BY escalation.id
