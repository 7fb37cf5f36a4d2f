-- forget_said: leave no public words of what the authors of some reports said behind them.
--
-- params   %(ids)s bigint array: ids of reports
-- returns  id bigint of each step whose words were emptied
-- index    reports_report_pkey, source_update_identity (channel, external_id, digest)
-- caller   casework.citizens.anonymise._empty
--
-- Words that change no status are a citizen's, as in a second e-mail, or an answer to one. Those as they were written
-- follow by forget_words: the database lets one of the two be changed at a time.
UPDATE reports_sourceupdate AS step
SET public_by = '', public_note = ''
FROM reports_report AS report
WHERE report.id = ANY (%(ids)s)
  AND step.channel = report.channel AND step.external_id = report.external_id AND step.status IS NULL
  AND (step.public_by, step.public_note) <> ('', '')
RETURNING step.id
