"""SQL of the migrations on whom a notice addresses; a changed one is a new migration."""

# A notice of disputes that still waits addresses whom the look before each attempt took it to address until now: who
# held the office when it was put down.
FILL = """
UPDATE casework_notice AS notice
SET official_id = (
    SELECT casework_holder(turn.office_id, notice.created_at)
    FROM casework_notice_turns AS told_of
    JOIN casework_turn AS turn ON turn.id = told_of.turn_id
    WHERE told_of.notice_id = notice.id
    ORDER BY turn.id
    LIMIT 1
)
WHERE notice.sent_at IS NULL AND notice.withdrawn_at IS NULL
  AND EXISTS (SELECT FROM casework_notice_turns AS told_of WHERE told_of.notice_id = notice.id);
"""
GUARD = """
CREATE TRIGGER addressed_once BEFORE UPDATE OF official_id ON casework_notice
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
"""
DROP_GUARD = """
DROP TRIGGER addressed_once ON casework_notice;
"""
