"""SQL of a migration; a changed one is a new migration."""

from reports.migrations._veils import CREATE


def _former(name: str) -> str:
    """Return a function as the migration before made it."""
    _, head, rest = CREATE.partition(f"CREATE FUNCTION {name}()")
    return head.replace("CREATE", "CREATE OR REPLACE", 1) + rest.partition("$$;")[0] + "$$;\n"


KNOWN = r"""
-- All categories as a text, a line each, of sensitive ones with their digits behind a tab: read once in a
-- transaction. So a row of a batch costs no look-up, and no check of a foreign key at its end (4 us).
CREATE OR REPLACE FUNCTION reports_veils() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    known text;
BEGIN
    SELECT E'\n' || coalesce(string_agg(
        category.code || coalesce(E'\t' || category.public_digits, '') || E'\n', '' ORDER BY category.code
    ), '')
    INTO known
    FROM reports_category AS category;
    PERFORM set_config('reports.veils', known, true);
    RETURN known;
END $$;

CREATE FUNCTION reports_veiled(category_id text, point geometry) RETURNS geometry LANGUAGE plpgsql AS $$
DECLARE
    known text := current_setting('reports.veils', true);
    place integer := strpos(known, E'\n' || category_id || E'\t');
BEGIN
    IF place > 0 IS NOT TRUE THEN
        known := reports_veils();
        place := strpos(known, E'\n' || category_id || E'\t');
    END IF;
    IF place > 0 THEN
        RETURN reports_rounded(
            point, split_part(substr(known, place + length(category_id) + 2), E'\n', 1)::integer
        );
    END IF;
    IF strpos(known, E'\n' || category_id || E'\n') > 0 THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'there is no category %', category_id USING ERRCODE = 'foreign_key_violation';
END $$;

CREATE OR REPLACE FUNCTION reports_veil() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF strpos(current_setting('reports.veils', true), E'\n' || NEW.category_id || E'\n') > 0 THEN
        IF NEW.public_point IS NOT NULL THEN
            NEW.public_point := NULL;
        END IF;
        RETURN NEW;
    END IF;
    -- Sensitive, or not known when the transaction began to look.
    NEW.public_point := reports_veiled(NEW.category_id, NEW.point);
    RETURN NEW;
END $$;

-- Whoever stores a report holds the layer's revision until the end, and was told of its category after that: here
-- it is waited for, so no report slips between.
CREATE FUNCTION reports_keep_category() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM layers_revision AS revision WHERE revision.layer = 'reports' FOR UPDATE;
    IF EXISTS (SELECT FROM reports_report AS report WHERE report.category_id = OLD.code)
        AND NOT EXISTS (SELECT FROM reports_category AS category WHERE category.code = OLD.code)
    THEN
        RAISE EXCEPTION 'reports are of category %', OLD.code USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER is_named AFTER DELETE OR UPDATE OF code ON reports_category
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reports_keep_category();

-- What a foreign key does for each row and column, once for each statement: 2 us a report instead of 7. What is
-- named is locked as by one, so nobody deletes it before this transaction ends.
CREATE FUNCTION reports_check_assigned() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    PERFORM FROM boundaries_office AS office
    WHERE office.code IN (SELECT added.office_id FROM added) FOR KEY SHARE;
    PERFORM FROM boundaries_official AS official
    WHERE official.id IN (SELECT added.official_id FROM added) FOR KEY SHARE;
    PERFORM FROM boundaries_edition AS edition
    WHERE edition.id IN (SELECT added.edition_id FROM added) FOR KEY SHARE;
    SELECT added.office_id, added.official_id, added.edition_id
    INTO wrong
    FROM added
    WHERE (added.office_id IS NOT NULL
            AND added.office_id NOT IN (SELECT office.code FROM boundaries_office AS office))
        OR (added.official_id IS NOT NULL
            AND added.official_id NOT IN (SELECT official.id FROM boundaries_official AS official))
        OR (added.edition_id IS NOT NULL
            AND added.edition_id NOT IN (SELECT edition.id FROM boundaries_edition AS edition))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no such office %, official % or edition %',
            wrong.office_id, wrong.official_id, wrong.edition_id USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refers AFTER INSERT ON reports_assignment
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION reports_check_assigned();

-- And the other side: what an assignment names stays, as far as the end of the transaction can tell.
CREATE FUNCTION reports_keep_assigned() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    named boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM reports_assignment WHERE %I = ($1).%I)
            AND NOT EXISTS (SELECT FROM %I WHERE %I = ($1).%I)',
        TG_ARGV[0], TG_ARGV[1], TG_TABLE_NAME, TG_ARGV[1], TG_ARGV[1]
    ) INTO named USING OLD;
    IF named THEN
        RAISE EXCEPTION 'assignments name this row of %', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER is_named AFTER DELETE OR UPDATE OF code ON boundaries_office
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reports_keep_assigned('office_id', 'code');
CREATE CONSTRAINT TRIGGER is_named AFTER DELETE OR UPDATE OF id ON boundaries_official
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reports_keep_assigned('official_id', 'id');
CREATE CONSTRAINT TRIGGER is_named AFTER DELETE OR UPDATE OF id ON boundaries_edition
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reports_keep_assigned('edition_id', 'id');
"""
FORGET = r"""
DROP TRIGGER is_named ON boundaries_edition;
DROP TRIGGER is_named ON boundaries_official;
DROP TRIGGER is_named ON boundaries_office;
DROP FUNCTION reports_keep_assigned();
DROP TRIGGER refers ON reports_assignment;
DROP FUNCTION reports_check_assigned();
DROP TRIGGER is_named ON reports_category;
DROP FUNCTION reports_keep_category();
"""
UNKNOWN = (
    FORGET
    + _former("reports_veils")
    + _former("reports_veil")
    + "DROP FUNCTION reports_veiled(text, geometry);"
)
