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
