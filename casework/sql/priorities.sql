-- priorities: how urgent cases are, in points, and of what the points are made: the most urgent first.
--
-- params   %(ids)s bigint array: reports that have a case; %(at)s instant;
--          %(after_points)s integer and %(after)s bigint: the last of the page before, both null for the first;
--          %(limit)s integer
-- returns  id bigint, points integer, parts jsonb: array of objects part, key, count, points, none of them of
--          no points; by points descending, then id
-- index    reports_report_pkey, duplicate_candidate_identity, casework_duplicatecandidate_second_id_*,
--          turn_running, report_by_submitted, follower_identity
-- caller   casework.desk.priority.rank
--
-- One case and a whole work list are weighed by this very statement; the parts are told of the page alone. A
-- citizen who wrote often counts once. A flood is what reports of the category of that name tell of.
WITH sought AS MATERIALIZED (
    SELECT report.id, report.category_id, report.kelurahan_code, report.submitted_at, held.state_id,
        coalesce(nullif(report.author_hash, ''), report.id::text) AS citizen
    FROM unnest(%(ids)s::bigint[]) AS wanted (id)
    JOIN reports_report AS report ON report.id = wanted.id
    JOIN casework_case AS held ON held.report_id = wanted.id
), flooded AS MATERIALIZED (
    SELECT left(report.kelurahan_code, 8) AS kecamatan
    FROM reports_report AS report
    WHERE report.category_id = 'flood' AND report.status <> 'withdrawn'
      AND report.submitted_at <= %(at)s
      AND report.submitted_at > %(at)s - (
          SELECT hour.points * interval '1 hour' FROM casework_weight AS hour
          WHERE hour.part = 'flood_now' AND hour.key = 'hours'
      )
      AND report.kelurahan_code IS NOT NULL
    GROUP BY 1
    HAVING count(DISTINCT coalesce(nullif(report.author_hash, ''), report.id::text)) >= (
        SELECT least.points FROM casework_weight AS least WHERE least.part = 'flood_now' AND least.key = 'citizens'
    )
), pair AS MATERIALIZED (
    SELECT sought.id, sought.citizen, candidate.second_id AS other_id
    FROM sought
    JOIN casework_duplicatecandidate AS candidate ON candidate.first_id = sought.id AND candidate.apart_at IS NULL
    UNION ALL
    SELECT sought.id, sought.citizen, candidate.first_id
    FROM sought
    JOIN casework_duplicatecandidate AS candidate ON candidate.second_id = sought.id AND candidate.apart_at IS NULL
    UNION ALL
    -- What was merged into it, whatever made them seem the same.
    SELECT sought.id, sought.citizen, member.report_id
    FROM (SELECT DISTINCT merged.into_id FROM casework_merge AS merged) AS lead
    JOIN sought ON sought.id = lead.into_id
    CROSS JOIN LATERAL casework_members(lead.into_id) AS member
), heard AS MATERIALIZED (
    SELECT pair.id, pair.citizen, coalesce(nullif(other.author_hash, ''), other.id::text) AS other
    FROM pair
    JOIN reports_report AS other ON other.id = pair.other_id
    WHERE other.status <> 'withdrawn'
    UNION ALL
    SELECT sought.id, sought.citizen, concat_ws(' ', follower.channel, follower.external_id)
    FROM casework_follower AS follower
    JOIN sought ON sought.id = follower.report_id
), crowd AS MATERIALIZED (
    SELECT heard.id, count(DISTINCT heard.other) FILTER (WHERE heard.other <> heard.citizen) AS others
    FROM heard
    GROUP BY heard.id
), late AS MATERIALIZED (
    SELECT sought.id
    FROM sought
    JOIN casework_turn AS turn ON turn.case_id = sought.id
    WHERE turn.answered_at IS NULL AND turn.ended_at IS NULL AND turn.due_at < %(at)s
), counted AS MATERIALIZED (
    SELECT sought.id, sought.category_id, sought.state_id,
        greatest(0, floor(extract(epoch FROM %(at)s - sought.submitted_at) / 86400))::integer AS days,
        1 + coalesce(crowd.others, 0)::integer AS citizens,
        flooded.kecamatan IS NOT NULL AS is_flooded,
        late.id IS NOT NULL AS is_late
    FROM sought
    LEFT JOIN crowd ON crowd.id = sought.id
    LEFT JOIN flooded ON flooded.kecamatan = left(sought.kelurahan_code, 8)
    LEFT JOIN late ON late.id = sought.id
), unit AS MATERIALIZED (
    -- What one of each adds, and at most.
    SELECT max(weight.points) FILTER (WHERE weight.part = 'age') AS day,
        max(weight.most) FILTER (WHERE weight.part = 'age') AS days,
        max(weight.points) FILTER (WHERE weight.part = 'crowd') AS citizen,
        max(weight.most) FILTER (WHERE weight.part = 'crowd') AS citizens,
        max(weight.points) FILTER (WHERE weight.part = 'overdue') AS late,
        max(weight.points) FILTER (WHERE weight.part = 'disputed') AS disputed
    FROM casework_weight AS weight
    WHERE (weight.part, weight.key)
        IN (('age', 'day'), ('crowd', 'citizen'), ('overdue', 'answer'), ('disputed', 'citizen'))
), kind AS MATERIALIZED (
    SELECT weight.key AS category_id,
        max(weight.points) FILTER (WHERE weight.part = 'category') AS danger,
        max(weight.points) FILTER (WHERE weight.part = 'flood_now') AS flood
    FROM casework_weight AS weight
    WHERE weight.part IN ('category', 'flood_now')
    GROUP BY weight.key
), weighed AS MATERIALIZED (
    SELECT counted.id, counted.category_id, counted.days, counted.citizens,
        coalesce(kind.danger, 0) AS danger,
        coalesce(least(counted.days * unit.day, unit.days), 0) AS age,
        coalesce(least(counted.citizens * unit.citizen, unit.citizens), 0) AS crowd,
        CASE WHEN counted.is_flooded THEN coalesce(kind.flood, 0) ELSE 0 END AS flood,
        CASE WHEN counted.is_late THEN coalesce(unit.late, 0) ELSE 0 END AS late,
        CASE WHEN counted.state_id = 'disputed' THEN coalesce(unit.disputed, 0) ELSE 0 END AS disputed
    FROM counted
    CROSS JOIN unit
    LEFT JOIN kind ON kind.category_id = counted.category_id
), ranked AS (
    SELECT weighed.*,
        weighed.danger + weighed.age + weighed.crowd + weighed.flood + weighed.late + weighed.disputed AS points
    FROM weighed
), page AS (
    SELECT ranked.*
    FROM ranked
    WHERE %(after)s::bigint IS NULL
       OR ranked.points < %(after_points)s::integer
       OR (ranked.points = %(after_points)s::integer AND ranked.id > %(after)s::bigint)
    ORDER BY ranked.points DESC, ranked.id
    LIMIT %(limit)s
)
SELECT page.id, page.points, (
    SELECT coalesce(
        jsonb_agg(
            jsonb_build_object('part', made.part, 'key', made.key, 'count', made.count, 'points', made.points)
            ORDER BY made.points DESC, made.part
        ),
        '[]'
    )
    FROM (
        VALUES
            ('category', page.category_id, 1, page.danger),
            ('age', 'day', page.days, page.age),
            ('crowd', 'citizen', page.citizens, page.crowd),
            ('flood_now', page.category_id, 1, page.flood),
            ('overdue', 'answer', 1, page.late),
            ('disputed', 'citizen', 1, page.disputed)
    ) AS made (part, key, count, points)
    WHERE made.points > 0
) AS parts
FROM page
ORDER BY page.points DESC, page.id
