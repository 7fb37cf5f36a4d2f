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
WITH silent AS MATERIALIZED (
    SELECT DISTINCT silence.feed
    FROM layers_silences(%(at)s) AS silence
    WHERE silence.until IS NULL
), climbed AS MATERIALIZED (
    SELECT turn.id, turn.case_id, turn.office_id, turn.due_at
    FROM casework_turn AS turn
    WHERE turn.id IN (
        SELECT escalation.turn_id
        FROM casework_escalation AS escalation
        WHERE escalation.id = ANY (%(escalations)s)
    )
), member AS (
    SELECT climbed.id AS turn_id, min(silence.feed) FILTER (WHERE silence.until IS NULL) AS feed,
        array_agg(silence.known_at) FILTER (WHERE silence.until > climbed.due_at) AS since,
        array_agg(silence.until) FILTER (WHERE silence.until > climbed.due_at) AS until
    FROM casework_silent_members(
        ARRAY(SELECT turn.case_id FROM climbed AS turn), (SELECT min(turn.due_at) FROM climbed AS turn), %(at)s
    ) AS silence
    JOIN climbed ON climbed.case_id = silence.case_id
        AND (silence.office_id IS NULL OR silence.office_id = climbed.office_id)
    WHERE silence.until IS NULL OR silence.until > silence.known_at
    GROUP BY climbed.id
)
SELECT escalation.id, escalation.tier AS told, report.category_id AS category, office.level AS tier, turn.due_at,
    turn.due_is_sure, ARRAY(
        SELECT own.tier
        FROM casework_escalation AS own
        WHERE own.turn_id = turn.id AND own.is_vacant
    ) AS vacant, pauses.since || coalesce(member.since, '{}') AS since,
    pauses.until || coalesce(member.until, '{}') AS until, coalesce(silent.feed, member.feed) AS silent_feed
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
LEFT JOIN member ON member.turn_id = turn.id
WHERE escalation.id = ANY (%(escalations)s)
ORDER BY escalation.id
