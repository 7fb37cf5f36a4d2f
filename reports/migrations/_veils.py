"""SQL of a migration; a changed one is a new migration."""

CREATE = r"""
-- What the public sees of a sensitive report's point: its degrees rounded to so many decimals.
CREATE FUNCTION reports_rounded(point geometry, digits integer) RETURNS geometry
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ST_SetSRID(ST_MakePoint(
        round(ST_X(point)::numeric, digits)::double precision,
        round(ST_Y(point)::numeric, digits)::double precision
    ), 4326)
$$;

-- Which categories are sensitive, as a text: read once in a transaction, for a look-up for each row took 4 us
-- of the 25 that it takes to insert one.
CREATE FUNCTION reports_veils() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    held text := current_setting('reports.veils', true);
BEGIN
    IF held <> '' THEN
        RETURN held;
    END IF;
    SELECT E'\n' || coalesce(string_agg(category.code || E'\t' || category.public_digits || E'\n', ''), '')
    INTO held
    FROM reports_category AS category
    WHERE category.public_digits IS NOT NULL;
    PERFORM set_config('reports.veils', held, true);
    RETURN held;
END $$;

CREATE FUNCTION reports_veil() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    veils text := reports_veils();
    place integer := strpos(veils, E'\n' || NEW.category_id || E'\t');
BEGIN
    NEW.public_point := CASE WHEN place > 0 THEN reports_rounded(
        NEW.point,
        split_part(substr(veils, place + length(NEW.category_id) + 2), E'\n', 1)::integer
    ) END;
    RETURN NEW;
END $$;
-- By its name it comes behind "stamped", which holds the layer's revision until the transaction ends: so does
-- whoever makes a category sensitive, and none of its reports slips between the two.
CREATE TRIGGER veiled BEFORE INSERT OR UPDATE OF category_id, point ON reports_report
    FOR EACH ROW EXECUTE FUNCTION reports_veil();

CREATE FUNCTION reports_veil_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('layers.reports', '', true), set_config('reports.veils', '', true);
    PERFORM layers_revision_of('reports');
    UPDATE reports_report SET category_id = category_id WHERE category_id = NEW.code AND point IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER veil_anew AFTER UPDATE OF public_digits ON reports_category
    FOR EACH ROW WHEN (OLD.public_digits IS DISTINCT FROM NEW.public_digits)
    EXECUTE FUNCTION reports_veil_anew();
CREATE FUNCTION reports_forget_veils() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('reports.veils', '', true);
    RETURN NULL;
END $$;
CREATE TRIGGER forget_veils AFTER INSERT OR DELETE ON reports_category
    FOR EACH STATEMENT EXECUTE FUNCTION reports_forget_veils();

-- Boxes are asked of what the public sees, or one could feel one's way to the point itself. In the place of the
-- index of the points themselves, which nobody asks.
CREATE INDEX report_public_point ON reports_report USING gist (coalesce(public_point, point));
"""
DROP = """
DROP INDEX report_public_point;
DROP TRIGGER forget_veils ON reports_category;
DROP TRIGGER veil_anew ON reports_category;
DROP TRIGGER veiled ON reports_report;
DROP FUNCTION reports_forget_veils();
DROP FUNCTION reports_veil_anew();
DROP FUNCTION reports_veil();
DROP FUNCTION reports_veils();
DROP FUNCTION reports_rounded(geometry, integer);
"""
