-- forget_suggestions: take back what was suggested for reports, before their words are read again.
--
-- params   %(ids)s bigint array
-- returns  nothing
-- index    suggestion_identity (report_id, rank)
-- caller   reports.suggestions.read_words
DELETE FROM reports_suggestion AS suggestion
WHERE suggestion.report_id = ANY (%(ids)s)
