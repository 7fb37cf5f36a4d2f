-- declare: mark words as read, and place by rule the reports whose words are sure enough.
--
-- params   %(ids)s bigint array of reports without a point that nobody placed, %(edition_id)s bigint
--          %(sure)s jsonb array of objects: id, code
-- returns  id bigint of each report that has another kelurahan now
-- index    reports_report_pkey
-- caller   reports.suggestions.read_words
--
-- What the rule declared before and would not now is taken back.
WITH read AS (
    SELECT report.id, report.kelurahan_code AS former_code, item.code
    FROM reports_report AS report
    LEFT JOIN jsonb_to_recordset(%(sure)s::jsonb) AS item (id bigint, code text) ON item.id = report.id
    WHERE report.id = ANY (%(ids)s)
), written AS (
    UPDATE reports_report AS report
    SET words_read_at = now(),
        kelurahan_code = read.code,
        edition_id = CASE WHEN read.code IS NOT NULL THEN %(edition_id)s END,
        placed_by = CASE WHEN read.code IS NOT NULL THEN 'declared' END,
        by_rule = read.code IS NOT NULL
    FROM read
    WHERE read.id = report.id
    RETURNING report.id, report.kelurahan_code IS DISTINCT FROM read.former_code AS moved
)
SELECT written.id
FROM written
WHERE written.moved
