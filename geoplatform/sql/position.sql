-- position: say how far the log of transactions has come on this server, and whether it is a standby.
--
-- params   none
-- returns  is_standby boolean, position bigint: bytes of the log since it began
-- index    none: no table is read
-- caller   geoplatform.standbys.position
--
-- A standby says what it has replayed. A primary says where the next entry goes, which is behind the commit
-- of all that anyone can see: what is only written to disk may be less (synchronous_commit = off).
SELECT
    pg_is_in_recovery() AS is_standby,
    (
        CASE
            WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
            ELSE pg_current_wal_insert_lsn()
        END - '0/0'
    )::bigint AS position
