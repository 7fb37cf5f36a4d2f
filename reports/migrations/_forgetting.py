"""SQL of a migration; a changed one is a new migration."""

FORGETTABLE = """
-- Of a step what the public may read is derived, and written anew where the author becomes known; and its own
-- words may become those, when its citizen is forgotten. Nothing else of it is changed.
CREATE OR REPLACE FUNCTION reports_refuse_change_of_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Of a deleted row there is no new one to ask.
    IF TG_OP = 'UPDATE' THEN
      IF to_jsonb(NEW) - '{by,note,image_url,public_by,public_note}'::text[]
            = to_jsonb(OLD) - '{by,note,image_url,public_by,public_note}'::text[]
        AND NEW."by" IN (OLD."by", NEW.public_by)
        AND NEW.note IN (OLD.note, NEW.public_note)
        AND NEW.image_url IN (OLD.image_url, '')
        -- Quoted: "by" is a word of PL/pgSQL's own. Not both in one: words that become another text by way of the public ones.
        AND ((NEW."by", NEW.note, NEW.image_url) = (OLD."by", OLD.note, OLD.image_url)
            OR (NEW.public_by, NEW.public_note) = (OLD.public_by, OLD.public_note))
        AND to_jsonb(NEW) <> to_jsonb(OLD)
      THEN
        RETURN NEW;
      END IF;
    END IF;
    RAISE EXCEPTION '% is history: rows are appended, never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""
UNFORGETTABLE = """
CREATE OR REPLACE FUNCTION reports_refuse_change_of_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.public_by, NEW.public_note) IS DISTINCT FROM (OLD.public_by, OLD.public_note)
        AND to_jsonb(NEW) - 'public_by' - 'public_note' = to_jsonb(OLD) - 'public_by' - 'public_note'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is history: rows are appended, never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""
