-- revision: how often a layer has changed.
--
-- params   %(layer)s  text
-- returns  revision bigint; no row for a layer that never changed
-- index    layers_revision_pkey
-- caller   layers.revisions.current
SELECT revision.revision
FROM layers_revision AS revision
WHERE revision.layer = %(layer)s
