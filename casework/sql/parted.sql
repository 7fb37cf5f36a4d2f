-- parted: let turns be answered by the first word that is left, where a merge that was undone took theirs away.
--
-- params   %(merge)s bigint: the merge, undone by now
-- returns  parted bigint, one row
-- index    casework_merge_pkey, casework_member_merge_id_*, reports_report_pkey, turn_identity, change_of_case,
--          source_update_identity (channel, external_id, digest)
-- caller   casework.duplicates.merging.unmerge
--
-- What was said of another problem is no answer to this one. Where nothing else answered the turn it stays as it is: the
-- case has gone on since, and whoever parts them disputes it.
WITH lead AS (
    SELECT merged.into_id AS case_id, merged.at AS since
    FROM casework_merge AS merged
    WHERE merged.id = %(merge)s
    UNION
    SELECT spoken.case_id, merged.at
    FROM casework_merge AS merged
    CROSS JOIN LATERAL casework_speaks_for(merged.into_id) AS spoken
    WHERE merged.id = %(merge)s
), answered AS (
    SELECT turn.id, turn.case_id, turn.office_id, turn.began_at, turn.answered_at, turn.ended_at,
        casework_asked_since(turn.case_id, turn.began_at) AS asked_at
    FROM lead
    JOIN casework_turn AS turn ON turn.case_id = lead.case_id AND turn.answered_at > lead.since
    WHERE EXISTS (
        SELECT
        FROM casework_member AS member
        CROSS JOIN LATERAL casework_members(member.case_id) AS parted
        JOIN reports_report AS report ON report.id = parted.report_id
        JOIN reports_sourceupdate AS step ON step.channel = report.channel AND step.external_id = report.external_id
        WHERE member.merge_id = %(merge)s AND step.status IN ('in_progress', 'done')
          AND greatest(least(step.at, step.fetched_at), turn.began_at) = turn.answered_at
    )
), voice AS (
    SELECT answered.id, answered.case_id AS said_of, '-infinity'::timestamptz AS since, NULL::timestamptz AS until
    FROM answered
    UNION ALL
    SELECT answered.id, member.report_id, spoken.since, spoken.until
    FROM answered
    CROSS JOIN LATERAL casework_members(answered.case_id) AS member
    JOIN casework_speaks_for(member.report_id) AS spoken ON spoken.case_id = answered.case_id
    WHERE member.depth > 0 AND answered.office_id IS NOT DISTINCT FROM coalesce((
        SELECT turn.office_id
        FROM casework_turn AS turn
        WHERE turn.case_id = member.report_id AND turn.began_at IS NOT NULL
        ORDER BY turn.number DESC
        LIMIT 1
    ), answered.office_id)
), word AS (
    SELECT voice.id, known.at
    FROM voice
    JOIN reports_report AS report ON report.id = voice.said_of
    JOIN reports_sourceupdate AS step ON step.channel = report.channel AND step.external_id = report.external_id
    CROSS JOIN LATERAL (SELECT least(step.at, step.fetched_at) AS at) AS known
    WHERE step.status IN ('in_progress', 'done') AND known.at > voice.since
      AND known.at < coalesce(voice.until, 'infinity')
    UNION ALL
    -- What the office said here, and on its own channel by a status without a trace.
    SELECT answered.id, change.at
    FROM answered
    JOIN casework_change AS change ON change.case_id = answered.case_id
        AND (change.permission = 'answer' OR (change.permission = 'follow' AND change.said_at IS NULL))
    JOIN casework_state AS state ON state.code = change.to_state_id AND state.family IN ('answered', 'resolved')
), heard AS (
    SELECT answered.id, min(greatest(word.at, answered.began_at)) AS at
    FROM answered
    JOIN word ON word.id = answered.id AND word.at > answered.asked_at
    WHERE word.at < coalesce(answered.ended_at, 'infinity')
    GROUP BY answered.id
), moved AS (
    UPDATE casework_turn AS turn
    SET answered_at = heard.at
    FROM heard
    WHERE turn.id = heard.id AND turn.answered_at < heard.at
    RETURNING turn.id
)
SELECT count(*) AS parted
FROM moved
