"""SQL of the migration on turns at the top of their ladder; a changed one is a new migration."""

CLIMBED = """
-- Another ladder may have rungs above the last one: the next run looks at all that waits.
CREATE FUNCTION casework_climb_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE casework_turn SET is_climbed = false
    WHERE is_climbed AND answered_at IS NULL AND ended_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER climbed_on AFTER INSERT OR UPDATE OR DELETE ON casework_rung
    FOR EACH STATEMENT EXECUTE FUNCTION casework_climb_on();
"""
DROP_CLIMBED = """
DROP TRIGGER climbed_on ON casework_rung;
DROP FUNCTION casework_climb_on();
"""
