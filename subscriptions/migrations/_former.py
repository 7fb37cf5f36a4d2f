"""SQL of a migration; a changed one is a new migration."""

CREATE = """
-- As a report was before it left a place, a kind, the public's sight, or the database: who was told of it there
-- is told that it is gone. By its name the trigger comes behind those that set revision and public point.
CREATE FUNCTION subscriptions_keep_former() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    revision bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        revision := layers_revision_of('reports');
    ELSE
        revision := NEW.revision;
    END IF;
    INSERT INTO subscriptions_former (report, revision, category, kelurahan, point, left_at)
    VALUES (OLD.id, revision, OLD.category_id, OLD.kelurahan_code, coalesce(OLD.public_point, OLD.point), now());
    RETURN NULL;
END $$;
CREATE TRIGGER former AFTER UPDATE OF category_id, status, point, kelurahan_code ON reports_report
    FOR EACH ROW WHEN (
        OLD.status <> 'withdrawn' AND (
            NEW.status = 'withdrawn'
            OR OLD.category_id <> NEW.category_id
            OR OLD.kelurahan_code IS DISTINCT FROM NEW.kelurahan_code
            OR coalesce(OLD.public_point, OLD.point) IS DISTINCT FROM coalesce(NEW.public_point, NEW.point)
        )
    )
    EXECUTE FUNCTION subscriptions_keep_former();
CREATE TRIGGER former_of_deleted AFTER DELETE ON reports_report
    FOR EACH ROW WHEN (OLD.status <> 'withdrawn') EXECUTE FUNCTION subscriptions_keep_former();
"""
DROP = """
DROP TRIGGER former_of_deleted ON reports_report;
DROP TRIGGER former ON reports_report;
DROP FUNCTION subscriptions_keep_former();
"""
