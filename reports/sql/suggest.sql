-- suggest: store where the words of reports may mean.
--
-- params   %(batch)s jsonb array of objects: report_id, rank, level, code, score, words, spans
--          %(edition_id)s bigint
-- returns  nothing
-- index    suggestion_identity (report_id, rank)
-- caller   reports.suggestions.read_words
INSERT INTO reports_suggestion (report_id, edition_id, rank, level, code, score, words, spans)
SELECT item.report_id, %(edition_id)s, item.rank, item.level, item.code, item.score, item.words, item.spans
FROM jsonb_to_recordset(%(batch)s::jsonb) AS item (
    report_id bigint, rank smallint, level text, code text, score double precision, words jsonb, spans jsonb
)
