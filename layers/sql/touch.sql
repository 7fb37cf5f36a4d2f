-- touch: raise the revision of layers that change, and tell those who follow them.
--
-- params   %(layers)s  text array, sorted: rows are locked in this order
-- returns  layer text, revision bigint, and what else is done with them
-- index    layers_revision_pkey
-- caller   layers.revisions.touch
--
-- Rows that change afterwards in this transaction are stamped with the revision that it has set (the trigger
-- function layers_stamp). PostgreSQL sends a notification when the transaction has been committed, and none if
-- it is not.
WITH raised AS (
    INSERT INTO layers_revision AS stored (layer, revision, touched_at)
    SELECT changed.layer, 1, now()
    FROM unnest(%(layers)s::text[]) WITH ORDINALITY AS changed (layer, place)
    ORDER BY changed.place
    ON CONFLICT (layer) DO UPDATE SET revision = stored.revision + 1, touched_at = excluded.touched_at
    RETURNING stored.layer, stored.revision
)
SELECT raised.layer, raised.revision,
    set_config('layers.' || raised.layer, raised.revision::text, true) AS stamped,
    pg_notify('layers', raised.layer) AS told
FROM raised
