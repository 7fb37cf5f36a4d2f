-- flagged: what is doubted of resolutions, and nobody has looked at since.
--
-- params   %(reports)s bigint array, or null: of all
-- returns  the fields of casework.steps.proof.Doubted, oldest doubt first
-- index    casework_case_pkey, change_of_case, proof_identity, doubt_identity, casework_verdict_change_id_*
-- caller   casework.steps.proof.flagged
--
-- Only of cases that are resolved still, and of the change that resolved them last.
SELECT change.case_id AS report_id, change.id AS change_id, change.by AS resolved_by, change.at AS resolved_at,
    photo.id AS photo_id, photo.shown_at, photo.taken_at, doubt.kind_id AS kind, kind.name_id,
    doubt.amount, doubt.most, kind.unit, theirs.id AS earlier_report_id,
    coalesce(earlier.shown_at, theirs.submitted_at) AS earlier_at
FROM casework_doubt AS doubt
JOIN casework_proof AS proof ON proof.id = doubt.proof_id
JOIN casework_change AS change ON change.id = proof.change_id
JOIN casework_case AS held ON held.report_id = change.case_id AND held.state_id = 'resolved'
JOIN casework_doubtkind AS kind ON kind.code = doubt.kind_id
JOIN reports_photo AS photo ON photo.id = proof.photo_id
LEFT JOIN reports_photo AS earlier ON earlier.id = doubt.earlier_id
LEFT JOIN reports_report AS theirs
    ON theirs.channel = earlier.channel AND theirs.external_id = earlier.external_id
WHERE (%(reports)s::bigint[] IS NULL OR change.case_id = ANY (%(reports)s::bigint[]))
  AND change.id = (SELECT max(later.id) FROM casework_change AS later WHERE later.case_id = change.case_id)
  AND NOT EXISTS (
      SELECT
      FROM casework_verdict AS verdict
      WHERE verdict.change_id = change.id AND verdict.at >= proof.at
  )
ORDER BY proof.at, doubt.id
