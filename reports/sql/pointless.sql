-- pointless: the reports without a point, as the index of points would hold them.
--
-- params   %(zone)s time zone of the city, %(epoch_day)s date from which days count
-- returns  id bigint, key bigint (-1), day integer, and a column for each facet of reports.layers.REPORTS
-- index    report_unplaced (id), of reports without a point
-- caller   reports.pointless.beside
--
-- Columns that the public may see, and no other.
SELECT
    report.id,
    -1::bigint AS key,
    (report.submitted_at AT TIME ZONE %(zone)s)::date - %(epoch_day)s::date AS day,
    report.category_id AS category,
    report.status,
    report.channel,
    report.kelurahan_code AS kelurahan,
    report.placed_by,
    report.simulated
FROM reports_report AS report
WHERE report.point IS NULL AND report.status <> 'withdrawn'
