-- anew: forget the revision that rows of a layer were stamped with so far in this transaction.
--
-- params   %(layer)s  text
-- returns  text, one row: nothing
-- index    none: it reads no table
-- caller   layers.revisions.anew
SELECT set_config('layers.' || %(layer)s, '', true)
