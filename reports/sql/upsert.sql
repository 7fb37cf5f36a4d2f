-- upsert: store a batch of submissions and say which reports changed.
--
-- params   %(simulated)s boolean; the submissions are in reports_incoming (reports/incoming)
-- returns  id bigint, created boolean; unchanged reports are not returned
-- index    report_identity (channel, external_id)
-- caller   reports.intake.receive
--
-- Feeds replay and reorder pages: DISTINCT ON keeps the newest version within the batch, the WHERE below keeps
-- an old page from undoing a newer one. Where a source edits a report without another time, the greater digest
-- wins: arbitrary, but the same in any order. The very same version counts again where a mended adapter reads
-- other columns in it. What stands in for a report that never came gives way to any version of it.
INSERT INTO reports_report AS stored (
    channel, external_id, category_id, description, public_text, image_url, author_hash, submitted_at,
    updated_at, digest, point, hint, area, stands_in, simulated, received_at, status
)
SELECT DISTINCT ON (item.channel, item.external_id)
    item.channel, item.external_id, item.category, item.description, item.public_text, item.image_url,
    item.author_hash, item.submitted_at, item.updated_at, decode(item.digest, 'hex'),
    ST_SetSRID(ST_MakePoint(item.lon, item.lat), 4326), item.hint, ST_GeomFromText(item.area, 4326), item.stands_in,
    %(simulated)s, now(), 'waiting'
FROM reports_incoming AS item
ORDER BY item.channel, item.external_id, reports_version(item.updated_at, item.stands_in) DESC,
    item.digest DESC
ON CONFLICT (channel, external_id) DO UPDATE SET
    category_id = excluded.category_id,
    description = excluded.description,
    public_text = excluded.public_text,
    image_url = excluded.image_url,
    author_hash = excluded.author_hash,
    submitted_at = excluded.submitted_at,
    updated_at = excluded.updated_at,
    digest = excluded.digest,
    point = excluded.point,
    hint = excluded.hint,
    area = excluded.area,
    stands_in = excluded.stands_in,
    words_read_at = NULL,
    simulated = excluded.simulated
WHERE (reports_version(excluded.updated_at, excluded.stands_in), excluded.digest)
      >= (reports_version(stored.updated_at, stored.stands_in), stored.digest)
  AND (
      excluded.category_id, excluded.description, excluded.public_text, excluded.image_url,
      excluded.author_hash, excluded.submitted_at, excluded.updated_at, excluded.digest,
      excluded.hint, excluded.stands_in, excluded.simulated, ST_AsEWKB(excluded.point),
      ST_AsEWKB(excluded.area)
  ) IS DISTINCT FROM (
      stored.category_id, stored.description, stored.public_text, stored.image_url,
      stored.author_hash, stored.submitted_at, stored.updated_at, stored.digest,
      stored.hint, stored.stands_in, stored.simulated, ST_AsEWKB(stored.point), ST_AsEWKB(stored.area)
  )
RETURNING id, xmax = 0 AS created
