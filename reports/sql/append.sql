-- append: add the steps of follow-up traces that are not known yet.
--
-- params   %(batch)s  jsonb array of objects: channel, external_id, digest (hex), at, status, by, note, public_by,
--          public_note, image_url
-- returns  id bigint of each step that was new
-- index    source_update_identity (channel, external_id, digest)
-- caller   reports.intake.receive
INSERT INTO reports_sourceupdate (
    channel, external_id, digest, at, status, by, note, public_by, public_note, image_url,
    fetched_at
)
SELECT item.channel, item.external_id, decode(item.digest, 'hex'), item.at, item.status, item.by, item.note,
    item.public_by, item.public_note, item.image_url, now()
FROM jsonb_to_recordset(%(batch)s::jsonb) AS item (
    channel text, external_id text, digest text, at timestamptz, status text, by text, note text,
    public_by text, public_note text, image_url text
)
ON CONFLICT (channel, external_id, digest) DO NOTHING
RETURNING id
