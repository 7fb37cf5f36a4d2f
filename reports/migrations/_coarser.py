"""SQL of the migration by which pins of a citizen who is forgotten lose digits; a changed one is a new migration."""

COARSER = """
-- What people said of where a report is stays; but of a sensitive report the points lose digits, as its own does.
CREATE FUNCTION reports_refuse_change_but_coarser() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - '{point,from_point}'::text[] = to_jsonb(OLD) - '{point,from_point}'::text[]
            AND EXISTS (
                SELECT
                FROM generate_series(0, 5) AS digits (number)
                CROSS JOIN LATERAL (SELECT power(10, -digits.number)::double precision AS size) AS grid
                WHERE NEW.point IS NOT DISTINCT FROM ST_SnapToGrid(OLD.point, grid.size)
                  AND NEW.from_point IS NOT DISTINCT FROM ST_SnapToGrid(OLD.from_point, grid.size)
            )
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is history: rows are appended, never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER append_only ON reports_placement;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports_placement
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change_but_coarser();
"""
NOT_COARSER = """
DROP TRIGGER append_only ON reports_placement;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports_placement
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
DROP FUNCTION reports_refuse_change_but_coarser();
"""
