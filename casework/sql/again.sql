-- again: begin the next turn of cases that are open anew: disputed, or closed no longer.
--
-- params   %(cases)s bigint array, or null: of all; %(zone)s time zone of the city
-- returns  began bigint, one row
-- index    turn_identity, casework_case_pkey, one_official_at_a_time
-- caller   casework.turns.again
--
-- It is the turn of the office that had it last, at whoever holds it that day: the same hop, another clock.
WITH last AS MATERIALIZED (
    SELECT DISTINCT ON (turn.case_id) turn.case_id, turn.number, turn.hop, turn.office_id, turn.rule_id,
        turn.explanation, turn.ended_at
    FROM casework_turn AS turn
    WHERE turn.began_at IS NOT NULL
      AND (%(cases)s::bigint[] IS NULL OR turn.case_id = ANY (%(cases)s::bigint[]))
    ORDER BY turn.case_id, turn.number DESC
), due AS MATERIALIZED (
    SELECT last.*, held.since, held.state_id,
        (SELECT max(turn.number) + 1 FROM casework_turn AS turn WHERE turn.case_id = last.case_id) AS next
    FROM last
    JOIN casework_case AS held ON held.report_id = last.case_id
    JOIN casework_state AS state ON state.code = held.state_id
    WHERE last.ended_at IS NOT NULL AND state.open311 = 'open'
), began AS (
    INSERT INTO casework_turn (
        case_id, number, hop, office_id, official_id, acting, rule_id, explanation, offered_at, began_at
    )
    SELECT due.case_id, due.next, due.hop, due.office_id, term.official_id, coalesce(term.acting, false),
        due.rule_id, due.explanation || jsonb_build_object('again', due.state_id), due.since, due.since
    FROM due
    LEFT JOIN boundaries_term AS term
        ON term.office_id = due.office_id AND term.during @> (due.since AT TIME ZONE %(zone)s)::date
    ORDER BY due.case_id
    ON CONFLICT DO NOTHING
    RETURNING case_id
)
SELECT count(*) AS began
FROM began
