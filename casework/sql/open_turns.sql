-- open_turns: begin the first turn of cases that have none, by the rules.
--
-- params   %(after)s bigint: reports with a greater id; %(limit)s integer, at most so many;
--          %(near_m)s metres within which a border is near
-- returns  opened bigint, last bigint: how many, and the greatest id of them; one row
-- index    casework_case_pkey, turn_identity, reports_report_pkey, change_of_case
-- caller   casework.routing.turns.begin
--
-- A case that took steps before it had a turn began when its report came: when the office answered and when
-- it ended is what its changes say. Decided is once for each kind of problem and place, and not for each report.
-- Due dates by the hour are set at once: another statement has those by working days, and those of what stood still.
WITH sought AS MATERIALIZED (
    SELECT held.report_id, held.state_id, held.since
    FROM casework_case AS held
    WHERE held.report_id > %(after)s
      AND NOT EXISTS (SELECT FROM casework_turn AS turn WHERE turn.case_id = held.report_id)
    ORDER BY held.report_id
    LIMIT %(limit)s
), told AS MATERIALIZED (
    SELECT sought.report_id, sought.since, report.edition_id, report.category_id, report.kelurahan_code,
        report.placed_by, report.border_m, report.neighbour_code, report.office_id AS report_office_id,
        coalesce(report.border_m <= %(near_m)s, false) AS is_near, state.family, state.open311,
        began.at AS began_at,
        CASE WHEN history.said_at IS NOT NULL THEN greatest(history.said_at, began.at) END AS answered_at
    FROM sought
    JOIN reports_report AS report ON report.id = sought.report_id
    JOIN casework_state AS state ON state.code = sought.state_id
    CROSS JOIN LATERAL (
        SELECT min(change.at) AS first_at,
            min(coalesce(change.said_at, change.at)) FILTER (WHERE reached.family IN ('answered', 'resolved')) AS said_at
        FROM casework_change AS change
        JOIN casework_state AS reached ON reached.code = change.to_state_id
        WHERE change.case_id = sought.report_id
    ) AS history
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN history.first_at IS NULL THEN sought.since
            ELSE least(report.received_at, history.first_at)
        END AS at
    ) AS began
), decided AS MATERIALIZED (
    -- Compared as texts: what may be null is not hashed, and all of them would be compared with all.
    SELECT place.category_id, place.is_near, coalesce(place.kelurahan_code, '') AS code,
        coalesce(place.neighbour_code, '') AS neighbour, decision.rule_id, decision.office_id,
        decision.level, decision.said
    FROM (SELECT DISTINCT category_id, kelurahan_code, neighbour_code, is_near FROM told) AS place
    CROSS JOIN LATERAL casework_decide(
        place.category_id, place.kelurahan_code, place.neighbour_code, place.is_near
    ) AS decision
), opened AS (
    INSERT INTO casework_turn (
        case_id, number, hop, office_id, rule_id, explanation, offered_at, began_at,
        deadline_id, due_at, answered_at, ended_at, ended_by
    )
    SELECT told.report_id, 0, 0, decided.office_id, decided.rule_id,
        decided.said || jsonb_build_object(
            'decided_by', 'rules',
            'edition', told.edition_id,
            'category', told.category_id,
            'polygon', told.kelurahan_code,
            'placed_by', told.placed_by,
            'border_m', round(told.border_m::numeric, 1),
            'neighbour', told.neighbour_code,
            'is_near_border', told.is_near,
            'report_office', told.report_office_id
        ),
        told.began_at, told.began_at, deadline.id, CASE
            WHEN norm.unit = 'hours'
                AND NOT EXISTS (SELECT FROM casework_stops(told.report_id) AS stop)
            THEN told.began_at + make_interval(hours => norm.amount)
        END,
        told.answered_at,
        CASE WHEN told.open311 = 'closed' THEN told.since END,
        CASE WHEN told.open311 = 'closed' THEN CASE told.family WHEN 'resolved' THEN 'resolved' ELSE 'closed' END END
    FROM told
    JOIN decided
        ON decided.category_id = told.category_id AND decided.is_near = told.is_near
        AND decided.code = coalesce(told.kelurahan_code, '') AND decided.neighbour = coalesce(told.neighbour_code, '')
    LEFT JOIN LATERAL casework_deadline_of(
        told.category_id, decided.office_id, decided.level, told.began_at
    ) AS held ON true
    LEFT JOIN casework_deadline AS deadline ON deadline.id = held.deadline_id
    LEFT JOIN casework_norm AS norm ON norm.code = deadline.norm_id
    ON CONFLICT (case_id, number) DO NOTHING
    RETURNING case_id
)
SELECT count(*) AS opened, (SELECT max(sought.report_id) FROM sought) AS last
FROM opened
