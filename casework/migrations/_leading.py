"""SQL of the migrations on cases that lead a cluster; a changed one is a new migration."""

from casework.migrations._in_order import PROBLEMS as PROBLEMS_FORMER

_NONE = "WHERE change.to_state_id = 'duplicate' AND change.permission <> 'merge' AND change.at <= as_of\n"
# Who leads a cluster tells of its problem, and not of none beside it: else it would be there twice.
_LEADS_NONE = """          AND change.case_id NOT IN (SELECT led.problem FROM casework_led(as_of) AS led)
"""
PROBLEMS = PROBLEMS_FORMER.replace(_NONE, _NONE + _LEADS_NONE)
KEPT = """
-- Who leads a cluster is closed as a duplicate by a merge alone: else all of it would be nobody's.
CREATE FUNCTION casework_keep_leading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM casework_members(NEW.case_id) AS member WHERE member.depth > 0) THEN
        RAISE EXCEPTION 'case %: others were merged into it, and it is closed as a duplicate by a merge', NEW.case_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kept_leading BEFORE INSERT ON casework_change
    FOR EACH ROW WHEN (NEW.to_state_id = 'duplicate' AND NEW.permission <> 'merge')
    EXECUTE FUNCTION casework_keep_leading();
"""
DROP_KEPT = """
DROP TRIGGER kept_leading ON casework_change;
DROP FUNCTION casework_keep_leading();
"""
