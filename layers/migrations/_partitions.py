"""SQL of the tables of traffic that have a partition for each month; a changed function is a new migration.

The platform's role owns no table: what it may do with partitions are these functions, which run as the owner.
"""

TABLES = ("layers_alert", "layers_jam", "layers_irregularity")

UNIQUE = {
    f"{table.removeprefix('layers_')}_{name}": f"{table} ({columns}, reported_at)"
    for table in TABLES
    for name, columns in {"key": "id", "version": "feed, external_id, digest"}.items()
}

FUNCTIONS = """
CREATE SCHEMA detached;
COMMENT ON SCHEMA detached IS 'Months of traffic that are no part of their table any more, until they are archived';

-- Each partition of a table of ours: from when on (null: all of before), until when, or neither: the rest.
CREATE VIEW layers_partition AS
SELECT parent.relname::text AS parent, part.relname::text AS name,
    substring(bound.said FROM $$FROM \\('([^']+)'\\)$$)::timestamptz AS since,
    substring(bound.said FROM $$TO \\('([^']+)'\\)$$)::timestamptz AS until,
    bound.said = 'DEFAULT' AS is_rest
FROM pg_inherits AS link
JOIN pg_class AS parent ON parent.oid = link.inhparent AND parent.relkind = 'p'
JOIN pg_class AS part ON part.oid = link.inhrelid
CROSS JOIN LATERAL (SELECT pg_get_expr(part.relpartbound, part.oid) AS said) AS bound
WHERE parent.relnamespace = 'public'::regnamespace;

-- The columns of a table that can be written, for a statement.
CREATE FUNCTION layers_columns(relation regclass) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
    FROM pg_attribute
    WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
$$;

-- Make the partition of the month (UTC) of an instant, and give it the rows that waited for it in the rest.
-- Says whether it made one: false where the month has one already.
CREATE FUNCTION layers_make_month(owner text, instant timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    since timestamptz := date_trunc('month', instant, 'UTC');
    until timestamptz := date_trunc('month', since + interval '40 days', 'UTC');
    name text := owner || to_char(since AT TIME ZONE 'UTC', '_YYYY_MM');
    rest text;
    columns text := layers_columns(owner::regclass);
BEGIN
    IF EXISTS (
        SELECT FROM layers_partition AS made
        WHERE made.parent = owner AND NOT made.is_rest AND tstzrange(made.since, made.until) @> instant
    ) THEN
        RETURN false;
    END IF;
    SELECT made.name INTO STRICT rest FROM layers_partition AS made WHERE made.parent = owner AND made.is_rest;
    -- What would come to the rest between moving and attaching had no place.
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', rest);
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING STORAGE)', name, owner);
    EXECUTE format(
        'WITH moved AS (DELETE FROM %1$I WHERE reported_at >= %2$L AND reported_at < %3$L RETURNING %4$s)'
        ' INSERT INTO %5$I (%4$s) SELECT %4$s FROM moved', rest, since, until, columns, name
    );
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', owner, name, since, until);
    RETURN true;
END $$;

-- Detach a partition whose rows were all reported before an instant. What is on the map still, or left it since
-- then, stays in the table: it goes to the rest. Says whether it did: false where one of that name waits already.
CREATE FUNCTION layers_detach(owner text, part text, before timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    late bigint[];
    columns text := layers_columns(owner::regclass);
BEGIN
    IF NOT EXISTS (
        SELECT FROM layers_partition AS made
        WHERE made.parent = owner AND made.name = part AND made.until <= before
    ) THEN
        RAISE EXCEPTION 'partition % of % has not ended before %', part, owner, before
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF to_regclass(format('detached.%I', part)) IS NOT NULL THEN
        RETURN false;
    END IF;
    -- Looked for before anybody has to wait. Of what is open an index knows.
    EXECUTE format('SELECT array_agg(id) FROM %I WHERE closed_at >= $1', part) INTO late USING before;
    EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', owner, part);
    EXECUTE format(
        'WITH kept AS (DELETE FROM %1$I WHERE closed_at IS NULL OR id = ANY ($1) RETURNING %2$s)'
        ' INSERT INTO %3$I (%2$s) SELECT %2$s FROM kept', part, columns, owner
    ) USING late;
    EXECUTE format('ALTER TABLE %I SET SCHEMA detached', part);
    RETURN true;
END $$;

-- Detach what the rest holds from before an instant and was gone from the map by then; says whether there was any.
CREATE FUNCTION layers_sweep(owner text, before timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    rest text;
    columns text := layers_columns(owner::regclass);
    is_any boolean;
BEGIN
    SELECT made.name INTO STRICT rest FROM layers_partition AS made WHERE made.parent = owner AND made.is_rest;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE reported_at < $1 AND closed_at < $1)', rest)
        INTO is_any USING before;
    IF NOT is_any OR to_regclass(format('detached.%I', rest)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE detached.%1$I (LIKE %1$I INCLUDING GENERATED)', rest);
    EXECUTE format(
        'WITH gone AS (DELETE FROM %1$I WHERE reported_at < $1 AND closed_at < $1 RETURNING %2$s)'
        ' INSERT INTO detached.%1$I (%2$s) SELECT %2$s FROM gone', rest, columns
    ) USING before;
    RETURN true;
END $$;

-- Drop what was detached, if it has exactly the rows that whoever archived it has counted.
CREATE FUNCTION layers_drop(part text, archived bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    there bigint;
BEGIN
    EXECUTE format('LOCK TABLE detached.%I IN ACCESS EXCLUSIVE MODE', part);
    EXECUTE format('SELECT count(*) FROM detached.%I', part) INTO there;
    IF there <> archived THEN
        RAISE EXCEPTION 'detached.% has % rows, % are archived', part, there, archived
            USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('DROP TABLE detached.%I', part);
END $$;

REVOKE EXECUTE ON FUNCTION layers_make_month(text, timestamptz), layers_detach(text, text, timestamptz),
    layers_sweep(text, timestamptz), layers_drop(text, bigint) FROM PUBLIC;
"""

