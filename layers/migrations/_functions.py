"""SQL functions of this app's first migrations; a changed one is a new migration."""

TILE_KEY = """
CREATE FUNCTION layers_spread(coordinate bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE v bigint := coordinate;
BEGIN
    v := (v | (v << 16)) & x'0000FFFF0000FFFF'::bigint;
    v := (v | (v << 8)) & x'00FF00FF00FF00FF'::bigint;
    v := (v | (v << 4)) & x'0F0F0F0F0F0F0F0F'::bigint;
    v := (v | (v << 2)) & x'3333333333333333'::bigint;
    RETURN (v | (v << 1)) & x'5555555555555555'::bigint;
END $$;

-- The tile column and row of a point at zoom 30, bits interleaved, the column's lowest bit first.
-- Beyond the square of Web Mercator (latitude 85.0511) a point is held at its edge.
CREATE FUNCTION layers_tile_key(point geometry) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    side CONSTANT double precision := 1073741824;
    lat double precision := radians(least(greatest(ST_Y(point), -85.0511287798066), 85.0511287798066));
    x bigint := floor((ST_X(point) + 180) / 360 * side);
    y bigint := floor((1 - asinh(tan(lat)) / pi()) / 2 * side);
BEGIN
    RETURN layers_spread(least(greatest(x, 0), 1073741823))
        | (layers_spread(least(greatest(y, 0), 1073741823)) << 1);
END $$;
"""
DROP_TILE_KEY = "DROP FUNCTION layers_tile_key(geometry); DROP FUNCTION layers_spread(bigint);"
STAMP = """
-- Give a row the revision of its layer (the trigger's argument) in this transaction. Whoever changes rows by
-- hand, without layers.revisions.touch before, raises it with the first of them.
CREATE FUNCTION layers_revision_of(name text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    held text := current_setting('layers.' || name, true);
    raised bigint;
BEGIN
    IF held <> '' THEN
        RETURN held;
    END IF;
    INSERT INTO layers_revision AS stored (layer, revision, touched_at) VALUES (name, 1, now())
    ON CONFLICT (layer) DO UPDATE SET revision = stored.revision + 1, touched_at = excluded.touched_at
    RETURNING stored.revision INTO raised;
    PERFORM set_config('layers.' || name, raised::text, true), pg_notify('layers', name);
    RETURN raised;
END $$;

CREATE FUNCTION layers_stamp() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.revision := layers_revision_of(TG_ARGV[0]);
    RETURN NEW;
END $$;

CREATE FUNCTION layers_remove() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layers_removed (layer, row_id, revision)
    VALUES (TG_ARGV[0], OLD.id, layers_revision_of(TG_ARGV[0]));
    RETURN OLD;
END $$;
"""
DROP_STAMP = """
DROP FUNCTION layers_remove();
DROP FUNCTION layers_stamp();
DROP FUNCTION layers_revision_of(text);
"""
TRUNCATED = """
-- Rows that were truncated leave no trace that could be read: the layer is another one from here on.
CREATE FUNCTION layers_truncated() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE layers_revision SET epoch = gen_random_uuid(), revision = revision + 1, touched_at = now()
    WHERE layer = TG_ARGV[0];
    PERFORM pg_notify('layers', TG_ARGV[0]);
    RETURN NULL;
END $$;
"""
DROP_TRUNCATED = "DROP FUNCTION layers_truncated();"
SILENCES = """
-- The silences of feeds that were known at an instant: since when, from when on it was known, and until when; null:
-- it was not over then. One that lasts is told by the state of its feed, though nobody writes any more.
CREATE FUNCTION layers_silences(as_of timestamptz)
RETURNS TABLE (feed text, since timestamptz, known_at timestamptz, until timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT state.feed, state.silent_since, state.stale_at, NULL::timestamptz
    FROM layers_feedstate AS state
    WHERE state.enabled AND state.stale_at <= as_of
    UNION ALL
    SELECT past.feed, past.since, past.known_at, CASE WHEN past.until <= as_of THEN past.until END
    FROM layers_silence AS past
    WHERE past.known_at <= as_of
$$;

CREATE FUNCTION layers_keep_silence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'silence of % since %: what was not heard stays so', OLD.feed, OLD.since
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON layers_silence
    FOR EACH ROW EXECUTE FUNCTION layers_keep_silence();
"""
DROP_SILENCES = """
DROP TRIGGER append_only ON layers_silence;
DROP FUNCTION layers_keep_silence();
DROP FUNCTION layers_silences(timestamptz);
"""
