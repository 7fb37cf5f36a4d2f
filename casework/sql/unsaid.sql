-- unsaid: the rungs whose notice was withdrawn, or that had no address, of which nobody was told, and that are waited for.
--
-- params   %(at)s instant; %(notes)s text[]: for what a notice was withdrawn that may be so again; %(nowhere)s text:
--          how it is noted that no address was known; %(escalations)s bigint array: of these alone, or null: of all
-- returns  one row for each, lowest id first: id, report_id, turn_id, number and due_at of the rung, tier of who is told,
--          office whose turn it is (null: the unit), official_id: who was to be told last (null: it does not matter who),
--          is_nowhere: no address was known when somebody was to be told last
-- index    evidence_withdrawn and evidence_failed (note, escalation_id), casework_escalation_pkey, casework_turn_pkey, reports_report_pkey,
--          casework_evidence_escalation_id_*, casework_notice_escalations_escalation_id_*,
--          casework_succession_escalation_id_*
-- caller   casework.escalation.retelling.unsaid
--
-- A turn that a merge ended goes on when that is undone. A notice that waits, was sent or was given up tells of its
-- rungs; where it failed since a person looks, but that no address was known ends when one is.
WITH reached AS MATERIALIZED (
    -- Of a city that has no addresses all rungs would be looked at each time.
    SELECT contact.office_id AS office FROM casework_contact AS contact WHERE contact.office_id IS NOT NULL
    UNION
    SELECT term.office_id
    FROM casework_contact AS contact
    JOIN boundaries_term AS term
        ON term.official_id = contact.official_id AND term.during @> casework_city_day(%(at)s::timestamptz)
)
SELECT escalation.id, turn.case_id AS report_id, turn.id AS turn_id, escalation.number, escalation.due_at,
    escalation.tier, turn.office_id AS office, coalesce(told.official_id, escalation.official_id) AS official_id,
    last.is_nowhere
FROM casework_escalation AS escalation
JOIN casework_turn AS turn ON turn.id = escalation.turn_id
JOIN reports_report AS report ON report.id = turn.case_id
    AND (report.status <> 'withdrawn' OR report.id IN (SELECT led.problem FROM casework_led(%(at)s) AS led))
LEFT JOIN LATERAL (
    SELECT succession.official_id
    FROM casework_succession AS succession
    WHERE succession.escalation_id = escalation.id
    ORDER BY succession.id DESC
    LIMIT 1
) AS told ON true
JOIN (
    SELECT noted.escalation_id, max(noted.id) AS evidence_id,
        (array_agg(noted.is_nowhere ORDER BY noted.id DESC))[1] AS is_nowhere
    FROM (
        SELECT evidence.escalation_id, evidence.id, false AS is_nowhere
        FROM casework_evidence AS evidence
        WHERE evidence.kind = 'withdrawn' AND evidence.note = ANY (%(notes)s)
        UNION ALL
        SELECT evidence.escalation_id, evidence.id, true
        FROM casework_evidence AS evidence
        WHERE evidence.kind = 'failed' AND evidence.note = %(nowhere)s
    ) AS noted
    GROUP BY noted.escalation_id
) AS last ON last.escalation_id = escalation.id
WHERE (%(escalations)s::bigint[] IS NULL OR escalation.id = ANY (%(escalations)s::bigint[]))
  AND (turn.answered_at IS NULL OR turn.answered_at > %(at)s) AND (turn.ended_at IS NULL OR turn.ended_at > %(at)s)
  AND (
      NOT last.is_nowhere
      OR escalation.office_id IN (SELECT reached.office FROM reached)
      OR (escalation.tier IS NULL AND EXISTS (
          SELECT
          FROM casework_contact AS contact
          WHERE contact.office_id IS NULL AND contact.official_id IS NULL
      ))
  )
  AND NOT EXISTS (
      SELECT
      FROM casework_evidence AS evidence
      WHERE evidence.escalation_id = escalation.id
        AND (evidence.kind = 'sent' OR (evidence.kind = 'failed' AND evidence.id > last.evidence_id))
  )
  AND NOT EXISTS (
      SELECT
      FROM casework_notice_escalations AS told_of
      JOIN casework_notice AS notice ON notice.id = told_of.notice_id
      WHERE told_of.escalation_id = escalation.id AND notice.withdrawn_at IS NULL
  )
ORDER BY escalation.id
