-- due_to_be_forgotten: the reports whose citizens are to be forgotten.
--
-- params   %(before)s instant before which the case was closed or the report withdrawn; %(untouched)s instant since
--          which neither its case nor its channel changed anything, be it open; %(after)s id behind which to look;
--          %(limit)s rows, null: all
-- returns  id bigint, lowest first
-- index    read whole, once a night: casework_case, reports_report by its key; turn_identity (case_id, number)
-- caller   casework.citizens.anonymise.due
--
-- What was anonymised and is sent anew by its channel has words or an author again, and is due again. So is a sensitive
-- one whose turns tell how far its true point was from a border: until November 2026 that was not forgotten.
SELECT report.id
FROM reports_report AS report
LEFT JOIN casework_case AS held ON held.report_id = report.id
LEFT JOIN casework_state AS state ON state.code = held.state_id
LEFT JOIN casework_anonymised AS done ON done.report_id = report.id
WHERE report.id > %(after)s
    AND (
        state.open311 = 'closed' AND held.since < %(before)s
        OR report.status = 'withdrawn' AND report.updated_at < %(before)s
        OR greatest(held.since, report.updated_at) < %(untouched)s
    )
    AND (
        done.report_id IS NULL
        OR (report.author_hash, report.hint, report.image_url) <> ('', '', '')
        OR report.description <> report.public_text
        OR report.status = 'withdrawn' AND report.public_text <> ''
        OR report.public_point IS NOT NULL AND EXISTS (
            SELECT
            FROM casework_turn AS turn
            WHERE turn.case_id = report.id AND turn.explanation ->> 'border_m' IS NOT NULL
        )
        OR EXISTS (
            SELECT
            FROM reports_contact AS contact
            WHERE (contact.channel, contact.external_id) = (report.channel, report.external_id)
        )
    )
ORDER BY report.id
LIMIT %(limit)s
