-- why: the surest candidate between each of some reports and any of a cluster.
--
-- params   %(id)s the report that leads the cluster; %(cases)s bigint array
-- returns  report_id bigint, score, parts jsonb; none for a report that no rule joined to the cluster
-- index    duplicate_candidate_identity (first_id, second_id), casework_duplicatecandidate_second_id_*
-- caller   casework.duplicates.merging.merge
WITH own AS MATERIALIZED (
    SELECT one.report_id FROM casework_members(%(id)s) AS one
), pair AS (
    SELECT candidate.first_id AS report_id, candidate.second_id AS other_id, candidate.score, candidate.parts
    FROM casework_duplicatecandidate AS candidate
    WHERE candidate.first_id = ANY (%(cases)s::bigint[])
    UNION ALL
    SELECT candidate.second_id, candidate.first_id, candidate.score, candidate.parts
    FROM casework_duplicatecandidate AS candidate
    WHERE candidate.second_id = ANY (%(cases)s::bigint[])
)
SELECT DISTINCT ON (pair.report_id) pair.report_id, pair.score, pair.parts
FROM pair
JOIN own ON own.report_id = pair.other_id
ORDER BY pair.report_id, pair.score DESC, pair.other_id
