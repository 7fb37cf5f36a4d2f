-- change: take steps with many cases at once, and say of each that could not why.
--
-- params   %(batch)s jsonb array of objects: report_id, to_state, text, seen (the state that was seen, or null),
--          at (when its source says that it was taken, or null: it is taken now); %(by)s text, %(permissions)s text array,
--          %(at)s instant: now
-- returns  report_id bigint, from_state, permission; reason: null where the step was taken, else one of
--          absent, busy, moved, no_transition, merged, not_permitted, leads, no_text, no_choice, no_offer
-- index    casework_case_pkey, transition_identity, casework_alternative_case_id_*, casework_choice_alternative_id_*,
--          turn_offered, turn_running, change_of_case
-- caller   casework.steps.workflow.change
--
-- A case that another session has in hand is not waited for. Of two that look at the same state one has the lock,
-- and the other is busy or finds the case moved: both never take the step.
--
-- A step that was taken elsewhere keeps when its source says that it was; in the case's history it comes behind the
-- step before it and the beginning of the turn. A clock that says the future is wrong: then it counts as of now.
WITH wanted AS (
    SELECT item.*
    FROM jsonb_to_recordset(%(batch)s::jsonb) AS item (
        report_id bigint, to_state text, text text, seen text, at timestamptz
    )
), held AS (
    SELECT held.report_id, held.state_id, held.since
    FROM casework_case AS held
    WHERE held.report_id IN (SELECT wanted.report_id FROM wanted)
    ORDER BY held.report_id
    FOR UPDATE SKIP LOCKED
), judged AS (
    SELECT wanted.report_id, wanted.to_state, coalesce(wanted.text, '') AS text, held.state_id AS from_state,
        allowed.permission,
        CASE WHEN wanted.at <= %(at)s THEN wanted.at END AS said_at,
        CASE
            WHEN wanted.at <= %(at)s THEN least(%(at)s, greatest(wanted.at, held.since, running.began_at, (
                -- What was undone is there since before, and goes on behind its undoing.
                SELECT max(change.at) FROM casework_change AS change WHERE change.case_id = held.report_id
            )))
            ELSE %(at)s
        END AS at,
        CASE
            WHEN held.report_id IS NULL AND known.report_id IS NULL THEN 'absent'
            WHEN held.report_id IS NULL THEN 'busy'
            WHEN wanted.seen <> held.state_id THEN 'moved'
            WHEN NOT EXISTS (
                SELECT
                FROM casework_transition AS transition
                WHERE transition.from_state_id = held.state_id AND transition.to_state_id = wanted.to_state
            ) THEN 'no_transition'
            -- Where the lead is in hand, nothing moves the report that was merged into it.
            WHEN held.state_id = 'duplicate' AND casework_lead(held.report_id) <> held.report_id THEN 'merged'
            WHEN allowed.permission IS NULL AND held.state_id = 'returned' AND wanted.to_state = 'assigned'
                AND 'answer' = ANY (%(permissions)s) THEN 'no_offer'
            WHEN allowed.permission IS NULL THEN 'not_permitted'
            WHEN wanted.to_state = 'duplicate'
                AND wanted.report_id IN (SELECT led.problem FROM casework_led(%(at)s) AS led) THEN 'leads'
            WHEN allowed.needs_text AND coalesce(wanted.text, '') !~ '[^[:space:]]' THEN 'no_text'
            WHEN wanted.to_state = 'decided' AND NOT EXISTS (
                SELECT
                FROM casework_choice AS choice
                JOIN casework_alternative AS alternative ON alternative.id = choice.alternative_id
                WHERE alternative.case_id = held.report_id AND choice.at >= held.since
            ) THEN 'no_choice'
        END AS reason
    FROM wanted
    LEFT JOIN held ON held.report_id = wanted.report_id
    LEFT JOIN casework_case AS known ON known.report_id = wanted.report_id
    LEFT JOIN casework_turn AS running
        ON running.case_id = held.report_id AND running.began_at IS NOT NULL AND running.ended_at IS NULL
    LEFT JOIN LATERAL (
        SELECT transition.permission, transition.needs_text
        FROM casework_transition AS transition
        WHERE transition.from_state_id = held.state_id AND transition.to_state_id = wanted.to_state
          AND transition.permission = ANY (%(permissions)s)
          -- An office takes a case that was passed on where it is offered to one.
          AND (
              (transition.from_state_id, transition.to_state_id, transition.permission)
                  <> ('returned', 'assigned', 'answer')
              OR EXISTS (
                  SELECT
                  FROM casework_turn AS offer
                  WHERE offer.case_id = held.report_id AND offer.office_id IS NOT NULL
                    AND offer.began_at IS NULL AND offer.ended_at IS NULL
              )
          )
        ORDER BY transition.needs_text, transition.permission
        LIMIT 1
    ) AS allowed ON true
), taken AS (
    INSERT INTO casework_change (case_id, from_state_id, to_state_id, permission, by, at, said_at, text)
    SELECT judged.report_id, judged.from_state, judged.to_state, judged.permission, %(by)s, judged.at, judged.said_at,
        judged.text
    FROM judged
    WHERE judged.reason IS NULL
)
SELECT judged.report_id, judged.from_state, judged.permission, judged.reason
FROM judged
