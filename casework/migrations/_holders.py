"""SQL of the migration on who answers for a turn; a changed one is a new migration."""

from casework.migrations._missed import JUDGED as FORMER
from casework.migrations._undo import UNDO

_GUARD = UNDO[UNDO.index("-- As before, but that a turn goes on") :]
_BEGAN_UNDER = _GUARD[_GUARD.index("    -- Who holds the office is known") : _GUARD.index("    RETURN NEW;")]
GUARD, GUARD_BEFORE = _GUARD.replace(_BEGAN_UNDER, ""), _GUARD

ANSWERABLE = """
-- Who holds an office on the day of an instant in the city; null: nobody.
CREATE FUNCTION casework_holder(office text, at timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT term.official_id
        FROM boundaries_term AS term
        WHERE term.office_id = office AND term.during @> (at AT TIME ZONE 'Asia/Jakarta')::date
    );
END $$;

-- The day in the city on which it is settled who answers for a turn: on which it was answered, fell due or ended,
-- whichever came first, else on which it began. A due date that is not sure settles nothing.
CREATE FUNCTION casework_settled_on(turn casework_turn) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (coalesce(
        least(turn.answered_at, CASE WHEN turn.due_is_sure THEN turn.due_at END, turn.ended_at), turn.began_at
    ) AT TIME ZONE 'Asia/Jakarta')::date
$$;

-- For a turn answers who held the office on that day; while it lies ahead, as far as the terms say. Nobody else is
-- written there, and behind an answer or the end nobody anew, unless it is another day.
CREATE FUNCTION casework_name_holder() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held record;
BEGIN
    IF TG_OP = 'UPDATE' AND coalesce(NEW.answered_at, NEW.ended_at) IS NOT NULL
        AND casework_settled_on(NEW) = casework_settled_on(OLD)
    THEN
        held := OLD;
    ELSE
        SELECT term.official_id, term.acting INTO held
        FROM boundaries_term AS term
        WHERE term.office_id = NEW.office_id AND NEW.began_at IS NOT NULL
          AND term.during @> casework_settled_on(NEW);
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.official_id IS DISTINCT FROM OLD.official_id
        AND NEW.official_id IS DISTINCT FROM held.official_id
    THEN
        RAISE EXCEPTION 'turn %: who answers for it stays, or follows from the terms', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.official_id := held.official_id;
    NEW.acting := coalesce(held.acting, false);
    RETURN NEW;
END $$;
CREATE TRIGGER held BEFORE INSERT
    OR UPDATE OF began_at, due_at, due_is_sure, answered_at, ended_at, official_id, acting ON casework_turn
    FOR EACH ROW EXECUTE FUNCTION casework_name_holder();

-- A rung says whose turn it is of: a copy, which follows.
DROP TRIGGER append_only ON casework_escalation;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OF
    id, turn_id, number, tier, office_id, official_id, acting, is_vacant, due_at, at, turn_began_at, turn_office_id
    ON casework_escalation
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE FUNCTION casework_check_copy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.turn_official_id IS DISTINCT FROM (
        SELECT turn.official_id
        FROM casework_turn AS turn
        WHERE turn.id = NEW.turn_id
    ) THEN
        RAISE EXCEPTION 'escalation %: its turn is not that of official %', NEW.id, NEW.turn_official_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER copied BEFORE UPDATE OF turn_official_id ON casework_escalation
    FOR EACH ROW EXECUTE FUNCTION casework_check_copy();
CREATE FUNCTION casework_copy_holder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE casework_escalation SET turn_official_id = NEW.official_id WHERE turn_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER held_copied AFTER UPDATE ON casework_turn
    FOR EACH ROW WHEN (NEW.official_id IS DISTINCT FROM OLD.official_id) EXECUTE FUNCTION casework_copy_holder();

-- Terms that are begun, ended or taken back: once they are all written, for officials are loaded by deleting all.
CREATE FUNCTION casework_follow_term() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE casework_turn AS turn
    SET official_id = term.official_id, acting = coalesce(term.acting, false)
    FROM casework_turn AS open
    LEFT JOIN boundaries_term AS term
        ON term.office_id = open.office_id AND term.during @> casework_settled_on(open)
    WHERE open.office_id IN (OLD.office_id, NEW.office_id) AND open.began_at IS NOT NULL
      AND open.answered_at IS NULL AND open.ended_at IS NULL AND turn.id = open.id
      AND (open.official_id, open.acting) IS DISTINCT FROM (term.official_id, coalesce(term.acting, false));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER followed AFTER INSERT OR UPDATE OR DELETE ON boundaries_term
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION casework_follow_term();
"""
FILL = """
ALTER TABLE casework_turn DISABLE TRIGGER held;
UPDATE casework_turn AS turn
SET official_id = term.official_id, acting = coalesce(term.acting, false)
FROM casework_turn AS old
LEFT JOIN boundaries_term AS term
    ON term.office_id = old.office_id AND old.began_at IS NOT NULL AND term.during @> casework_settled_on(old)
WHERE turn.id = old.id
  AND (old.official_id, old.acting) IS DISTINCT FROM (term.official_id, coalesce(term.acting, false));
-- What waits for the end of the transaction would be in the way.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE casework_turn ENABLE TRIGGER held;
SET CONSTRAINTS ALL DEFERRED;
"""
NOT_ANSWERABLE = """
DROP TRIGGER followed ON boundaries_term;
DROP FUNCTION casework_follow_term();
DROP TRIGGER held_copied ON casework_turn;
DROP FUNCTION casework_copy_holder();
DROP TRIGGER copied ON casework_escalation;
DROP FUNCTION casework_check_copy();
DROP TRIGGER append_only ON casework_escalation;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_escalation
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
DROP TRIGGER held ON casework_turn;
DROP FUNCTION casework_name_holder();
DROP FUNCTION casework_settled_on(casework_turn);
DROP FUNCTION casework_holder(text, timestamptz);
"""
JUDGED = (
    FORMER.replace(
        "            WHEN turn.official_id IS NULL AND turn.office_id IS NOT NULL THEN 6\n            WHEN turn.ended_at",
        "            WHEN turn.ended_at",
    )
    .replace(
        "6 vacant     no answer, and nobody held the post of the office",
        "6 vacant     due, no answer, and nobody held the post on that day",
    )
    .replace(
        "--          A deadline that hangs",
        "--          official_id: who answers for it; of 10 and 11 who will, as far as the terms say: casework_holder has it\n"
        "--          until then.\n--          A deadline that hangs",
    )
)
