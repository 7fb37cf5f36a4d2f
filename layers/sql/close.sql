-- close: say of each version of a feed when it was first missed, after one snapshot was stored.
--
-- params   %(feed)s text, %(taken_at)s timestamptz of the snapshot
-- returns  kind text, changed bigint: versions closed, opened again or given another time; no row where none was
-- index    snapshot_identity (feed, taken_at); of each table <name>_last (feed, last_at) and <name>_closed
-- caller   layers.intake.receive
--
-- A version is closed by the first snapshot after the last that held it: one step down an index per version,
-- for a feed polled every 2 minutes has 262,000 snapshots after a year. A late snapshot can only concern
-- versions that are open, that it holds itself, or that were closed by a later one: the three ORs below.
-- reported_at goes along because it tells the partition.
WITH taken AS (
    INSERT INTO layers_snapshot (feed, taken_at) VALUES (%(feed)s, %(taken_at)s)
    ON CONFLICT (feed, taken_at) DO NOTHING
), version AS (
    SELECT 'alerts' AS kind, alert.id, alert.reported_at, alert.feed, alert.last_at, alert.closed_at
    FROM layers_alert AS alert
    UNION ALL
    SELECT 'jams', jam.id, jam.reported_at, jam.feed, jam.last_at, jam.closed_at
    FROM layers_jam AS jam
    UNION ALL
    SELECT 'irregularities', irregularity.id, irregularity.reported_at, irregularity.feed,
        irregularity.last_at, irregularity.closed_at
    FROM layers_irregularity AS irregularity
    UNION ALL
    SELECT 'pois', poi.id, NULL, poi.feed, poi.last_at, poi.closed_at
    FROM layers_poi AS poi
), missed AS (
    -- What a statement inserts it does not see: this snapshot is asked apart. least() passes over NULL.
    SELECT version.kind, version.id, version.reported_at, version.closed_at AS former_at,
        least(later.taken_at, CASE WHEN version.last_at < %(taken_at)s THEN %(taken_at)s END) AS closed_at
    FROM version
    LEFT JOIN LATERAL (
        SELECT snapshot.taken_at
        FROM layers_snapshot AS snapshot
        WHERE snapshot.feed = %(feed)s AND snapshot.taken_at > version.last_at
        ORDER BY snapshot.taken_at
        LIMIT 1
    ) AS later ON true
    WHERE version.feed = %(feed)s
      AND (
          version.closed_at IS NULL
          OR version.last_at = %(taken_at)s
          OR version.closed_at > %(taken_at)s
      )
), due AS (
    SELECT missed.kind, missed.id, missed.reported_at, missed.closed_at
    FROM missed
    WHERE missed.closed_at IS DISTINCT FROM missed.former_at
), alerts AS (
    UPDATE layers_alert AS row SET closed_at = due.closed_at
    FROM due
    WHERE due.kind = 'alerts' AND due.id = row.id AND due.reported_at = row.reported_at
), jams AS (
    UPDATE layers_jam AS row SET closed_at = due.closed_at
    FROM due
    WHERE due.kind = 'jams' AND due.id = row.id AND due.reported_at = row.reported_at
), irregularities AS (
    UPDATE layers_irregularity AS row SET closed_at = due.closed_at
    FROM due
    WHERE due.kind = 'irregularities' AND due.id = row.id AND due.reported_at = row.reported_at
), pois AS (
    UPDATE layers_poi AS row SET closed_at = due.closed_at
    FROM due
    WHERE due.kind = 'pois' AND due.id = row.id
)
SELECT due.kind, count(*) AS changed FROM due GROUP BY due.kind
