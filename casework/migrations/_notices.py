"""SQL of the migration on notices; a changed one is a new migration."""

GUARD = """
-- History is refused its change by the function that guards the reports' own.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_escalation
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_evidence
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
-- What an official was told stays as it was told; only how it fared on its way is written later.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_notice_escalations
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only
    BEFORE DELETE OR UPDATE OF number, channel, subject, text, created_at ON casework_notice
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
-- A wrong address may be mended until something was sent there.
CREATE TRIGGER sent_there BEFORE UPDATE OF address ON casework_notice
    FOR EACH ROW WHEN (OLD.sent_at IS NOT NULL) EXECUTE FUNCTION reports_refuse_change();

-- What an escalation must never be, whoever writes it.
CREATE FUNCTION casework_check_escalation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    turn casework_turn;
BEGIN
    SELECT * INTO turn FROM casework_turn WHERE id = NEW.turn_id;
    IF turn.office_id IS NULL OR turn.due_at IS NULL OR turn.due_at > NEW.due_at THEN
        RAISE EXCEPTION 'turn %: no answer of an office was overdue at %', NEW.turn_id, NEW.due_at
            USING ERRCODE = 'check_violation';
    END IF;
    IF turn.answered_at <= NEW.at OR turn.ended_at <= NEW.at THEN
        RAISE EXCEPTION 'turn %: it was answered or had ended before %', NEW.turn_id, NEW.at
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.official_id IS NOT NULL AND NOT EXISTS (
        SELECT
        FROM boundaries_term AS term
        WHERE term.office_id = NEW.office_id AND term.official_id = NEW.official_id AND term.acting = NEW.acting
          AND term.during @> (NEW.at AT TIME ZONE 'Asia/Jakarta')::date
    ) THEN
        RAISE EXCEPTION 'turn %: official % does not hold % on the day of %',
            NEW.turn_id, NEW.official_id, NEW.office_id, NEW.at USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER checked BEFORE INSERT ON casework_escalation
    FOR EACH ROW EXECUTE FUNCTION casework_check_escalation();
"""
DROP_GUARD = """
DROP TRIGGER checked ON casework_escalation;
DROP FUNCTION casework_check_escalation();
DROP TRIGGER sent_there ON casework_notice;
DROP TRIGGER append_only ON casework_notice;
DROP TRIGGER append_only ON casework_notice_escalations;
DROP TRIGGER append_only ON casework_evidence;
DROP TRIGGER append_only ON casework_escalation;
"""
