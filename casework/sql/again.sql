-- again: begin the next turn of cases that are open anew: disputed, or closed no longer.
--
-- params   %(cases)s bigint array, or null: of all; %(after)s bigint: only of reports with a greater id, %(limit)s
--          integer: of so many at most; %(at)s instant: now, null: nothing was heard of late
-- returns  began bigint; last bigint: the greatest id of those that were looked at, null: there was none; one row
-- index    case_by_state (state_id, report_id), turn_running, turn_identity
-- caller   casework.routing.turns.again
--
-- It is the turn of the office that had it last: the same hop, another clock. It begins when the source says that the
-- case was disputed, and is offered when we hear of it: so long the clock stands still. Open cases alone are read, and
-- of those without a running clock the last turn.
WITH resting AS MATERIALIZED (
    SELECT held.report_id, held.state_id, held.since
    FROM casework_case AS held
    JOIN casework_state AS state ON state.code = held.state_id AND state.open311 = 'open'
    WHERE (%(cases)s::bigint[] IS NULL OR held.report_id = ANY (%(cases)s::bigint[]))
      AND held.report_id > %(after)s
      AND NOT EXISTS (
          SELECT
          FROM casework_turn AS turn
          WHERE turn.case_id = held.report_id AND turn.began_at IS NOT NULL AND turn.ended_at IS NULL
      )
    ORDER BY held.report_id
    LIMIT %(limit)s
), due AS MATERIALIZED (
    SELECT last.*, resting.since, resting.state_id,
        (SELECT max(turn.number) + 1 FROM casework_turn AS turn WHERE turn.case_id = last.case_id) AS next
    FROM resting
    CROSS JOIN LATERAL (
        SELECT turn.case_id, turn.hop, turn.office_id, turn.rule_id, turn.explanation
        FROM casework_turn AS turn
        WHERE turn.case_id = resting.report_id AND turn.began_at IS NOT NULL
        ORDER BY turn.number DESC
        LIMIT 1
    ) AS last
), began AS (
    INSERT INTO casework_turn (
        case_id, number, hop, office_id, rule_id, explanation, offered_at, began_at
    )
    SELECT due.case_id, due.next, due.hop, due.office_id, due.rule_id,
        due.explanation || jsonb_build_object('again', due.state_id), greatest(due.since, %(at)s::timestamptz), due.since
    FROM due
    ORDER BY due.case_id
    ON CONFLICT DO NOTHING
    RETURNING case_id
)
SELECT (SELECT count(*) FROM began) AS began, (SELECT max(resting.report_id) FROM resting) AS last
