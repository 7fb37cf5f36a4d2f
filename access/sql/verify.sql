-- verify: compute the audit's chain anew, and say where it does not hold.
--
-- params   %(limit)s places at most
-- returns  id bigint of the line at which it was seen; former bigint, the line before it (0: none);
--          is_missing boolean: lines between the two are gone; else the line does not fit the one before
-- index    access_entry_pkey, read whole
-- caller   access.audit.faults
WITH bound AS (
    SELECT entry.id, entry.hash,
        lag(entry.id, 1, 0) OVER (ORDER BY entry.id) AS former,
        sha256(lag(entry.hash, 1, ''::bytea) OVER (ORDER BY entry.id) || access_content(entry)) AS computed
    FROM access_entry AS entry
)
SELECT bound.id, bound.former, bound.id <> bound.former + 1 AS is_missing
FROM bound
WHERE bound.id <> bound.former + 1 OR bound.hash <> bound.computed
ORDER BY bound.id
LIMIT %(limit)s
