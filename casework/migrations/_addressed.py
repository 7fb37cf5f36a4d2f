"""SQL of the migrations on whom a notice addresses; a changed one is a new migration."""

from casework.migrations._withdrawn import CHECK_SUCCESSION

# A notice of disputes that still waits addresses whom the look before each attempt took it to address until
# now: who held the office when it was put down.
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

FORMER = CHECK_SUCCESSION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
SUCCEEDED = """
-- Who is told in the place of whom a rung names holds the office of the rung on that day. The governor's office is
-- told though nobody holds it: then the succession names nobody.
CREATE OR REPLACE FUNCTION casework_check_succession() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT
        FROM casework_escalation AS escalation
        LEFT JOIN boundaries_term AS term ON term.office_id = escalation.office_id
            AND term.during @> casework_city_day(NEW.at)
        WHERE escalation.id = NEW.escalation_id
          AND (
              (term.official_id = NEW.official_id AND term.acting = NEW.acting)
              OR (
                  escalation.tier IS NULL AND term.official_id IS NULL
                  AND NEW.official_id IS NULL AND NOT NEW.acting
              )
          )
    ) THEN
        RAISE EXCEPTION 'escalation %: official % does not hold its office on the day of %',
            NEW.escalation_id, NEW.official_id, NEW.at USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
