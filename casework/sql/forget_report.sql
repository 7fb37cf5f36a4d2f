-- forget_report: leave of reports what the public may read, and nothing of who wrote them.
--
-- params   %(ids)s bigint array: ids of reports
-- returns  id bigint of each
-- index    reports_report_pkey
-- caller   casework.citizens.anonymise._strike
--
-- No column that a map shows is among them: no tile changes.
UPDATE reports_report AS report
SET description = report.public_text, hint = '', image_url = '', author_hash = ''
WHERE report.id = ANY (%(ids)s)
RETURNING report.id
