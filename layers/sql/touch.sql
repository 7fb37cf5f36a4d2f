-- touch: raise the revision of layers that changed.
--
-- params   %(layers)s  text array, sorted: rows are locked in this order
-- returns  nothing
-- index    layers_revision_pkey
-- caller   layers.revisions.touch
INSERT INTO layers_revision AS stored (layer, revision, touched_at)
SELECT changed.layer, 1, now()
FROM unnest(%(layers)s::text[]) WITH ORDINALITY AS changed (layer, place)
ORDER BY changed.place
ON CONFLICT (layer) DO UPDATE SET revision = stored.revision + 1, touched_at = excluded.touched_at
