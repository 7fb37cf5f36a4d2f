"""SQL of the migration on what is never emptied nor answered by hand; a changed one is a new migration."""

KEPT = """
-- History is not emptied: what refuses a changed line refuses that all go, of whichever table has such a guard.
DO $$
DECLARE
    history regclass;
BEGIN
    FOR history IN
        SELECT DISTINCT held.tgrelid::regclass
        FROM pg_trigger AS held
        WHERE held.tgname IN ('append_only', 'guarded') AND held.tgrelid <> 'access_entry'::regclass
    LOOP
        EXECUTE format(
            'CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION access_refuse()',
            history
        );
    END LOOP;
END $$;
"""
NOT_KEPT = """
DO $$
DECLARE
    history regclass;
BEGIN
    FOR history IN SELECT held.tgrelid::regclass FROM pg_trigger AS held WHERE held.tgname = 'never_emptied' LOOP
        EXECUTE format('DROP TRIGGER never_emptied ON %s', history);
    END LOOP;
END $$;
"""

ANSWERED = """
-- A turn was answered when a change of its case says so: not because its row does.
CREATE FUNCTION casework_check_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.answered_at IS NOT DISTINCT FROM OLD.answered_at THEN
            RETURN NULL;
        END IF;
    END IF;
    IF NOT EXISTS (
        SELECT
        FROM casework_change AS change
        JOIN casework_state AS state ON state.code = change.to_state_id
        WHERE change.case_id = NEW.case_id AND change.at = NEW.answered_at
            AND state.family IN ('answered', 'resolved')
    ) THEN
        RAISE EXCEPTION 'turn %: no change of case % says that it was answered at %',
            NEW.id, NEW.case_id, NEW.answered_at USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER answered AFTER INSERT OR UPDATE ON casework_turn
    FOR EACH ROW WHEN (NEW.answered_at IS NOT NULL) EXECUTE FUNCTION casework_check_answer();
"""
NOT_ANSWERED = """
DROP TRIGGER answered ON casework_turn;
DROP FUNCTION casework_check_answer();
"""
