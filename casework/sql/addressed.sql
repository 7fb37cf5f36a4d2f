-- addressed: who of the authors of some reports may be told by e-mail, as far as it is not sealed.
--
-- params   %(ids)s bigint[]: reports
-- returns  report_id, channel, external_id, sealed bytea; kind_id, kind_en: its category; kelurahan, or empty
-- index    reports_report_pkey, report_contact_identity (channel, external_id),
--          follower_identity (report_id, channel, external_id)
-- caller   casework.citizens.replies.addressed
--
-- A channel that takes answers tells them itself. Citizens of the simulated city get no mail, nor does whose mail
-- came back, who withdrew, who wants to hear no more, and of whom nothing is left.
SELECT report.id AS report_id, report.channel, report.external_id, contact.sealed,
    category.name_id AS kind_id, category.name_en AS kind_en, coalesce(kelurahan.name, '') AS kelurahan
FROM reports_report AS report
JOIN reports_contact AS contact
    ON contact.channel = report.channel AND contact.external_id = report.external_id
JOIN reports_category AS category ON category.code = report.category_id
LEFT JOIN boundaries_boundary AS kelurahan
    ON kelurahan.edition_id = report.edition_id AND kelurahan.code = report.kelurahan_code
WHERE report.id = ANY (%(ids)s) AND NOT report.simulated AND report.status <> 'withdrawn'
  AND contact.bounced_at IS NULL
  AND NOT EXISTS (
      SELECT FROM layers_feedstate AS feed WHERE feed.feed = report.channel AND feed.takes_answers
  )
  AND NOT EXISTS (SELECT FROM casework_anonymised AS forgotten WHERE forgotten.report_id = report.id)
  AND NOT EXISTS (
      SELECT
      FROM casework_follower AS stopped
      WHERE stopped.report_id = report.id AND stopped.channel = report.channel
        AND stopped.external_id = report.external_id AND stopped.stopped_at IS NOT NULL
  )
ORDER BY report.id
