-- expire_photos: mark pictures that were kept long enough, the lowest ids first.
--
-- params   %(before)s instant: what was kept earlier is too old; %(limit)s pictures at most; %(now)s instant
-- returns  digest bytea, is_last boolean (no other row has the same picture still): a row per picture marked
-- index    photo_age (kept_at), photo_digest (digest)
-- caller   reports.photos.expire
WITH due AS (
    SELECT photo.id, photo.digest
    FROM reports_photo AS photo
    WHERE photo.expired_at IS NULL AND photo.kept_at < %(before)s
    ORDER BY photo.kept_at, photo.id
    LIMIT %(limit)s
), marked AS (
    UPDATE reports_photo AS photo
    SET expired_at = %(now)s
    FROM due
    WHERE photo.id = due.id
    RETURNING photo.digest
)
SELECT marked.digest, NOT EXISTS (
    SELECT
    FROM reports_photo AS other
    WHERE other.digest = marked.digest
      AND other.expired_at IS NULL
      AND other.id NOT IN (SELECT due.id FROM due)
) AS is_last
FROM marked
