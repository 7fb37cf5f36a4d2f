-- close: say of each version of a feed when it was first missed, after one snapshot was stored.
--
-- params   %(feed)s text, %(taken_at)s timestamptz of the snapshot
-- returns  kind text, changed bigint: versions closed, opened again or given another time; no row where none was
-- index    snapshot_identity (feed, taken_at); of each table <name>_last (feed, last_at) and <name>_closed
-- caller   layers.intake.receive
--
-- A version is closed by the first snapshot after the last that held it. A late snapshot can only concern
-- versions that are open, that it holds itself, or that were closed by a later one: the three ORs below.
WITH taken AS (
    INSERT INTO layers_snapshot (feed, taken_at) VALUES (%(feed)s, %(taken_at)s)
    ON CONFLICT (feed, taken_at) DO NOTHING
), polled AS (
    SELECT snapshot.taken_at FROM layers_snapshot AS snapshot WHERE snapshot.feed = %(feed)s
    UNION
    SELECT %(taken_at)s
), alerts AS (
    UPDATE layers_alert AS row
    SET closed_at = due.closed_at
    FROM (
        SELECT candidate.id, (
            SELECT min(polled.taken_at) FROM polled WHERE polled.taken_at > candidate.last_at
        ) AS closed_at
        FROM layers_alert AS candidate
        WHERE candidate.feed = %(feed)s
          AND (
              candidate.closed_at IS NULL
              OR candidate.last_at = %(taken_at)s
              OR candidate.closed_at > %(taken_at)s
          )
    ) AS due
    WHERE due.id = row.id AND due.closed_at IS DISTINCT FROM row.closed_at
    RETURNING row.id
), jams AS (
    UPDATE layers_jam AS row
    SET closed_at = due.closed_at
    FROM (
        SELECT candidate.id, (
            SELECT min(polled.taken_at) FROM polled WHERE polled.taken_at > candidate.last_at
        ) AS closed_at
        FROM layers_jam AS candidate
        WHERE candidate.feed = %(feed)s
          AND (
              candidate.closed_at IS NULL
              OR candidate.last_at = %(taken_at)s
              OR candidate.closed_at > %(taken_at)s
          )
    ) AS due
    WHERE due.id = row.id AND due.closed_at IS DISTINCT FROM row.closed_at
    RETURNING row.id
), irregularities AS (
    UPDATE layers_irregularity AS row
    SET closed_at = due.closed_at
    FROM (
        SELECT candidate.id, (
            SELECT min(polled.taken_at) FROM polled WHERE polled.taken_at > candidate.last_at
        ) AS closed_at
        FROM layers_irregularity AS candidate
        WHERE candidate.feed = %(feed)s
          AND (
              candidate.closed_at IS NULL
              OR candidate.last_at = %(taken_at)s
              OR candidate.closed_at > %(taken_at)s
          )
    ) AS due
    WHERE due.id = row.id AND due.closed_at IS DISTINCT FROM row.closed_at
    RETURNING row.id
), pois AS (
    UPDATE layers_poi AS row
    SET closed_at = due.closed_at
    FROM (
        SELECT candidate.id, (
            SELECT min(polled.taken_at) FROM polled WHERE polled.taken_at > candidate.last_at
        ) AS closed_at
        FROM layers_poi AS candidate
        WHERE candidate.feed = %(feed)s
          AND (
              candidate.closed_at IS NULL
              OR candidate.last_at = %(taken_at)s
              OR candidate.closed_at > %(taken_at)s
          )
    ) AS due
    WHERE due.id = row.id AND due.closed_at IS DISTINCT FROM row.closed_at
    RETURNING row.id
)
SELECT 'alerts' AS kind, count(*) AS changed FROM alerts HAVING count(*) > 0
UNION ALL
SELECT 'jams', count(*) FROM jams HAVING count(*) > 0
UNION ALL
SELECT 'irregularities', count(*) FROM irregularities HAVING count(*) > 0
UNION ALL
SELECT 'pois', count(*) FROM pois HAVING count(*) > 0
