"""SQL of this app's migrations on rules and deadlines that end and are never edited."""

SOURCES = """
UPDATE casework_deadline AS deadline
SET source = norm.source
FROM casework_norm AS norm
WHERE norm.code = deadline.norm_id AND deadline.source = '';
"""

GUARDS = """
-- What a rule or a deadline says was decided by: it ends, once, and stays.
CREATE FUNCTION casework_guard_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '% %: it ends, and is not deleted', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF to_jsonb(NEW) - 'ended_at' IS DISTINCT FROM to_jsonb(OLD) - 'ended_at' THEN
        RAISE EXCEPTION '% %: what it says stays; end it, and begin another one', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
        RAISE EXCEPTION '% %: it has ended, once and for all', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guarded BEFORE UPDATE OR DELETE ON casework_rule
    FOR EACH ROW EXECUTE FUNCTION casework_guard_version();
CREATE TRIGGER guarded BEFORE UPDATE OR DELETE ON casework_deadline
    FOR EACH ROW EXECUTE FUNCTION casework_guard_version();
"""
DROP_GUARDS = """
DROP TRIGGER guarded ON casework_deadline;
DROP TRIGGER guarded ON casework_rule;
DROP FUNCTION casework_guard_version();
"""

_RULES = """
CREATE OR REPLACE FUNCTION casework_rules(of_category text, at_code text)
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
    WHERE rule.is_active{lasting}
      AND (rule.category_id IS NULL OR rule.category_id = of_category)
      AND (rule.area_code IS NULL OR starts_with(at_code || '.', rule.area_code || '.'))
      -- A tier answers where the place is known.
      AND (rule.office_id IS NOT NULL OR at_code IS NOT NULL)
$$;
"""
RULES, FORMER_RULES = (_RULES.format(lasting=words) for words in (" AND rule.ended_at IS NULL", ""))
