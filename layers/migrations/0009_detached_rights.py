"""Who may read traffic may read its detached months: workers, who archive them, have no right to tables made later.

A month's table is made after the roles were given their rights, and its rows are reached through the table
whose part it is; detached it is one of its own.
"""

from django.db import migrations

DETACH = """
-- Detach a partition whose rows were all reported before an instant. What is on the map still, or left it since
-- then, stays in the table: it goes to the rest. Says whether it did: false where one of that name waits already.
-- Whoever may read the table may read what was of it.
CREATE OR REPLACE FUNCTION layers_detach(owner text, part text, before timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    late bigint[];
    reader text;
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
    FOR reader IN
        SELECT DISTINCT quote_ident(role.rolname)
        FROM pg_class AS held
        CROSS JOIN LATERAL aclexplode(held.relacl) AS may
        JOIN pg_roles AS role ON role.oid = may.grantee
        WHERE held.oid = owner::regclass AND may.privilege_type = 'SELECT'
    LOOP
        EXECUTE format('GRANT SELECT ON detached.%I TO %s', part, reader);
    END LOOP;
    RETURN true;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("layers", "0008_partitioned")]

    operations = [migrations.RunSQL(DETACH, migrations.RunSQL.noop)]
