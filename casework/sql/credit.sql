-- credit: let turns be answered that had ended when we heard of it, but not when it was said, or sooner than we knew.
--
-- params   %(after)s, %(until)s bigint: of reports whose trace has steps with an id behind the one, up to the other
-- returns  credited bigint, one row
-- index    reports_sourceupdate_pkey, report_identity, casework_case_pkey, turn_identity,
--          change_of_case, source_update_identity (channel, external_id, digest)
-- caller   casework.routing.turns._credit
--
-- Whose turn it was when the channel said so has answered, whoever has the case since; a turn that began behind it
-- found the case answered, and is so from its beginning. What was said before a dispute does not answer what follows.
-- Of what was said in the time of a turn the first word counts, whichever was heard first.
-- What is said of a report since it was merged is said of what leads it then, too, where it was the same office's, or
-- only the unit's.
WITH said AS MATERIALIZED (
    SELECT report.id, report.channel, report.external_id, min(least(step.at, step.fetched_at)) AS first_at
    FROM reports_sourceupdate AS step
    JOIN reports_report AS report ON report.channel = step.channel AND report.external_id = step.external_id
    WHERE step.id > %(after)s AND step.id <= %(until)s AND step.status IN ('in_progress', 'done')
    GROUP BY report.id
), voice AS MATERIALIZED (
    SELECT said.id AS case_id, said.id AS said_of, said.channel, said.external_id, said.first_at,
        '-infinity'::timestamptz AS since, NULL::timestamptz AS until
    FROM said
    UNION ALL
    SELECT spoken.case_id, said.id, said.channel, said.external_id, said.first_at, spoken.since, spoken.until
    FROM said
    JOIN casework_case AS member ON member.report_id = said.id AND member.state_id = 'duplicate'
    CROSS JOIN LATERAL casework_speaks_for(said.id) AS spoken
), credited AS (
    UPDATE casework_turn AS turn
    SET answered_at = greatest(heard.at, turn.began_at)
    FROM (
        SELECT ended.id, min(first.at) AS at
        FROM voice
        CROSS JOIN LATERAL (
            SELECT turn.id, turn.case_id, turn.office_id, turn.began_at, turn.answered_at, turn.ended_at
            FROM casework_turn AS turn
            WHERE turn.case_id = voice.case_id AND turn.began_at IS NOT NULL
              -- Most were answered by the very word.
              AND CASE
                  WHEN turn.answered_at IS NULL THEN turn.ended_at IS NOT NULL
                  ELSE voice.first_at < turn.answered_at
              END
            -- Looked up for each: joined to a union, all turns are read.
            OFFSET 0
        ) AS ended
        CROSS JOIN LATERAL (
            SELECT min(known.at) AS at
            FROM reports_sourceupdate AS step
            -- By a clock that is ahead it is when we heard of it.
            CROSS JOIN LATERAL (SELECT least(step.at, step.fetched_at) AS at) AS known
            WHERE step.channel = voice.channel AND step.external_id = voice.external_id AND known.at > voice.since
              AND (voice.until IS NULL OR known.at < voice.until)
              AND step.status IN ('in_progress', 'done')
              AND known.at > casework_asked_since(ended.case_id, ended.began_at)
              -- What was answered in its time did not come answered.
              AND (ended.answered_at IS NULL OR known.at > ended.began_at)
        ) AS first
        WHERE first.at < least(ended.answered_at, ended.ended_at) AND (
            voice.said_of = voice.case_id
            OR ended.office_id IS NOT DISTINCT FROM coalesce((
                SELECT turn.office_id
                FROM casework_turn AS turn
                WHERE turn.case_id = voice.said_of AND turn.began_at IS NOT NULL
                ORDER BY turn.number DESC
                LIMIT 1
            ), ended.office_id)
        )
        GROUP BY ended.id
    ) AS heard
    -- Another run may have found an earlier word meanwhile.
    WHERE turn.id = heard.id AND (turn.answered_at IS NULL OR turn.answered_at > heard.at)
    RETURNING turn.id
)
SELECT count(*) AS credited
FROM credited
