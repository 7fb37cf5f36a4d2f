"""SQL of the migration on reports of another category, whose ladder may lead on; a changed one is a new migration."""

OTHER = """
-- A report of another category may have another ladder, with rungs above the last one: the next run looks at it.
CREATE FUNCTION casework_climb_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE casework_turn SET is_climbed = false
    WHERE case_id = NEW.id AND is_climbed AND answered_at IS NULL AND ended_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER climbed_another AFTER UPDATE OF category_id ON reports_report
    FOR EACH ROW WHEN (NEW.category_id IS DISTINCT FROM OLD.category_id)
    EXECUTE FUNCTION casework_climb_another();
"""
NO_OTHER = """
DROP TRIGGER climbed_another ON reports_report;
DROP FUNCTION casework_climb_another();
"""
