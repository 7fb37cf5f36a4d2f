"""SQL of the migrations on pauses that count together and on deadlines of turns; a changed one is a new migration."""

TOGETHER = """
-- All pauses of a case for one reason count together, what they have in common once: as casework.pauses has it.
CREATE OR REPLACE FUNCTION casework_check_pause() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most integer := (SELECT reason.most_days FROM casework_pausereason AS reason WHERE reason.code = NEW.reason);
    lasted interval := (
        SELECT sum(upper(joined.span) - lower(joined.span))
        FROM unnest((
            SELECT range_agg(tstzrange(pause.since, least(pause.until, pause.ended_at)))
            FROM (
                SELECT known.since, known.until, known.ended_at
                FROM casework_pause AS known
                WHERE known.case_id = NEW.case_id AND known.reason = NEW.reason
                UNION ALL
                SELECT NEW.since, NEW.until, NEW.ended_at
            ) AS pause
        )) AS joined (span)
    );
BEGIN
    IF lasted > make_interval(days => most) THEN
        RAISE EXCEPTION 'case %: pauses for % last % days at most', NEW.case_id, NEW.reason, most
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
APART = """
CREATE OR REPLACE FUNCTION casework_check_pause() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most integer := (SELECT reason.most_days FROM casework_pausereason AS reason WHERE reason.code = NEW.reason);
BEGIN
    IF NEW.until - NEW.since > make_interval(days => most) THEN
        RAISE EXCEPTION 'case %: a pause for % lasts % days at most', NEW.case_id, NEW.reason, most
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""

DATED = """
-- The deadline by which an answer is due that was asked for at an instant: what is said of the category first, then
-- of the office, then of its tier. No row: none held.
CREATE FUNCTION casework_deadline_of(of_category text, of_office text, of_level text, at timestamptz)
RETURNS TABLE (deadline_id bigint) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT deadline.id
    FROM casework_deadline AS deadline
    WHERE deadline.purpose = 'answer'
      AND (deadline.category_id IS NULL OR deadline.category_id = of_category)
      AND (deadline.office_id IS NULL OR deadline.office_id = of_office)
      AND (deadline.tier IS NULL OR deadline.tier = of_level)
      AND (deadline.began_at IS NULL OR deadline.began_at <= at)
      AND (deadline.ended_at IS NULL OR deadline.ended_at > at)
    ORDER BY deadline.category_id NULLS LAST, deadline.office_id NULLS LAST, deadline.tier NULLS LAST
    LIMIT 1
$$;

-- The turns to be reckoned, and what their deadline allows.
--
-- cases     ids of reports, or null: of all
-- anew      those whose answer is waited for; else those that have no due date yet, whatever became of them
-- settled   those, too, that were answered or ended when they were overdue
CREATE FUNCTION casework_reckoned(cases bigint[], anew boolean, settled boolean)
RETURNS TABLE (
    turn_id bigint, case_id bigint, began_at timestamptz, due_at timestamptz, due_is_sure boolean, unit text,
    amount integer
) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT turn.id, turn.case_id, turn.began_at, turn.due_at, turn.due_is_sure, norm.unit, norm.amount
    FROM casework_turn AS turn
    JOIN casework_deadline AS deadline ON deadline.id = turn.deadline_id
    JOIN casework_norm AS norm ON norm.code = deadline.norm_id
    WHERE turn.began_at IS NOT NULL
      AND (cases IS NULL OR turn.case_id = ANY (cases))
      AND (
          NOT anew AND turn.due_at IS NULL
          OR anew AND turn.answered_at IS NULL AND turn.ended_at IS NULL
          OR settled AND turn.due_at < coalesce(turn.answered_at, turn.ended_at)
      )
$$;

CREATE FUNCTION casework_guard_deadline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'turn %: the deadline by which its answer is due stays', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER dated BEFORE UPDATE OF deadline_id ON casework_turn
    FOR EACH ROW WHEN (OLD.deadline_id IS NOT NULL AND NEW.deadline_id IS DISTINCT FROM OLD.deadline_id)
    EXECUTE FUNCTION casework_guard_deadline();
"""
NOT_DATED = """
DROP TRIGGER dated ON casework_turn;
DROP FUNCTION casework_guard_deadline();
DROP FUNCTION casework_reckoned(bigint[], boolean, boolean);
DROP FUNCTION casework_deadline_of(text, text, text, timestamptz);
"""

FILL_DEADLINES = """
UPDATE casework_turn AS turn
SET deadline_id = (
    SELECT held.deadline_id
    FROM casework_deadline_of(report.category_id, turn.office_id, (
        SELECT office.level FROM boundaries_office AS office WHERE office.code = turn.office_id
    ), turn.began_at) AS held
)
FROM reports_report AS report
WHERE report.id = turn.case_id AND turn.began_at IS NOT NULL;
"""

TOLD_ANSWERED = """
-- That an answer came is evidence for each rung that was told before it, at once: no run looks for it among all.
-- Nobody was told of a vacant post's, so nobody answered to it.
CREATE FUNCTION casework_tell_rungs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO casework_evidence (escalation_id, kind, channel, at, note)
    SELECT escalation.id, 'answered', '', NEW.answered_at, ''
    FROM casework_escalation AS escalation
    WHERE escalation.turn_id = NEW.id AND escalation.at <= NEW.answered_at AND NOT escalation.is_vacant
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER told_rungs AFTER UPDATE OF answered_at ON casework_turn
    FOR EACH ROW WHEN (OLD.answered_at IS NULL AND NEW.answered_at IS NOT NULL)
    EXECUTE FUNCTION casework_tell_rungs();

INSERT INTO casework_evidence (escalation_id, kind, channel, at, note)
SELECT escalation.id, 'answered', '', turn.answered_at, ''
FROM casework_escalation AS escalation
JOIN casework_turn AS turn ON turn.id = escalation.turn_id
WHERE turn.answered_at >= escalation.at AND NOT escalation.is_vacant
ON CONFLICT DO NOTHING;
"""
NOT_TOLD_ANSWERED = """
DROP TRIGGER told_rungs ON casework_turn;
DROP FUNCTION casework_tell_rungs();
"""
