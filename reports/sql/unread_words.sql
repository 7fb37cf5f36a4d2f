-- unread_words: reports without a point whose words were not read since they came or changed.
--
-- params   %(limit)s integer
-- returns  id bigint, description text, hint text
-- index    report_unread_words (id)
-- caller   reports.suggestions.read_words
--
-- Those that a person placed are left alone.
SELECT report.id, report.description, report.hint
FROM reports_report AS report
WHERE report.point IS NULL
  AND report.words_read_at IS NULL
  AND (report.placed_by IS NULL OR report.by_rule)
ORDER BY report.id
LIMIT %(limit)s