SPLIT = """
-- Put a table below one of its name that has partitions: it becomes that of all before an instant, or, where there is
-- no instant because it has no rows, the rest. No row is read or moved.
CREATE FUNCTION layers_split(owner text, short text, until timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    former text := owner || CASE WHEN until IS NULL THEN '_rest' ELSE '_before' END;
    row record;
    first bigint;
BEGIN
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', owner);
    EXECUTE format('SELECT CASE WHEN is_called THEN last_value + 1 ELSE last_value END FROM %I', owner || '_id_seq')
        INTO first;
    EXECUTE format('ALTER TABLE %I RENAME TO %I', owner, former);
    EXECUTE format('ALTER TABLE %I ALTER id DROP IDENTITY', former);
    EXECUTE format('CREATE SEQUENCE %I START %s', owner || '_id_seq', first);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', former, owner || '_pkey');
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', former, short || '_identity');
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY USING INDEX %I', former, short || '_key');
    EXECUTE format('ALTER TABLE %I ADD UNIQUE USING INDEX %I', former, short || '_version');
    EXECUTE format(
        'ALTER TABLE %I ALTER id SET DEFAULT nextval(%L)', former, owner || '_id_seq'
    );
    EXECUTE format(
        'CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING STORAGE)'
        ' PARTITION BY RANGE (reported_at)', owner, former
    );
    EXECUTE format('ALTER SEQUENCE %1$I OWNED BY %2$I.id', owner || '_id_seq', owner);
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I PRIMARY KEY (id, reported_at)', owner, owner || '_pkey');
    EXECUTE format(
        'ALTER TABLE %I ADD CONSTRAINT %I UNIQUE (feed, external_id, digest, reported_at)', owner, short || '_identity'
    );
    FOR row IN
        SELECT index.relname AS name, pg_get_indexdef(index.oid) AS definition
        FROM pg_index AS one JOIN pg_class AS index ON index.oid = one.indexrelid
        WHERE one.indrelid = former::regclass AND NOT one.indisunique
    LOOP
        EXECUTE format('ALTER INDEX %I RENAME TO %I', row.name, row.name || '_before');
        EXECUTE replace(row.definition, format(' ON public.%I ', former), format(' ON public.%I ', owner));
    END LOOP;
    IF until IS NULL THEN
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I DEFAULT', owner, former);
    ELSE
        -- The check on its rows was validated before: they are not read again.
        EXECUTE format(
            'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%L)', owner, former, until
        );
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', former, owner || '_ends');
        EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', owner || '_rest', owner);
    END IF;
END $$;

-- Split a table that people use: what takes long, which is to look at all rows, is done while nobody waits.
CREATE PROCEDURE layers_split_in_use(owner text, short text)
LANGUAGE plpgsql AS $$
DECLARE
    newest timestamptz;
    until timestamptz;
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = owner::regclass) = 'p' THEN
        RETURN; -- a migration that was broken off goes on behind it
    END IF;
    EXECUTE format('SELECT max(reported_at) FROM %I', owner) INTO newest;
    IF newest IS NOT NULL THEN
        until := date_trunc('month', greatest(newest, now() + interval '1 month'), 'UTC');
        until := date_trunc('month', until + interval '40 days', 'UTC');
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT IF EXISTS %I', owner, owner || '_ends');
        EXECUTE format(
            'ALTER TABLE %I ADD CONSTRAINT %I CHECK (reported_at < %L) NOT VALID', owner, owner || '_ends', until
        );
        COMMIT;
        EXECUTE format('ALTER TABLE %I VALIDATE CONSTRAINT %I', owner, owner || '_ends');
        COMMIT;
    END IF;
    PERFORM layers_split(owner, short, until);
    COMMIT;
END $$;
"""
DROP_SPLIT = (
    "DROP PROCEDURE layers_split_in_use(text, text); DROP FUNCTION layers_split(text, text, timestamptz);"
)
