"""SQL of the migrations on cases that lead a cluster; a changed one is a new migration."""

from casework.migrations._in_order import PROBLEMS as PROBLEMS_FORMER
from casework.migrations._said import CHECK as CHECK_FORMER

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
_REFUSED = """    ) THEN
        RAISE EXCEPTION 'turn %: no change of case %"""
_MEMBERS = """    ) AND NOT EXISTS (
        -- What a channel says of a report since it was merged is said of its lead.
        SELECT
        FROM casework_members(NEW.case_id) AS member
        JOIN casework_case AS held ON held.report_id = member.report_id AND held.state_id = 'duplicate'
        JOIN reports_report AS report ON report.id = member.report_id
        JOIN reports_sourceupdate AS step ON step.channel = report.channel AND step.external_id = report.external_id
        WHERE member.depth > 0 AND step.status IN ('in_progress', 'done')
            AND step.at > held.since AND step.at < coalesce(NEW.ended_at, 'infinity')
            AND greatest(step.at, NEW.began_at) = NEW.answered_at
            AND step.at > casework_asked_since(NEW.case_id, NEW.began_at)
"""
CHECK = CHECK_FORMER.replace(_REFUSED, _MEMBERS + _REFUSED)
