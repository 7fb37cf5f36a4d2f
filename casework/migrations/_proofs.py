"""SQL of this app's migration on proofs and merges; a changed one is a new migration."""

APPENDED = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_proof
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_doubt
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_verdict
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_merge
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_member
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON casework_unmerge
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
"""
DROP_APPENDED = """
DROP TRIGGER append_only ON casework_proof;
DROP TRIGGER append_only ON casework_doubt;
DROP TRIGGER append_only ON casework_verdict;
DROP TRIGGER append_only ON casework_merge;
DROP TRIGGER append_only ON casework_member;
DROP TRIGGER append_only ON casework_unmerge;
"""
VERDICTS = """
-- A second person: who resolved a case is none, and where nothing is doubted there is nothing to say.
CREATE FUNCTION casework_check_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM casework_change AS change WHERE change.id = NEW.change_id AND change.by = NEW."by") THEN
        RAISE EXCEPTION 'change %: % resolved it, and cannot say whether it is', NEW.change_id, NEW."by"
            USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (
        SELECT
        FROM casework_proof AS proof
        JOIN casework_doubt AS doubt ON doubt.proof_id = proof.id
        WHERE proof.change_id = NEW.change_id
    ) THEN
        RAISE EXCEPTION 'change %: nothing is doubted', NEW.change_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER checked BEFORE INSERT ON casework_verdict
    FOR EACH ROW EXECUTE FUNCTION casework_check_verdict();
"""
DROP_VERDICTS = """
DROP TRIGGER checked ON casework_verdict;
DROP FUNCTION casework_check_verdict();
"""
CLUSTERS = """
-- The report that leads the cluster of another: itself, where it was merged into none.
CREATE FUNCTION casework_lead(of_report bigint) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE up (report_id, depth) AS (
        SELECT of_report, 0
        UNION ALL
        SELECT merged.into_id, up.depth + 1
        FROM up
        JOIN casework_member AS member ON member.case_id = up.report_id
        JOIN casework_merge AS merged ON merged.id = member.merge_id
        WHERE NOT EXISTS (SELECT FROM casework_unmerge AS undone WHERE undone.merge_id = merged.id)
    )
    SELECT up.report_id FROM up ORDER BY up.depth DESC LIMIT 1
$$;

-- All reports of the cluster that a report leads, itself first (depth 0).
CREATE FUNCTION casework_members(of_lead bigint) RETURNS TABLE (report_id bigint, merge_id bigint, depth integer)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE down (report_id, merge_id, depth) AS (
        SELECT of_lead, NULL::bigint, 0
        UNION ALL
        SELECT member.case_id, merged.id, down.depth + 1
        FROM down
        JOIN casework_merge AS merged ON merged.into_id = down.report_id
        JOIN casework_member AS member ON member.merge_id = merged.id
        WHERE NOT EXISTS (SELECT FROM casework_unmerge AS undone WHERE undone.merge_id = merged.id)
    )
    SELECT down.report_id, down.merge_id, down.depth FROM down ORDER BY down.depth, down.report_id
$$;

-- A step by a merge is one of a merge that is there: into "duplicate", and back to where the case was.
CREATE FUNCTION casework_check_merge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT
        FROM casework_member AS member
        JOIN casework_merge AS merged ON merged.id = member.merge_id
        LEFT JOIN casework_unmerge AS undone ON undone.merge_id = merged.id
        WHERE member.case_id = NEW.case_id AND CASE NEW.to_state_id
            WHEN 'duplicate' THEN merged.at = NEW.at AND member.state_id = NEW.from_state_id AND undone.at IS NULL
            ELSE undone.at = NEW.at AND member.state_id = NEW.to_state_id
        END
    ) THEN
        RAISE EXCEPTION 'case %: no merge leads from % to %', NEW.case_id, NEW.from_state_id, NEW.to_state_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER merged BEFORE INSERT ON casework_change
    FOR EACH ROW WHEN (NEW.permission = 'merge') EXECUTE FUNCTION casework_check_merge();

-- A case of a cluster stays a duplicate until the merge is undone.
CREATE FUNCTION casework_keep_merged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF casework_lead(NEW.case_id) <> NEW.case_id THEN
        RAISE EXCEPTION 'case %: it was merged, and leaves by undoing that', NEW.case_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kept BEFORE INSERT ON casework_change
    FOR EACH ROW WHEN (NEW.from_state_id = 'duplicate' AND NEW.permission <> 'merge')
    EXECUTE FUNCTION casework_keep_merged();
"""
DROP_CLUSTERS = """
DROP TRIGGER kept ON casework_change;
DROP FUNCTION casework_keep_merged();
DROP TRIGGER merged ON casework_change;
DROP FUNCTION casework_check_merge();
DROP FUNCTION casework_members(bigint);
DROP FUNCTION casework_lead(bigint);
"""
# Undoing a merge takes a case back to where it was: since when it was there, and the turn that the merge ended.
RESTORED = """
CREATE FUNCTION casework_restore_case() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was record;
BEGIN
    SELECT member.since, merged.at INTO was
    FROM casework_member AS member
    JOIN casework_merge AS merged ON merged.id = member.merge_id
    JOIN casework_unmerge AS undone ON undone.merge_id = merged.id
    WHERE member.case_id = NEW.case_id AND undone.at = NEW.at
    ORDER BY member.id DESC
    LIMIT 1;
    UPDATE casework_case SET since = was.since WHERE report_id = NEW.case_id;
    UPDATE casework_turn SET ended_at = NULL, ended_by = NULL WHERE case_id = NEW.case_id AND ended_at = was.at;
    RETURN NULL;
END $$;
-- By name behind the triggers that take the change and tell the turn.
CREATE TRIGGER z_restored AFTER INSERT ON casework_change
    FOR EACH ROW WHEN (NEW.permission = 'merge' AND NEW.from_state_id = 'duplicate')
    EXECUTE FUNCTION casework_restore_case();

-- As before, but that a case which goes back to "decided" needs no second choice.
CREATE OR REPLACE FUNCTION casework_check_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF NEW.to_state_id = 'decided' AND NEW.permission <> 'merge' AND NOT EXISTS (
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

-- As before, but that a turn which a merge ended goes on where the merge was undone.
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
            AND NOT (NEW.ended_at IS NULL AND EXISTS (
                SELECT
                FROM casework_member AS member
                JOIN casework_merge AS merged ON merged.id = member.merge_id
                JOIN casework_unmerge AS undone ON undone.merge_id = merged.id
                WHERE member.case_id = OLD.case_id AND merged.at = OLD.ended_at
            )))
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
# The two functions that were replaced are harmless without these tables' rows: they stay.
DROP_RESTORED = """
DROP TRIGGER z_restored ON casework_change;
DROP FUNCTION casework_restore_case();
"""
