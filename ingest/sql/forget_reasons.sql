-- forget_reasons: take the words out of rejections of long ago; that there was one stays.
--
-- params   %(before)s instant
-- returns  forgotten bigint, one row
-- index    ingest_rejection, read whole once a night
-- caller   ingest.keeping.retention.forget_reasons
WITH emptied AS (
    UPDATE ingest_rejection AS rejection
    SET reason = 'forgotten'
    WHERE rejection.rejected_at < %(before)s AND rejection.reason <> 'forgotten'
    RETURNING rejection.id
)
SELECT count(*) AS forgotten FROM emptied
