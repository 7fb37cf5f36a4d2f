"""SQL of the migration on notices that are withdrawn; a changed one is a new migration."""

CHECK_SUCCESSION = """\
-- Who is told in the place of whom a rung names holds the office of the rung on that day.
CREATE FUNCTION casework_check_succession() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT
        FROM casework_escalation AS escalation
        JOIN boundaries_term AS term ON term.office_id = escalation.office_id
        WHERE escalation.id = NEW.escalation_id
          AND term.official_id = NEW.official_id AND term.acting = NEW.acting
          AND term.during @> (NEW.at AT TIME ZONE 'Asia/Jakarta')::date
    ) THEN
        RAISE EXCEPTION 'escalation %: official % does not hold its office on the day of %',
            NEW.escalation_id, NEW.official_id, NEW.at USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
SUCCESSIONS = (
    """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_succession
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON casework_succession
    FOR EACH STATEMENT EXECUTE FUNCTION access_refuse();

"""
    + CHECK_SUCCESSION
    + """CREATE TRIGGER checked BEFORE INSERT ON casework_succession
    FOR EACH ROW EXECUTE FUNCTION casework_check_succession();

-- What is withdrawn stays so.
CREATE TRIGGER withdrawn_once BEFORE UPDATE ON casework_notice
    FOR EACH ROW WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION reports_refuse_change();
"""
)
DROP_SUCCESSIONS = """
DROP TRIGGER withdrawn_once ON casework_notice;
DROP TRIGGER checked ON casework_succession;
DROP FUNCTION casework_check_succession();
DROP TRIGGER never_emptied ON casework_succession;
DROP TRIGGER append_only ON casework_succession;
"""
