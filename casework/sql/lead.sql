-- lead: the report that leads the cluster of another.
--
-- params   %(id)s report id
-- returns  lead bigint, one row
-- index    casework_member_case_id_*, casework_merge_pkey, casework_unmerge_pkey
-- caller   casework.duplicates.clusters.lead_of
SELECT casework_lead(%(id)s) AS lead
