-- chosen: the cases that the unit has just assigned to an office whose turn it is not.
--
-- params   %(cases)s bigint array
-- returns  case_id bigint, office_id: whom the chosen alternative names, by: who assigned it
-- index    casework_case_pkey, change_of_case, casework_alternative_case_id_*, casework_choice_alternative_id_*
-- caller   casework.routing.turns.follow_choices
SELECT held.report_id AS case_id, choice.who_id AS office_id, last.by
FROM casework_case AS held
CROSS JOIN LATERAL (
    SELECT change.from_state_id, change.by
    FROM casework_change AS change
    WHERE change.case_id = held.report_id
    ORDER BY change.id DESC
    LIMIT 1
) AS last
CROSS JOIN LATERAL (
    SELECT alternative.who_id
    FROM casework_alternative AS alternative
    JOIN casework_choice AS choice ON choice.alternative_id = alternative.id
    WHERE alternative.case_id = held.report_id
    ORDER BY choice.id DESC
    LIMIT 1
) AS choice
JOIN casework_turn AS turn ON turn.case_id = held.report_id AND turn.began_at IS NOT NULL AND turn.ended_at IS NULL
WHERE held.report_id = ANY (%(cases)s)
  AND held.state_id = 'assigned' AND last.from_state_id = 'decided'
  AND choice.who_id <> coalesce(turn.office_id, '')
ORDER BY held.report_id
