-- revision: which version of each layer this database holds.
--
-- returns  layer text, epoch uuid (of this layer in this database), revision bigint; none for a layer that never
--          changed
-- index    none: a row for each layer
-- caller   layers.revisions.read
SELECT revision.layer, revision.epoch, revision.revision
FROM layers_revision AS revision
