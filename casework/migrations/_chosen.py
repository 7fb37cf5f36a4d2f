"""SQL of the migration on choices of what is proposed; a changed one is a new migration."""

CHOSEN = """
-- What is chosen is what is proposed: not behind the decision, which gives the case to the office of the last choice.
-- The case is locked, so that no step goes by meanwhile.
CREATE FUNCTION casework_check_choice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held record;
BEGIN
    SELECT proposed.report_id, proposed.state_id INTO held
    FROM casework_case AS proposed
    WHERE proposed.report_id = (
        SELECT alternative.case_id FROM casework_alternative AS alternative WHERE alternative.id = NEW.alternative_id
    )
    FOR SHARE;
    IF held.state_id <> 'proposed' THEN
        RAISE EXCEPTION 'case % is %: what is chosen is what is proposed', held.report_id, held.state_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER checked BEFORE INSERT ON casework_choice
    FOR EACH ROW EXECUTE FUNCTION casework_check_choice();
"""
DROP_CHOSEN = """
DROP TRIGGER checked ON casework_choice;
DROP FUNCTION casework_check_choice();
"""
