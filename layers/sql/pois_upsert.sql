-- pois_upsert: store the versions of pois that one snapshot holds.
--
-- params   %(feed)s text, %(taken_at)s timestamptz, %(simulated)s boolean,
--          %(batch)s  jsonb array of objects, one per field of layers.record.Poi, point as WKT, and digest
-- returns  created boolean, a row per version stored or seen again
-- index    poi_identity (feed, external_id, digest)
-- caller   layers.intake.receive
--
-- least and greatest make the order of snapshots irrelevant. A feed may name a thing twice in one
-- snapshot: DISTINCT ON keeps one of equal versions. What an adapter reads in a version may be mended: the
-- columns are written anew.
INSERT INTO layers_poi AS stored (
    feed, external_id, digest, first_at, last_at, attributes, simulated, kind, name, brand, point
)
SELECT DISTINCT ON (item.external_id, item.digest)
    %(feed)s, item.external_id, decode(item.digest, 'hex'), %(taken_at)s, %(taken_at)s, item.attributes,
    %(simulated)s, item.kind, item.name, item.brand, ST_GeomFromText(item.point, 4326)
FROM jsonb_to_recordset(%(batch)s::jsonb) AS item (
    external_id text, digest text, attributes jsonb, kind text, name text, brand text, point text
)
ORDER BY item.external_id, item.digest
ON CONFLICT (feed, external_id, digest) DO UPDATE SET
    first_at = least(stored.first_at, excluded.first_at),
    last_at = greatest(stored.last_at, excluded.last_at),
    attributes = excluded.attributes,
    simulated = excluded.simulated,
    kind = excluded.kind,
    name = excluded.name,
    brand = excluded.brand,
    point = excluded.point
RETURNING xmax = 0 AS created
