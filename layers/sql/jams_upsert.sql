-- jams_upsert: store the versions of jams that one snapshot holds.
--
-- params   %(feed)s text, %(taken_at)s timestamptz, %(simulated)s boolean,
--          %(batch)s  jsonb array of objects, one per field of layers.record.Jam, line as WKT, and digest
-- returns  created boolean, a row per version stored or seen again
-- index    jam_identity (feed, external_id, digest, reported_at)
-- caller   layers.intake.receive
--
-- least and greatest make the order of snapshots irrelevant. A feed may name a thing twice in one
-- snapshot: DISTINCT ON keeps one of equal versions. What an adapter reads in a version may be mended: the
-- columns are written anew.
-- What is new is told by what this statement's snapshot does not hold: a table with partitions tells no xmax.
WITH item AS MATERIALIZED (
    SELECT DISTINCT ON (item.external_id, item.digest, item.reported_at) item.*
    FROM jsonb_to_recordset(%(batch)s::jsonb) AS item (
        external_id text, digest text, attributes jsonb, level smallint, speed_kmh double precision, delay_s
        integer, length_m integer, street text, reported_at timestamptz, line text
    )
    ORDER BY item.external_id, item.digest, item.reported_at
), stored AS (
    INSERT INTO layers_jam AS stored (
        feed, external_id, digest, first_at, last_at, attributes, simulated, level, speed_kmh, delay_s,
        length_m, street, reported_at, line
    )
    SELECT %(feed)s, item.external_id, decode(item.digest, 'hex'), %(taken_at)s, %(taken_at)s, item.attributes,
        %(simulated)s, item.level, item.speed_kmh, item.delay_s, item.length_m, item.street,
        item.reported_at, ST_GeomFromText(item.line, 4326)
    FROM item
    ON CONFLICT (feed, external_id, digest, reported_at) DO UPDATE SET
        first_at = least(stored.first_at, excluded.first_at),
        last_at = greatest(stored.last_at, excluded.last_at),
        attributes = excluded.attributes,
        simulated = excluded.simulated,
        level = excluded.level,
        speed_kmh = excluded.speed_kmh,
        delay_s = excluded.delay_s,
        length_m = excluded.length_m,
        street = excluded.street,
        line = excluded.line
)
SELECT NOT EXISTS (
    SELECT FROM layers_jam AS known
    WHERE known.feed = %(feed)s AND known.external_id = item.external_id
      AND known.digest = decode(item.digest, 'hex') AND known.reported_at = item.reported_at
) AS created
FROM item
