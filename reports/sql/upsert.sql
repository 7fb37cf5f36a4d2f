-- upsert: store a batch of submissions, each new one with its place and its office, and say which changed.
--
-- params   %(simulated)s boolean, %(reach_m)s metres, %(zone)s time zone of the city; the submissions are in
--          reports_incoming (reports/incoming)
-- returns  id bigint, created boolean; unchanged reports are not returned
-- index    report_identity (channel, external_id); inside boundaries_place: boundary_place, border_left, border_right
-- caller   reports.intake.store
--
-- Feeds replay and reorder pages: DISTINCT ON keeps the newest version within the batch, the WHERE below keeps
-- an old page from undoing a newer one. Where a source edits a report without another time, the greater digest
-- wins: arbitrary, but the same in any order. The very same version counts again where a mended adapter reads
-- it otherwise. What stands in for a report that never came gives way to any version of it. Where a person moved
-- the pin it stays.
--
-- What is new has its place and office from the start, as reports/locate and reports/route would set them: two
-- updates of each row cost as much as the rest of it. What changed is located and routed by these.
WITH item AS MATERIALIZED (
    SELECT DISTINCT ON (item.channel, item.external_id)
        item.*, ST_SetSRID(ST_MakePoint(item.lon, item.lat), 4326) AS point,
        (item.submitted_at AT TIME ZONE %(zone)s)::date AS day
    FROM reports_incoming AS item
    LEFT JOIN LATERAL (
        SELECT stored.reading, stored.simulated
        FROM reports_report AS stored
        WHERE stored.channel = item.channel AND stored.external_id = item.external_id
        OFFSET 0  -- else the planner may sort the whole table for a batch
    ) AS stored ON true
    WHERE (stored.reading, stored.simulated) IS DISTINCT FROM (item.reading, %(simulated)s)
    ORDER BY item.channel, item.external_id, reports_version(item.updated_at, item.stands_in) DESC,
        item.digest DESC
), placed AS (
    SELECT item.*, place.edition_id, place.code AS kelurahan_code, place.placed_by, place.border_m,
        place.neighbour_code
    FROM item
    LEFT JOIN LATERAL (
        SELECT place.*
        FROM boundaries_place(item.point, item.day, %(reach_m)s) AS place
        WHERE item.point IS NOT NULL
        OFFSET 0  -- else the planner looks for a place of each report that has no point too
    ) AS place ON true
), office AS MATERIALIZED (
    -- All of them: joined in their index by level alone, which the planner prefers, they take 37 us a report.
    SELECT office.code, office.level, office.boundary_code
    FROM boundaries_office AS office
), term AS MATERIALIZED (
    -- All of them: looked up one by one in their GiST index they take 7 us each.
    SELECT term.office_id, term.during, term.official_id
    FROM boundaries_term AS term
), routed AS (
    SELECT placed.*, office.code AS office_id, term.official_id
    FROM placed
    LEFT JOIN reports_category AS category ON category.code = placed.category
    LEFT JOIN office
        ON office.level = category.answered_by
        AND office.boundary_code = reports_tier(placed.kelurahan_code, category.answered_by)
    LEFT JOIN term ON term.office_id = office.code AND term.during @> placed.day
), written AS (
    INSERT INTO reports_report AS stored (
        channel, external_id, category_id, description, public_text, image_url, author_hash, submitted_at,
        updated_at, digest, point, hint, area, stands_in, reading, simulated, received_at, status,
        edition_id, kelurahan_code, placed_by, border_m, neighbour_code, office_id, official_id
    )
    SELECT
        routed.channel, routed.external_id, routed.category, routed.description, routed.public_text,
        routed.image_url, routed.author_hash, routed.submitted_at, routed.updated_at, decode(routed.digest, 'hex'),
        routed.point, routed.hint, ST_GeomFromText(routed.area, 4326), routed.stands_in, routed.reading,
        %(simulated)s, now(), 'waiting',
        routed.edition_id, routed.kelurahan_code, routed.placed_by, routed.border_m, routed.neighbour_code,
        routed.office_id, routed.official_id
    FROM routed
    ON CONFLICT (channel, external_id) DO UPDATE SET
        category_id = excluded.category_id,
        description = excluded.description,
        public_text = excluded.public_text,
        image_url = excluded.image_url,
        author_hash = excluded.author_hash,
        submitted_at = excluded.submitted_at,
        updated_at = excluded.updated_at,
        digest = excluded.digest,
        point = CASE WHEN stored.is_moved THEN stored.point ELSE excluded.point END,
        hint = excluded.hint,
        area = excluded.area,
        stands_in = excluded.stands_in,
        reading = excluded.reading,
        words_read_at = NULL,
        simulated = excluded.simulated
    WHERE (reports_version(excluded.updated_at, excluded.stands_in), excluded.digest)
          >= (reports_version(stored.updated_at, stored.stands_in), stored.digest)
      AND (excluded.reading, excluded.simulated) IS DISTINCT FROM (stored.reading, stored.simulated)
    RETURNING stored.id, xmax = 0 AS created, stored.edition_id, stored.office_id, stored.official_id
), assigned AS (
    INSERT INTO reports_assignment (report_id, office_id, official_id, edition_id, assigned_at)
    SELECT written.id, written.office_id, written.official_id, written.edition_id, now()
    FROM written
    WHERE written.created AND num_nonnulls(written.office_id, written.official_id) > 0
)
SELECT written.id, written.created
FROM written
