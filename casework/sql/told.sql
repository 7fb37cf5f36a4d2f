-- told: the steps that follow from what the channels of some cases say.
--
-- params   %(limit)s integer, at most so many
-- returns  report_id bigint, to_state, seen, channel; at: when the source says that it was so first, since the case
--          is as it is; null where no step of the trace says
-- index    case_by_state (state_id, report_id), reports_report_pkey, report_open, casework_case_pkey, change_of_case,
--          source_update_identity (channel, external_id, digest)
-- caller   casework.workflow.follow
--
-- An office that answers on its own channel has answered. Who reopens a report there disputes what the channel had
-- said itself; what staff of the unit resolved is not undone by it. A report that its author deleted is nobody's turn
-- any more; one that is there again is the unit's to look at.
(
    SELECT held.report_id, said.to_state, held.state_id AS seen, report.channel, step.at
    FROM casework_transition AS transition
    JOIN casework_case AS held ON held.state_id = transition.from_state_id
    JOIN reports_report AS report ON report.id = held.report_id
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN report.status = 'withdrawn' THEN 'withdrawn'
            WHEN held.state_id = 'withdrawn' THEN 'selected'
            WHEN report.status = 'done' THEN 'resolved'
            WHEN report.status = 'in_progress' THEN 'answered'
        END AS to_state
    ) AS said
    CROSS JOIN LATERAL (
        SELECT coalesce(min(step.at) FILTER (WHERE step.at > held.since), max(step.at)) AS at
        FROM reports_sourceupdate AS step
        WHERE step.channel = report.channel AND step.external_id = report.external_id
          AND step.status = report.status
    ) AS step
    WHERE transition.permission = 'follow' AND transition.to_state_id = said.to_state
      -- What was disputed was said before; what the office says since is another answer.
      AND (
          held.state_id <> 'disputed' OR said.to_state NOT IN ('answered', 'resolved') OR step.at > held.since
      )
)
UNION ALL
(
    SELECT held.report_id, 'disputed', held.state_id, report.channel, step.at
    FROM reports_report AS report
    JOIN casework_case AS held ON held.report_id = report.id AND held.state_id = 'resolved'
    CROSS JOIN LATERAL (
        SELECT change.permission
        FROM casework_change AS change
        WHERE change.case_id = report.id
        ORDER BY change.id DESC
        LIMIT 1
    ) AS last
    CROSS JOIN LATERAL (
        SELECT coalesce(min(step.at) FILTER (WHERE step.at > held.since), max(step.at)) AS at
        FROM reports_sourceupdate AS step
        WHERE step.channel = report.channel AND step.external_id = report.external_id
          AND step.status = report.status
    ) AS step
    WHERE report.status NOT IN ('done', 'withdrawn') AND last.permission = 'follow'
)
ORDER BY report_id
LIMIT %(limit)s
