-- pictures_of_theirs: the pictures that no other report has but these, or reports that were anonymised.
--
-- params   %(ids)s bigint array: ids of reports
-- returns  digest bytea
-- index    photo_identity (channel, external_id)
-- caller   casework.citizens.anonymise._strike
SELECT DISTINCT photo.digest
FROM reports_report AS report
JOIN reports_photo AS photo ON (photo.channel, photo.external_id) = (report.channel, report.external_id)
WHERE report.id = ANY (%(ids)s)
  AND NOT EXISTS (
    SELECT
    FROM reports_photo AS other
    LEFT JOIN reports_report AS owner
        ON (owner.channel, owner.external_id) = (other.channel, other.external_id)
    LEFT JOIN casework_anonymised AS done ON done.report_id = owner.id
    WHERE other.digest = photo.digest
      AND done.report_id IS NULL
      AND (owner.id IS NULL OR NOT owner.id = ANY (%(ids)s))
  )
