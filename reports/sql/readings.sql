-- readings: how the stored versions of reports were read.
--
-- params   %(pairs)s jsonb array of pairs: channel, external_id
-- returns  channel text, external_id text, reading bytea
-- index    report_identity (channel, external_id)
-- caller   reports.intake.unknown
SELECT report.channel, report.external_id, report.reading
FROM jsonb_array_elements(%(pairs)s::jsonb) AS pair
JOIN reports_report AS report ON report.channel = pair ->> 0 AND report.external_id = pair ->> 1
