-- told_by_notice: how it stands at an instant with what a notice tells of, and with whom it addresses.
--
-- params   %(notice)s id; %(at)s instant
-- returns  one row for each of its escalations, and for each turn of a dispute: escalation_id (null: it tells of the
--          dispute), turn_id, case_id, tier of who is told, office whose turn it is; answered_at, ended_at of the turn;
--          official_id: who is told; holder_id: who holds their office on that day in the city (both null where it does
--          not matter who); is_told: it was sent to somebody, or a later notice tells it
-- index    casework_notice_escalations_notice_id_*, casework_notice_turns_notice_id_*, casework_turn_pkey,
--          casework_succession_escalation_id_*, casework_evidence_escalation_id_*
-- caller   casework.escalation.standing.of
--
-- The governor's office is told, be it held or not: a succession may name nobody.
SELECT escalation.id AS escalation_id, turn.id AS turn_id, turn.case_id, escalation.tier, turn.office_id AS office,
    turn.answered_at, turn.ended_at, told.official_id,
    CASE WHEN told.official_id IS NOT NULL THEN casework_holder(escalation.office_id, %(at)s) END AS holder_id,
    EXISTS (
        SELECT
        FROM casework_evidence AS evidence
        WHERE evidence.escalation_id = escalation.id AND evidence.kind = 'sent'
    ) OR EXISTS (
        SELECT
        FROM casework_notice_escalations AS other
        JOIN casework_notice AS later ON later.id = other.notice_id AND later.created_at > notice.created_at
        WHERE other.escalation_id = escalation.id
    ) AS is_told
FROM casework_notice AS notice
JOIN casework_notice_escalations AS told_of ON told_of.notice_id = notice.id
JOIN casework_escalation AS escalation ON escalation.id = told_of.escalation_id
JOIN casework_turn AS turn ON turn.id = escalation.turn_id
CROSS JOIN LATERAL (
    SELECT one.official_id
    FROM (
        SELECT 0 AS id, escalation.official_id
        UNION ALL
        SELECT succession.id, succession.official_id
        FROM casework_succession AS succession
        WHERE succession.escalation_id = escalation.id AND succession.at <= notice.created_at
    ) AS one
    ORDER BY one.id DESC
    LIMIT 1
) AS told
WHERE notice.id = %(notice)s
UNION ALL
SELECT NULL, turn.id, turn.case_id, NULL, turn.office_id, turn.answered_at, turn.ended_at,
    notice.official_id, casework_holder(turn.office_id, %(at)s),
    EXISTS (
        SELECT
        FROM casework_notice_turns AS other
        JOIN casework_notice AS later ON later.id = other.notice_id AND later.created_at > notice.created_at
        WHERE other.turn_id = turn.id
    )
FROM casework_notice AS notice
JOIN casework_notice_turns AS told_of ON told_of.notice_id = notice.id
JOIN casework_turn AS turn ON turn.id = told_of.turn_id
WHERE notice.id = %(notice)s
ORDER BY escalation_id, turn_id
