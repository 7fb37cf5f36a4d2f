"""SQL of this app's migrations; a changed one is a new migration."""

WORKFLOW = """
-- A change is a step that the table of transitions has; composite, which Django's own keys are not.
ALTER TABLE casework_change ADD CONSTRAINT change_is_a_transition
    FOREIGN KEY (from_state_id, to_state_id, permission)
    REFERENCES casework_transition (from_state_id, to_state_id, permission);

-- History is refused its change by the function that guards the reports' own.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_change
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_alternative
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_choice
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();

-- What a change must have, whoever writes it.
CREATE FUNCTION casework_check_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.text !~ '[^[:space:]]' AND EXISTS (
        SELECT FROM casework_transition AS transition
        WHERE (transition.from_state_id, transition.to_state_id, transition.permission)
            = (NEW.from_state_id, NEW.to_state_id, NEW.permission)
          AND transition.needs_text
    ) THEN
        RAISE EXCEPTION 'case %: a citizen is owed words for % to %', NEW.case_id, NEW.from_state_id, NEW.to_state_id
            USING ERRCODE = 'check_violation';
    END IF;
    -- Not a choice of an earlier round: since the alternatives were proposed.
    IF NEW.to_state_id = 'decided' AND NOT EXISTS (
        SELECT
        FROM casework_choice AS choice
        JOIN casework_alternative AS alternative ON alternative.id = choice.alternative_id
        WHERE alternative.case_id = NEW.case_id
          AND choice.at >= (SELECT held.since FROM casework_case AS held WHERE held.report_id = NEW.case_id)
    ) THEN
        RAISE EXCEPTION 'case %: no alternative was chosen', NEW.case_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER checked BEFORE INSERT ON casework_change
    FOR EACH ROW EXECUTE FUNCTION casework_check_change();

-- A case's state is where its last change led; of two at a time one finds another state, and fails.
CREATE FUNCTION casework_take_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE casework_case SET state_id = NEW.to_state_id, since = NEW.at
    WHERE report_id = NEW.case_id AND state_id = NEW.from_state_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'case % is not %', NEW.case_id, NEW.from_state_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER taken AFTER INSERT ON casework_change
    FOR EACH ROW EXECUTE FUNCTION casework_take_change();

CREATE FUNCTION casework_refuse_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'case %: its state follows from its changes', OLD.report_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER by_changes BEFORE UPDATE OF state_id, since ON casework_case
    FOR EACH ROW EXECUTE FUNCTION casework_refuse_state();
CREATE FUNCTION casework_refuse_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'case %: it begins as collected, not as %', NEW.report_id, NEW.state_id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER begins BEFORE INSERT ON casework_case
    FOR EACH ROW WHEN (NEW.state_id <> 'collected') EXECUTE FUNCTION casework_refuse_start();
"""
DROP_WORKFLOW = """
DROP TRIGGER begins ON casework_case;
DROP TRIGGER by_changes ON casework_case;
DROP TRIGGER taken ON casework_change;
DROP TRIGGER checked ON casework_change;
DROP TRIGGER append_only ON casework_choice;
DROP TRIGGER append_only ON casework_alternative;
DROP TRIGGER append_only ON casework_change;
DROP FUNCTION casework_refuse_start();
DROP FUNCTION casework_refuse_state();
DROP FUNCTION casework_take_change();
DROP FUNCTION casework_check_change();
ALTER TABLE casework_change DROP CONSTRAINT change_is_a_transition;
"""
