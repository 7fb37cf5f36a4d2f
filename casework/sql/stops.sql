-- stops: when the clock of a case stood still, or will.
--
-- params   %(id)s id of the report
-- returns  since, until: instants; they may overlap
-- index    casework_pause_case_id_*, casework_member_case_id_*, casework_merge_pkey, casework_unmerge_merge_id_*
-- caller   casework.clock.stops.of
SELECT stop.since, stop.until
FROM casework_stops(%(id)s) AS stop
ORDER BY stop.since, stop.until
