-- unanswering: of some officials since when they have not answered, about what, and what was tried.
--
-- params   %(since)s, %(before)s, %(at)s instants as of the board; %(offices)s text array and %(officials)s bigint
--          array, of the same length: whose turns are looked at
-- returns  office_id, official_id; since: when the first answer was due that never came, behind the last that did;
--          about jsonb: unanswered turns of the time by category; rungs jsonb: of them by the rung that they
--          reached, its number and its tier ("provinsi": the governor's office); told jsonb: their notices by what is known of them (sent, delivered, seen, failed)
-- index    turn_by_office, turn_of_official, turn_board, reports_report_pkey, escalation_identity,
--          casework_evidence_escalation_id_*
-- caller   casework.board.unanswering.unanswering
--
-- Of all time one answer and one turn of each are read, by index; all else lies in the period.
WITH wanted AS (
    SELECT wanted.office_id, wanted.official_id
    FROM unnest(%(offices)s::text[], %(officials)s::bigint[]) AS wanted (office_id, official_id)
), since AS (
    SELECT wanted.office_id, wanted.official_id, first.due_at AS since
    FROM wanted
    LEFT JOIN LATERAL (
        SELECT judged.began_at
        FROM casework_judged('-infinity', 'infinity', %(at)s) AS judged
        WHERE judged.office_id = wanted.office_id AND judged.official_id = wanted.official_id
          AND judged.answered_at IS NOT NULL AND judged.outcome <= 3
        ORDER BY judged.began_at DESC
        LIMIT 1
    ) AS answered ON true
    CROSS JOIN LATERAL (
        SELECT judged.due_at
        FROM casework_judged('-infinity', 'infinity', %(at)s) AS judged
        WHERE judged.office_id = wanted.office_id AND judged.official_id = wanted.official_id
          AND judged.outcome = 8
          AND judged.began_at > coalesce(answered.began_at, '-infinity')
          AND judged.due_at > coalesce(answered.began_at, '-infinity')
        ORDER BY judged.due_at
        LIMIT 1
    ) AS first
), due AS MATERIALIZED (
    SELECT judged.office_id, judged.official_id, judged.turn_id, report.category_id
    FROM casework_judged(%(since)s, %(before)s, %(at)s) AS judged
    JOIN wanted ON wanted.office_id = judged.office_id AND wanted.official_id = judged.official_id
    JOIN reports_report AS report ON report.id = judged.case_id
    WHERE judged.outcome = 8
), about AS (
    SELECT counted.office_id, counted.official_id, jsonb_object_agg(counted.category_id, counted.turns) AS about
    FROM (
        SELECT due.office_id, due.official_id, due.category_id, count(*) AS turns
        FROM due
        GROUP BY due.office_id, due.official_id, due.category_id
    ) AS counted
    GROUP BY counted.office_id, counted.official_id
), reached AS MATERIALIZED (
    SELECT due.office_id, due.official_id, escalation.id,
        escalation.number || ' ' || coalesce(escalation.tier, 'provinsi') AS rung
    FROM due
    JOIN casework_escalation AS escalation ON escalation.turn_id = due.turn_id AND escalation.at <= %(at)s
), rungs AS (
    SELECT counted.office_id, counted.official_id, jsonb_object_agg(counted.rung, counted.turns) AS rungs
    FROM (
        SELECT reached.office_id, reached.official_id, reached.rung, count(*) AS turns
        FROM reached
        GROUP BY reached.office_id, reached.official_id, reached.rung
    ) AS counted
    GROUP BY counted.office_id, counted.official_id
), told AS (
    SELECT counted.office_id, counted.official_id, jsonb_object_agg(counted.kind, counted.notices) AS told
    FROM (
        SELECT reached.office_id, reached.official_id, evidence.kind, count(DISTINCT reached.id) AS notices
        FROM reached
        JOIN casework_evidence AS evidence ON evidence.escalation_id = reached.id AND evidence.at <= %(at)s
        GROUP BY reached.office_id, reached.official_id, evidence.kind
    ) AS counted
    GROUP BY counted.office_id, counted.official_id
)
SELECT wanted.office_id, wanted.official_id, since.since, coalesce(about.about, '{}') AS about,
    coalesce(rungs.rungs, '{}') AS rungs, coalesce(told.told, '{}') AS told
FROM wanted
LEFT JOIN since ON since.office_id = wanted.office_id AND since.official_id = wanted.official_id
LEFT JOIN about ON about.office_id = wanted.office_id AND about.official_id = wanted.official_id
LEFT JOIN rungs ON rungs.office_id = wanted.office_id AND rungs.official_id = wanted.official_id
LEFT JOIN told ON told.office_id = wanted.office_id AND told.official_id = wanted.official_id
ORDER BY wanted.office_id, wanted.official_id
