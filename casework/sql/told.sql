-- told: of some cases the next step that follows from what their channels say, in the order in which they say it.
--
-- params   %(after)s bigint: steps of traces with a greater id are looked at, and all cases whose state is not what
--          their report's status says; %(limit)s integer, at most so many; %(at)s instant: now
-- returns  report_id bigint, to_state, seen, channel: which said it; at: when the source says that it was so, or when
--          we heard of it, where its clock says the future; null where no step of the trace says
-- index    case_by_state (state_id, report_id), reports_report_pkey, report_open, casework_case_pkey, change_of_case,
--          source_update_identity (channel, external_id, digest), reports_sourceupdate_pkey, report_identity,
--          casework_merge_into_id_*, member_identity, casework_unmerge_pkey, turn_identity
-- caller   casework.steps.workflow.follow
--
-- An office that answers on its own channel has answered. Who reopens a report there disputes what the channel had
-- said itself; what staff of the unit resolved is not undone by it. A report that its author deleted is nobody's turn
-- any more; one that is there again is the unit's to look at.
--
-- What is said of a report since it was merged is said of the one that leads its cluster: an answer, where both were the
-- same office's; a reopening, where that channel had said that it is done. A lead that its author deleted is others'
-- problem too: it is withdrawn when it leads nothing any more.
--
-- Each step of a trace counts once: behind the last that was told, and behind the last dispute, for what was disputed
-- was said before. Of steps of one instant the one by which the report's status goes. By a clock that says the future
-- it is when we heard of it, which stands still: as of now it would be behind each dispute until then.
WITH asked AS MATERIALIZED (
    SELECT held.report_id
    FROM casework_transition AS transition
    JOIN casework_case AS held ON held.state_id = transition.from_state_id
    JOIN reports_report AS report ON report.id = held.report_id
    -- Not of what is resolved, which is most of all.
    WHERE transition.permission = 'follow' AND held.state_id <> 'resolved' AND transition.to_state_id = CASE
        WHEN held.state_id = 'withdrawn' AND EXISTS (
            SELECT
            FROM casework_merge AS merged
            WHERE merged.into_id = held.report_id
              AND NOT EXISTS (SELECT FROM casework_unmerge AS undone WHERE undone.merge_id = merged.id)
        ) THEN 'selected'
        WHEN report.status = 'withdrawn' THEN 'withdrawn'
        WHEN held.state_id = 'withdrawn' THEN 'selected'
        WHEN report.status = 'done' THEN 'resolved'
        WHEN report.status = 'in_progress' THEN 'answered'
    END
    UNION
    SELECT held.report_id
    FROM reports_report AS report
    JOIN casework_case AS held ON held.report_id = report.id AND held.state_id = 'resolved'
    WHERE report.status NOT IN ('done', 'withdrawn')
    UNION
    -- The last word is not all that a channel says: done, reopened and done again it is done.
    SELECT CASE WHEN held.state_id = 'duplicate' THEN casework_lead(held.report_id) ELSE held.report_id END
    FROM reports_sourceupdate AS step
    JOIN reports_report AS report ON report.channel = step.channel AND report.external_id = step.external_id
    JOIN casework_case AS held ON held.report_id = report.id
    WHERE step.id > %(after)s AND step.status IS NOT NULL
), asked_lead AS MATERIALIZED (
    -- Of these alone the members are looked up, and not of all there ever were.
    SELECT DISTINCT merged.into_id AS report_id
    FROM asked
    JOIN casework_merge AS merged ON merged.into_id = asked.report_id
    WHERE NOT EXISTS (SELECT FROM casework_unmerge AS undone WHERE undone.merge_id = merged.id)
), voice AS MATERIALIZED (
    SELECT asked.report_id, asked.report_id AS said_of, true AS is_own, '-infinity'::timestamptz AS since,
        asked.report_id IN (SELECT asked_lead.report_id FROM asked_lead) AS leads, true AS answers
    FROM asked
    UNION ALL
    -- What was the unit's had no office yet: whoever answers there answers for the lead's.
    SELECT asked_lead.report_id, member.report_id, false, spoken.since, true,
        coalesce(own.office_id, lead.office_id) IS NOT DISTINCT FROM lead.office_id
    FROM asked_lead
    LEFT JOIN LATERAL (
        SELECT turn.office_id
        FROM casework_turn AS turn
        WHERE turn.case_id = asked_lead.report_id AND turn.began_at IS NOT NULL
        ORDER BY turn.number DESC
        LIMIT 1
    ) AS lead ON true
    CROSS JOIN LATERAL casework_members(asked_lead.report_id) AS member
    JOIN casework_speaks_for(member.report_id) AS spoken ON spoken.case_id = asked_lead.report_id
    LEFT JOIN LATERAL (
        SELECT turn.office_id
        FROM casework_turn AS turn
        WHERE turn.case_id = member.report_id AND turn.began_at IS NOT NULL
        ORDER BY turn.number DESC
        LIMIT 1
    ) AS own ON true
    WHERE member.depth > 0
)
SELECT DISTINCT ON (held.report_id)
    held.report_id, next.to_state, held.state_id AS seen, report.channel,
    -- While it led others its turn went on, and while it was merged it was a duplicate: deleted then it ends now.
    CASE
        WHEN next.to_state <> 'withdrawn' OR NOT EXISTS (
            SELECT
            FROM casework_merge AS merged
            JOIN casework_unmerge AS undone ON undone.merge_id = merged.id AND undone.at > next.at
            WHERE merged.at <= next.at AND (merged.into_id = held.report_id OR merged.id IN (
                SELECT member.merge_id FROM casework_member AS member WHERE member.case_id = held.report_id
            ))
        ) THEN next.at
    END AS at
