-- mask: write anew what the public may read of steps.
--
-- params   %(batch)s  jsonb array of objects: id, public_by, public_note
-- returns  id bigint of each
-- index    reports_sourceupdate_pkey
-- caller   reports.intake.receive
UPDATE reports_sourceupdate AS step
SET public_by = item.public_by, public_note = item.public_note
FROM jsonb_to_recordset(%(batch)s::jsonb) AS item (id bigint, public_by text, public_note text)
WHERE step.id = item.id
RETURNING step.id
