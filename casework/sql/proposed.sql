-- proposed: the reports that candidates join to one, directly or by others.
--
-- params   %(id)s report id
-- returns  the fields of casework.duplicates.clusters.InCluster, the report itself first; no merge is named
-- index    duplicate_candidate_identity (first_id, second_id), casework_duplicatecandidate_second_id_*
-- caller   casework.duplicates.clusters.proposed
--
-- Three candidates on, and no further: by many steps of "alike" two reports at two ends of a street are joined.
WITH RECURSIVE reached (report_id, depth, score, parts) AS (
    SELECT casework_lead(%(id)s), 0, NULL::double precision, NULL::jsonb
    UNION
    SELECT next.report_id, reached.depth + 1, next.score, next.parts
    FROM reached
    CROSS JOIN LATERAL (
        SELECT candidate.second_id AS report_id, candidate.score, candidate.parts
        FROM casework_duplicatecandidate AS candidate
        WHERE candidate.first_id = reached.report_id AND candidate.apart_at IS NULL
        UNION ALL
        SELECT candidate.first_id, candidate.score, candidate.parts
        FROM casework_duplicatecandidate AS candidate
        WHERE candidate.second_id = reached.report_id AND candidate.apart_at IS NULL
    ) AS next
    WHERE reached.depth < 3
), nearest AS (
    SELECT DISTINCT ON (reached.report_id) reached.report_id, reached.depth, reached.score, reached.parts
    FROM reached
    ORDER BY reached.report_id, reached.depth, reached.score DESC NULLS FIRST
)
SELECT nearest.report_id, nearest.depth, NULL::bigint AS merge_id, nearest.score, nearest.parts
FROM nearest
JOIN casework_case AS held ON held.report_id = nearest.report_id AND held.state_id <> 'duplicate'
ORDER BY nearest.depth, nearest.score DESC NULLS FIRST, nearest.report_id
