"""SQL of this app's migrations on rules and turns; a changed one is a new migration."""

RULES = """
-- The rules that fit a kind of problem at a place, and the office that each of them names; null: there is none.
CREATE FUNCTION casework_rules(of_category text, at_code text)
RETURNS TABLE (rule_id bigint, number integer, name text, source text, office_id text, level text, title text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT rule.id, rule.number, rule.name, rule.source, office.code, office.level, office.title
    FROM casework_rule AS rule
    LEFT JOIN reports_category AS kind ON kind.code = of_category
    CROSS JOIN LATERAL (
        SELECT CASE WHEN rule.office_id IS NULL THEN coalesce(rule.tier, kind.answered_by) END AS code
    ) AS tier
    LEFT JOIN boundaries_office AS office
        ON office.code = rule.office_id
        OR (office.level = tier.code AND office.boundary_code = reports_tier(at_code, tier.code))
    WHERE rule.is_active
      AND (rule.category_id IS NULL OR rule.category_id = of_category)
      AND (rule.area_code IS NULL OR starts_with(at_code || '.', rule.area_code || '.'))
      -- A tier answers where the place is known.
      AND (rule.office_id IS NOT NULL OR at_code IS NOT NULL)
$$;

-- Which rule decides, whose turn it is then, and who else it could be; office_id null: the unit's.
-- The second candidate is the office across a border that is near, else that of the next rule, else the one
-- across a border that is not.
CREATE FUNCTION casework_decide(of_category text, at_code text, neighbour_code text, is_near boolean)
RETURNS TABLE (rule_id bigint, office_id text, level text, said jsonb)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH fit AS MATERIALIZED (
        SELECT rule.* FROM casework_rules(of_category, at_code) AS rule
    ), first AS (
        SELECT fit.* FROM fit ORDER BY fit.number LIMIT 1
    ), across AS (
        SELECT rule.* FROM casework_rules(of_category, neighbour_code) AS rule
        WHERE neighbour_code IS NOT NULL
        ORDER BY rule.number
        LIMIT 1
    ), other AS (
        (
            SELECT CASE WHEN is_near THEN 1 ELSE 3 END AS rank, across.number, across.office_id, across.title,
                'across_the_border' AS why
            FROM across
        )
        UNION ALL
        (SELECT 2, fit.number, fit.office_id, fit.title, 'next_rule' FROM fit, first WHERE fit.number > first.number)
    ), second AS (
        SELECT other.*
        FROM other, first
        WHERE other.office_id <> coalesce(first.office_id, '')
        ORDER BY other.rank, other.number
        LIMIT 1
    )
    SELECT first.rule_id, first.office_id, first.level, jsonb_build_object(
        'rule', CASE WHEN first.rule_id IS NOT NULL THEN jsonb_build_object(
            'number', first.number, 'name', first.name, 'source', first.source
        ) END,
        'office', first.title,
        'unit_because', CASE
            WHEN first.office_id IS NOT NULL THEN NULL
            WHEN first.rule_id IS NOT NULL THEN 'no_office'
            WHEN at_code IS NULL THEN 'no_place'
            ELSE 'no_rule'
        END,
        'second', CASE WHEN second.office_id IS NOT NULL THEN jsonb_build_object(
            'code', second.office_id, 'office', second.title, 'rule', second.number, 'why', second.why
        ) END
    )
    FROM (SELECT) AS one
    LEFT JOIN first ON true
    LEFT JOIN second ON true
$$;
"""
DROP_RULES = """
DROP FUNCTION casework_decide(text, text, text, boolean);
DROP FUNCTION casework_rules(text, text);
"""

