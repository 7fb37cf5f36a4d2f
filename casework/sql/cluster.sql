-- cluster: the reports of the cluster that one is in, and why each is there.
--
-- params   %(id)s report id
-- returns  the fields of casework.duplicates.clusters.InCluster, the lead first
-- index    casework_merge_into_id_*, member_identity (merge_id, case_id)
-- caller   casework.duplicates.clusters.cluster
SELECT one.report_id, one.depth, one.merge_id, member.score, member.parts
FROM casework_members(casework_lead(%(id)s)) AS one
LEFT JOIN casework_member AS member ON member.merge_id = one.merge_id AND member.case_id = one.report_id
ORDER BY one.depth, one.report_id
