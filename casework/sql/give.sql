-- give: end what turns cases have, and begin that of another office, decided anew.
--
-- params   %(batch)s jsonb array of objects: case_id, office_id (null: the unit), rule_id, explanation;
--          %(at)s instant
-- returns  case_id bigint of each that was given
-- index    turn_identity, turn_running, turn_offered, casework_case_pkey
-- caller   casework.routing.turns.give
--
-- What somebody has in hand is left for the next time. Whoever was asked whether they take it is asked no longer: a
-- case that was returned is so no longer, for an office has it, or the unit anew. Rules alone give such a case; what
-- the unit gives it has assigned before.
WITH item AS MATERIALIZED (
    SELECT item.*
    FROM jsonb_to_recordset(%(batch)s::jsonb) AS item (
        case_id bigint, office_id text, rule_id bigint, explanation jsonb
    )
), held AS MATERIALIZED (
    SELECT held.report_id, held.state_id
    FROM casework_case AS held
    WHERE held.report_id IN (SELECT item.case_id FROM item)
    ORDER BY held.report_id
    FOR UPDATE SKIP LOCKED
), ended AS (
    UPDATE casework_turn AS turn
    SET ended_at = %(at)s, ended_by = CASE WHEN turn.began_at IS NULL THEN 'not_taken' ELSE 'rerouted' END
    WHERE turn.ended_at IS NULL AND turn.answered_at IS NULL
      AND turn.case_id IN (SELECT held.report_id FROM held)
    RETURNING turn.case_id
), next AS MATERIALIZED (
    -- Of those that had one: a case that was answered or closed meanwhile is given to nobody.
    SELECT of_case.case_id, max(of_case.number) + 1 AS number
    FROM casework_turn AS of_case
    WHERE of_case.case_id IN (SELECT ended.case_id FROM ended)
    GROUP BY of_case.case_id
), given AS (
    INSERT INTO casework_turn (
        case_id, number, office_id, rule_id, explanation, offered_at, began_at
    )
    SELECT item.case_id, next.number, item.office_id, item.rule_id, item.explanation, %(at)s, %(at)s
    FROM next
    JOIN item ON item.case_id = next.case_id
    ORDER BY item.case_id
    RETURNING case_id, office_id
), returned AS (
    INSERT INTO casework_change (case_id, from_state_id, to_state_id, permission, by, at, text)
    SELECT given.case_id, held.state_id, CASE WHEN given.office_id IS NULL THEN 'selected' ELSE 'assigned' END,
        'rules', '', %(at)s, ''
    FROM given
    JOIN held ON held.report_id = given.case_id
    WHERE held.state_id = 'returned'
)
SELECT given.case_id
FROM given
