"""SQL of the migration on what people are told; a changed one is a new migration."""

TOLD_TURNS = """
-- Of which turns a notice tells is history, as of which escalations.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_notice_turns
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
"""
DROP_TOLD_TURNS = """
DROP TRIGGER append_only ON casework_notice_turns;
"""
