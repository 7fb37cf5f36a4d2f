-- forget_words: leave of traces, answers and contacts of reports what the public may read.
--
-- params   %(ids)s bigint array: ids of reports
-- returns  steps bigint, of one row: how many steps of traces were changed
-- index    source_update_identity, outgoing_identity (channel, external_id)
-- caller   casework.citizens.anonymise._strike
--
-- An answer that waits to be sent is sent first: it is struck out another night.
WITH theirs AS (
    SELECT report.id, report.channel, report.external_id
    FROM reports_report AS report
    WHERE report.id = ANY (%(ids)s)
), answers AS (
    UPDATE reports_outgoing AS outgoing
    SET body = '{}', error = ''
    FROM theirs
    WHERE (outgoing.channel, outgoing.external_id) = (theirs.channel, theirs.external_id)
      AND (outgoing.sent_at IS NOT NULL OR outgoing.dead_at IS NOT NULL)
), contacts AS (
    DELETE FROM reports_contact AS contact
    USING theirs
    WHERE (contact.channel, contact.external_id) = (theirs.channel, theirs.external_id)
), suggestions AS (
    DELETE FROM reports_suggestion AS suggestion USING theirs WHERE suggestion.report_id = theirs.id
), clues AS (
    DELETE FROM casework_clue AS clue USING theirs WHERE clue.report_id = theirs.id
), steps AS (
    UPDATE reports_sourceupdate AS step
    SET by = step.public_by, note = step.public_note, image_url = ''
    FROM theirs
    WHERE (step.channel, step.external_id) = (theirs.channel, theirs.external_id)
      AND (step.by, step.note, step.image_url) IS DISTINCT FROM (step.public_by, step.public_note, '')
    RETURNING step.id
)
SELECT count(*) AS steps FROM steps
