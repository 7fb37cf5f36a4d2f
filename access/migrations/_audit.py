"""SQL of the audit; a changed one is a new migration."""

CHAIN = """
-- What the hash of an entry covers. jsonb has one order of keys and one way to write each value; an instant is
-- written as microseconds, for its text depends on the session's time zone.
CREATE FUNCTION access_content(entry access_entry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT convert_to(jsonb_build_array(
        entry.id, (extract(epoch FROM entry.at) * 1000000)::bigint, entry.by, entry.action, entry.subject,
        entry.address, entry.agent, entry.details
    )::text, 'UTF8')
$$;

-- One at a time: whoever appends holds the end of the chain until the transaction ends.
CREATE FUNCTION access_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    former access_entry;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('access.audit', 0));
    SELECT * INTO former FROM access_entry AS entry ORDER BY entry.id DESC LIMIT 1;
    NEW.id := coalesce(former.id, 0) + 1;
    NEW.hash := sha256(coalesce(former.hash, ''::bytea) || access_content(NEW));
    RETURN NEW;
END $$;
CREATE TRIGGER linked BEFORE INSERT ON access_entry FOR EACH ROW EXECUTE FUNCTION access_link();

CREATE FUNCTION access_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A test database is emptied between tests; grants keep the application's role from it in any case.
    IF TG_OP = 'TRUNCATE' AND current_setting('access.may_empty', true) = 'tests' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is appended: no line of it is changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON access_entry
    FOR EACH ROW EXECUTE FUNCTION access_refuse();
CREATE TRIGGER kept BEFORE TRUNCATE ON access_entry FOR EACH STATEMENT EXECUTE FUNCTION access_refuse();
"""
UNCHAIN = """
DROP TRIGGER kept ON access_entry;
DROP TRIGGER append_only ON access_entry;
DROP TRIGGER linked ON access_entry;
DROP FUNCTION access_refuse();
DROP FUNCTION access_link();
DROP FUNCTION access_content(access_entry);
"""