FROM voice
JOIN casework_case AS held ON held.report_id = voice.report_id
JOIN reports_report AS report ON report.id = voice.said_of
CROSS JOIN LATERAL (
    SELECT coalesce(
            max(coalesce(change.said_at, change.at))
                FILTER (WHERE change.permission = 'follow' OR change.to_state_id = 'disputed'),
            '-infinity'
        ) AS told_at,
        coalesce(
            max(coalesce(change.said_at, change.at)) FILTER (WHERE change.to_state_id = 'disputed'), '-infinity'
        ) AS disputed_at,
        coalesce(
            max(coalesce(change.said_at, change.at)) FILTER (WHERE change.to_state_id = 'withdrawn'), '-infinity'
        ) AS withdrawn_at,
        (array_agg(change.permission ORDER BY change.id DESC))[1] AS by,
        (array_agg(change.said_at ORDER BY change.id DESC))[1] AS said_at
    FROM casework_change AS change
    -- What an unmerge takes back to "disputed" was disputed before.
    WHERE change.case_id = held.report_id AND change.permission <> 'merge'
) AS history
CROSS JOIN LATERAL (
    SELECT said.at, reached.to_state
    FROM (
        SELECT step.at, step.status,
            coalesce(lag(step.status) OVER (ORDER BY step.at) IN ('done', 'withdrawn'), false) AS was_done,
            lead(step.status) OVER (ORDER BY step.at) IS NULL AS is_last
        FROM (
            SELECT DISTINCT ON (known.at) known.at, step.status
            FROM reports_sourceupdate AS step
            CROSS JOIN LATERAL (SELECT least(step.at, step.fetched_at, %(at)s) AS at) AS known
            WHERE step.channel = report.channel AND step.external_id = report.external_id
              AND step.status IS NOT NULL
            ORDER BY known.at, step.status = 'withdrawn' DESC, step.at DESC, step.digest DESC
        ) AS step
        UNION ALL
        -- A status without a trace, and one that is there again, is said by nobody at no time.
        SELECT NULL, report.status, false, true
        WHERE voice.is_own AND (held.state_id = 'withdrawn' OR NOT EXISTS (
            SELECT
            FROM reports_sourceupdate AS step
            WHERE step.channel = report.channel AND step.external_id = report.external_id
              AND step.status IS NOT NULL
        ))
    ) AS said
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN said.status = 'withdrawn' AND report.status = 'withdrawn' AND NOT voice.leads THEN 'withdrawn'
            WHEN held.state_id = 'withdrawn' THEN CASE WHEN said.at IS NULL THEN 'selected' END
            WHEN said.status = 'withdrawn' THEN NULL
            WHEN said.status = 'done' THEN CASE WHEN voice.answers THEN 'resolved' END
            -- What was resolved without a time was so by a status without a trace; of a lead it may have been another's.
            WHEN held.state_id = 'resolved' THEN CASE
                WHEN history.by = 'follow' AND report.status <> 'withdrawn'
                    AND (said.was_done OR NOT voice.leads AND history.said_at IS NULL)
                    THEN 'disputed'
            END
            WHEN said.status = 'in_progress' THEN CASE WHEN voice.answers THEN 'answered' END
        END AS to_state
    ) AS reached
    JOIN casework_transition AS transition
        ON transition.from_state_id = held.state_id AND transition.to_state_id = reached.to_state
        AND transition.permission = 'follow'
    WHERE said.at > greatest(history.told_at, voice.since)
       -- It led others when its author deleted it, and does so no more.
       OR (reached.to_state = 'withdrawn' AND said.at > history.withdrawn_at)
       -- Work that another channel tells of does not undo what this one said before to be done, and we heard later.
       OR (reached.to_state = 'resolved' AND held.state_id = 'answered' AND voice.leads AND history.by = 'follow'
           AND said.is_last AND said.at > greatest(history.disputed_at, voice.since))
       OR (said.at IS NULL AND (history.disputed_at = '-infinity' OR reached.to_state IN ('withdrawn', 'selected')))
    ORDER BY said.at
    LIMIT 1
) AS next
ORDER BY held.report_id, next.at, next.to_state DESC
LIMIT %(limit)s
