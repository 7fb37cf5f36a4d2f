-- watched: how reports stand that are watched, each by the one that leads its cluster.
--
-- params   %(ids)s bigint[]: watches
-- returns  id of the watch, lead, status, name of its state in Bahasa Indonesia and in English (null: no case),
--          name of its category in both, of its kelurahan, state text: another one where anything of it is
-- index    subscriptions_watch_pkey, reports_report_pkey, casework_case_pkey, source_update_identity
-- caller   casework.citizens.bulletins._states
--
-- A step that the channel told and a change of the case count alike; who merged or unmerged it as well.
SELECT watch.id, report.id AS lead, report.status, held.name_id AS state_id, held.name_en AS state_en,
    category.name_id AS kind_id, category.name_en AS kind_en, kelurahan.name AS kelurahan,
    concat_ws(' ', report.id, report.status, held.code, held.changed, step.last) AS state
FROM subscriptions_watch AS watch
JOIN reports_report AS report ON report.id = casework_lead(watch.report_id)
JOIN reports_category AS category ON category.code = report.category_id
LEFT JOIN analyst.kelurahan AS kelurahan ON kelurahan.code = report.kelurahan_code
LEFT JOIN LATERAL (
    SELECT state.code, state.name_id, state.name_en,
        (SELECT max(change.id) FROM casework_change AS change WHERE change.case_id = open.report_id) AS changed
    FROM casework_case AS open
    JOIN casework_state AS state ON state.code = open.state_id
    WHERE open.report_id = report.id
) AS held ON true
LEFT JOIN LATERAL (
    SELECT max(told.id) AS last FROM reports_sourceupdate AS told
    WHERE told.channel = report.channel AND told.external_id = report.external_id
) AS step ON true
WHERE watch.id = ANY (%(ids)s::bigint[])
ORDER BY watch.id
