-- points: the reports as the index of points holds them, those that changed behind a revision.
--
-- params   %(after)s bigint; -1: all. %(zone)s time zone of the city, %(epoch_day)s date from which days count
-- returns  id bigint, key bigint (-1: on no map), day integer, and a column for each facet of reports.layers.REPORTS
-- index    report_revision (revision), removed_revision (layer, revision)
-- caller   layers.follow.Followed
--
-- Columns that the public may see, and no other; of a sensitive report the key of its rounded point.
SELECT
    report.id,
    CASE WHEN report.status = 'withdrawn' THEN -1 ELSE coalesce(
        layers_tile_key(report.public_point), report.tile_key, -1
    ) END AS key,
    (report.submitted_at AT TIME ZONE %(zone)s)::date - %(epoch_day)s::date AS day,
    report.category_id AS category,
    nullif(report.status, 'withdrawn') AS status,
    report.channel,
    report.kelurahan_code AS kelurahan,
    report.placed_by,
    report.simulated
FROM reports_report AS report
WHERE report.revision > %(after)s
UNION ALL
SELECT removed.row_id, -1, 0, NULL, NULL, NULL, NULL, NULL, NULL
FROM layers_removed AS removed
WHERE removed.layer = 'reports' AND removed.revision > %(after)s AND %(after)s >= 0
