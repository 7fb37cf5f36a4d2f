-- revision: how often a layer has changed.
--
-- params   %(layer)s  text
-- returns  revision bigint, touched_at timestamptz; no row for a layer that never changed
-- index    layers_revision_pkey
-- caller   layers.revisions.read
SELECT revision.revision, revision.touched_at
FROM layers_revision AS revision
WHERE revision.layer = %(layer)s
