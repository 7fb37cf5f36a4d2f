"""SQL functions of this app's first migrations; a changed one is a new migration."""

APPEND_ONLY = """
-- History is appended: the database itself refuses to edit it.
CREATE FUNCTION reports_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is history: rows are appended, never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports_sourceupdate
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports_assignment
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
"""
DROP_APPEND_ONLY = """
DROP TRIGGER append_only ON reports_sourceupdate;
DROP TRIGGER append_only ON reports_assignment;
DROP FUNCTION reports_refuse_change();
"""

VERSION = """
-- Which version of a report wins: the later one. What stands in for a report that never came is older than
-- every version of it, and of several the earliest wins: their time is mirrored at 1970.
CREATE FUNCTION reports_version(updated_at timestamptz, stands_in boolean) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN stands_in THEN to_timestamp(-extract(epoch FROM updated_at)::double precision)
        ELSE updated_at
    END
$$;
"""
MASKABLE = """
-- What the public may read of a step is derived from it: it alone is written anew, where the author becomes known.
CREATE FUNCTION reports_refuse_change_of_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.public_by, NEW.public_note) IS DISTINCT FROM (OLD.public_by, OLD.public_note)
        AND to_jsonb(NEW) - 'public_by' - 'public_note' = to_jsonb(OLD) - 'public_by' - 'public_note'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is history: rows are appended, never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER append_only ON reports_sourceupdate;
UPDATE reports_sourceupdate SET public_by = by;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports_sourceupdate
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change_of_step();
"""
UNMASKABLE = """
DROP TRIGGER append_only ON reports_sourceupdate;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports_sourceupdate
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
DROP FUNCTION reports_refuse_change_of_step();
"""
TIER = """
-- The code of the tier above a kelurahan: a code begins with the codes of the tiers above it (PP.KK.CC.DDDD).
CREATE FUNCTION reports_tier(kelurahan_code text, level text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(kelurahan_code, CASE level WHEN 'kota' THEN 5 WHEN 'kecamatan' THEN 8 ELSE 13 END)
$$;
"""
DROP_TIER = "DROP FUNCTION reports_tier(text, text);"
DROP_VERSION = "DROP FUNCTION reports_version(timestamptz, boolean);"
STAMPED = """
-- Whatever changes what a map shows of a report: layers.follow reads the rows by their revision.
CREATE TRIGGER stamped BEFORE INSERT OR UPDATE OF
    category_id, channel, status, submitted_at, point, kelurahan_code, placed_by, simulated
ON reports_report FOR EACH ROW EXECUTE FUNCTION layers_stamp('reports');
CREATE TRIGGER removed AFTER DELETE ON reports_report FOR EACH ROW EXECUTE FUNCTION layers_remove('reports');
"""
UNSTAMPED = """
DROP TRIGGER removed ON reports_report;
DROP TRIGGER stamped ON reports_report;
"""
PLACEMENT_APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports_placement
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
"""
DROP_PLACEMENT_APPEND_ONLY = "DROP TRIGGER append_only ON reports_placement;"
TRUNCATED = """
CREATE TRIGGER truncated AFTER TRUNCATE ON reports_report
    FOR EACH STATEMENT EXECUTE FUNCTION layers_truncated('reports');
"""
NOT_TRUNCATED = "DROP TRIGGER truncated ON reports_report;"
