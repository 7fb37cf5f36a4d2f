-- silent_leads: the open cases for which a report that was merged into them may speak, and whose channel is silent.
--
-- params   %(at)s instant: silences and merges as they were known then
-- returns  case_id bigint, in order
-- index    turn_running (case_id)
-- caller   casework.desk.worklists._stale_feed
SELECT DISTINCT silence.case_id
FROM casework_silent_members(NULL, 'infinity', %(at)s) AS silence
JOIN casework_turn AS turn
    ON turn.case_id = silence.case_id AND turn.began_at IS NOT NULL AND turn.ended_at IS NULL
    AND (silence.office_id IS NULL OR silence.office_id = turn.office_id)
WHERE silence.until IS NULL
ORDER BY silence.case_id
