"""SQL of a migration; a changed one is a new migration."""

STRIKABLE = """
-- Of history one thing alone may be changed: words, which the trigger names, are struck out when their citizen is
-- forgotten. What stands there then is always the same.
CREATE FUNCTION casework_refuse_change_but_striking() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    former jsonb := to_jsonb(OLD);
    latter jsonb;
    word text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        latter := to_jsonb(NEW);
        FOREACH word IN ARRAY TG_ARGV LOOP
            IF latter ->> word = '[dianonimkan]' THEN
                former := former - word;
                latter := latter - word;
            END IF;
        END LOOP;
        IF latter = former THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is history: rows are appended, never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER append_only ON casework_change;
DROP TRIGGER append_only ON casework_alternative;
DROP TRIGGER append_only ON casework_choice;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_change
    FOR EACH ROW EXECUTE FUNCTION casework_refuse_change_but_striking('text');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_alternative
    FOR EACH ROW EXECUTE FUNCTION casework_refuse_change_but_striking('what', 'evidence', 'consequences');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_choice
    FOR EACH ROW EXECUTE FUNCTION casework_refuse_change_but_striking('why');
"""
UNSTRIKABLE = """
DROP TRIGGER append_only ON casework_change;
DROP TRIGGER append_only ON casework_alternative;
DROP TRIGGER append_only ON casework_choice;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_change
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_alternative
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_choice
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
DROP FUNCTION casework_refuse_change_but_striking();
"""

# What came with proofs and merges: the same.
WORDS = {"merge": "words", "unmerge": "words", "verdict": "why"}
STRIKABLE_TOO = "".join(
    f"""
DROP TRIGGER append_only ON casework_{table};
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_{table}
    FOR EACH ROW EXECUTE FUNCTION casework_refuse_change_but_striking('{column}');
"""
    for table, column in WORDS.items()
)
UNSTRIKABLE_TOO = "".join(
    f"""
DROP TRIGGER append_only ON casework_{table};
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_{table}
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
"""
    for table in WORDS
)