TURNS = """
-- What was decided is history, and its times are set once; when an answer is due is derived, and may change.
CREATE FUNCTION casework_guard_turn() RETURNS trigger LANGUAGE plpgsql AS $$
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
            AND (NEW.ended_at, NEW.ended_by) IS DISTINCT FROM (OLD.ended_at, OLD.ended_by))
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
CREATE TRIGGER guarded BEFORE UPDATE OR DELETE ON casework_turn
    FOR EACH ROW EXECUTE FUNCTION casework_guard_turn();

-- What a change of the case says of the turn: whoever writes it, exactly then, and once.
CREATE FUNCTION casework_tell_turn() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    reached text := (SELECT state.family FROM casework_state AS state WHERE state.code = NEW.to_state_id);
    reason text := CASE reached WHEN 'resolved' THEN 'resolved' WHEN 'closed' THEN 'closed' WHEN 'disputed' THEN 'disputed' END;
BEGIN
    IF NEW.to_state_id = 'returned' THEN
        -- Who was offered it last says so; else who has it. An offer ends thereby, a turn that began does not.
        UPDATE casework_turn AS turn
        SET passed_at = NEW.at,
            ended_at = CASE WHEN turn.began_at IS NULL THEN NEW.at END,
            ended_by = CASE WHEN turn.began_at IS NULL THEN 'not_taken' END
        WHERE turn.id = (
            SELECT last.id
            FROM casework_turn AS last
            WHERE last.case_id = NEW.case_id AND last.ended_at IS NULL AND last.passed_at IS NULL
            ORDER BY last.number DESC
            LIMIT 1
        );
        RETURN NULL;
    END IF;
    IF reached NOT IN ('answered', 'resolved', 'closed', 'disputed') THEN
        RETURN NULL;
    END IF;
    -- A supervisor who says that a case is resolved, whatever the citizen says, is not the office's answer.
    UPDATE casework_turn AS turn
    SET answered_at = CASE
            WHEN turn.answered_at IS NOT NULL THEN turn.answered_at
            WHEN reached IN ('answered', 'resolved') AND NEW.permission <> 'supervise' THEN NEW.at
        END,
        ended_at = CASE WHEN reason IS NOT NULL THEN NEW.at END,
        ended_by = reason
    WHERE turn.case_id = NEW.case_id AND turn.began_at IS NOT NULL AND turn.ended_at IS NULL;
    UPDATE casework_turn AS turn
    SET ended_at = NEW.at, ended_by = 'not_taken'
    WHERE turn.case_id = NEW.case_id AND turn.began_at IS NULL AND turn.ended_at IS NULL;
    RETURN NULL;
END $$;
-- By name behind the trigger that takes the change.
CREATE TRIGGER told AFTER INSERT ON casework_change
    FOR EACH ROW EXECUTE FUNCTION casework_tell_turn();
"""
DROP_TURNS = """
DROP TRIGGER told ON casework_change;
DROP TRIGGER guarded ON casework_turn;
DROP FUNCTION casework_tell_turn();
DROP FUNCTION casework_guard_turn();
"""

PAUSES = """
CREATE FUNCTION casework_guard_pause() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'pause %: a pause stays', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.case_id, NEW.since, NEW.until, NEW.reason, NEW."by")
        IS DISTINCT FROM (OLD.id, OLD.case_id, OLD.since, OLD.until, OLD.reason, OLD."by")
        OR OLD.ended_at <> coalesce(NEW.ended_at, 'infinity')
    THEN
        RAISE EXCEPTION 'pause %: it may end sooner, once, and nothing else', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guarded BEFORE UPDATE OR DELETE ON casework_pause
    FOR EACH ROW EXECUTE FUNCTION casework_guard_pause();

CREATE FUNCTION casework_check_pause() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most integer := (SELECT reason.most_days FROM casework_pausereason AS reason WHERE reason.code = NEW.reason);
BEGIN
    IF NEW.until - NEW.since > make_interval(days => most) THEN
        RAISE EXCEPTION 'case %: a pause for % lasts % days at most', NEW.case_id, NEW.reason, most
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER checked BEFORE INSERT ON casework_pause
    FOR EACH ROW EXECUTE FUNCTION casework_check_pause();
"""
DROP_PAUSES = """
DROP TRIGGER checked ON casework_pause;
DROP TRIGGER guarded ON casework_pause;
DROP FUNCTION casework_check_pause();
DROP FUNCTION casework_guard_pause();
"""

RESUMED = """
-- A pause that ended sooner says by whom, and within its time.
CREATE OR REPLACE FUNCTION casework_guard_pause() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'pause %: a pause stays', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.case_id, NEW.since, NEW.until, NEW.reason, NEW."by")
        IS DISTINCT FROM (OLD.id, OLD.case_id, OLD.since, OLD.until, OLD.reason, OLD."by")
        OR OLD.ended_at IS NOT NULL OR NEW.ended_at NOT BETWEEN OLD.since AND OLD.until
    THEN
        RAISE EXCEPTION 'pause %: it may end sooner, once, and nothing else', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
