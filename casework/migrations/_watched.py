"""SQL of a migration; a changed one is a new migration."""

FORGETTABLE = """
-- What an official was told stays. A mail to who follows is forgotten with them, or once it was sent.
DROP TRIGGER append_only ON casework_notice;
CREATE TRIGGER append_only
    BEFORE UPDATE OF number, channel, subject, text, created_at ON casework_notice
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER kept BEFORE DELETE ON casework_notice
    FOR EACH ROW WHEN (OLD.channel <> 'watch') EXECUTE FUNCTION reports_refuse_change();
"""
UNFORGETTABLE = """
DROP TRIGGER kept ON casework_notice;
DROP TRIGGER append_only ON casework_notice;
CREATE TRIGGER append_only
    BEFORE DELETE OR UPDATE OF number, channel, subject, text, created_at ON casework_notice
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
"""
