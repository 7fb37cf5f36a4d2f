"""SQL of the migration on undoing; a changed one is a new migration."""

UNDO = """
-- What is undone is the last step of the case, by whoever took it, and no undoing itself.
CREATE FUNCTION casework_check_undo() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last casework_change;
BEGIN
    SELECT * INTO last FROM casework_change AS change WHERE change.case_id = NEW.case_id ORDER BY change.id DESC LIMIT 1;
    IF (last.from_state_id, last.to_state_id, last."by") IS DISTINCT FROM (NEW.to_state_id, NEW.from_state_id, NEW."by")
        OR last.permission IN ('undo', 'merge', 'follow')
    THEN
        RAISE EXCEPTION 'case %: % took no last step from % to %',
            NEW.case_id, NEW."by", NEW.to_state_id, NEW.from_state_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER undone BEFORE INSERT ON casework_change
    FOR EACH ROW WHEN (NEW.permission = 'undo') EXECUTE FUNCTION casework_check_undo();

-- A case that goes back is there since it was there, and the turn that the step ended goes on.
CREATE FUNCTION casework_restore_undone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    undone casework_change;
BEGIN
    SELECT * INTO undone
    FROM casework_change AS change
    WHERE change.case_id = NEW.case_id AND change.id < NEW.id
    ORDER BY change.id DESC
    LIMIT 1;
    UPDATE casework_case SET since = coalesce(
        (
            SELECT change.at
            FROM casework_change AS change
            WHERE change.case_id = NEW.case_id AND change.id < undone.id
            ORDER BY change.id DESC
            LIMIT 1
        ),
        -- When the case was opened its first turn was.
        (SELECT min(turn.offered_at) FROM casework_turn AS turn WHERE turn.case_id = NEW.case_id),
        since
    )
    WHERE report_id = NEW.case_id;
    UPDATE casework_turn SET ended_at = NULL, ended_by = NULL
    WHERE case_id = NEW.case_id AND ended_at = undone.at AND ended_by = 'closed';
    RETURN NULL;
END $$;
-- By name behind the triggers that take the change and tell the turn.
CREATE TRIGGER z_undone AFTER INSERT ON casework_change
    FOR EACH ROW WHEN (NEW.permission = 'undo') EXECUTE FUNCTION casework_restore_undone();

-- As before, but that a turn goes on, too, where the step that ended it was undone.
CREATE OR REPLACE FUNCTION casework_guard_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'turn %: a turn stays', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.case_id, NEW.number, NEW.hop, NEW.office_id, NEW.rule_id, NEW.explanation, NEW.offered_at)
        IS DISTINCT FROM
       (OLD.id, OLD.case_id, OLD.number, OLD.hop, OLD.office_id, OLD.rule_id, OLD.explanation, OLD.offered_at)
    THEN
        RAISE EXCEPTION 'turn %: whose it is and why stays as it was decided', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.began_at <> coalesce(NEW.began_at, 'infinity')
        OR OLD.passed_at <> coalesce(NEW.passed_at, 'infinity')
        OR OLD.answered_at <> coalesce(NEW.answered_at, 'infinity')
        OR (OLD.ended_at IS NOT NULL
            AND (NEW.ended_at, NEW.ended_by) IS DISTINCT FROM (OLD.ended_at, OLD.ended_by)
            AND NOT (NEW.ended_at IS NULL AND (EXISTS (
                SELECT
                FROM casework_member AS member
                JOIN casework_merge AS merged ON merged.id = member.merge_id
                JOIN casework_unmerge AS undone ON undone.merge_id = merged.id
                WHERE member.case_id = OLD.case_id AND merged.at = OLD.ended_at
            ) OR EXISTS (
                SELECT
                FROM casework_change AS undone
                JOIN casework_change AS back
                    ON back.case_id = undone.case_id AND back.id > undone.id AND back.permission = 'undo'
                    AND back.from_state_id = undone.to_state_id AND back.to_state_id = undone.from_state_id
                WHERE undone.case_id = OLD.case_id AND undone.at = OLD.ended_at AND OLD.ended_by = 'closed'
            ))))
    THEN
        RAISE EXCEPTION 'turn %: its times are set once', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    -- Who holds the office is known on the day on which the turn begins.
    IF OLD.began_at IS NOT NULL
        AND (NEW.official_id, NEW.acting) IS DISTINCT FROM (OLD.official_id, OLD.acting)
    THEN
        RAISE EXCEPTION 'turn %: who held the office when it began stays', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
DROP_UNDO = """
DROP TRIGGER z_undone ON casework_change;
DROP FUNCTION casework_restore_undone();
DROP TRIGGER undone ON casework_change;
DROP FUNCTION casework_check_undo();
"""
