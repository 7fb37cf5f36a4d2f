"""SQL of the migration by which a missed deadline stays missed; a changed one is a new migration."""

CARRIED = """
-- The turns that ended because their report was merged, and whose missed deadline another turn tells: of the same
-- office and the same problem, which ran at the same time, and either fell due before, or is that of the report that
-- leads the cluster and missed its own. So an office missed one deadline of one problem, and merging wipes none.
--
-- as_of    instant: merges, what undid them, answers and endings, as they were known then
CREATE FUNCTION casework_carried(as_of timestamptz) RETURNS TABLE (turn_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE link AS MATERIALIZED (
        SELECT member.case_id, merged.into_id
        FROM casework_member AS member
        JOIN casework_merge AS merged ON merged.id = member.merge_id
        LEFT JOIN casework_unmerge AS undone ON undone.merge_id = merged.id AND undone.at <= as_of
        WHERE merged.at <= as_of AND undone.merge_id IS NULL
    ), up (case_id, problem) AS (
        SELECT link.case_id, link.into_id FROM link
        UNION ALL
        SELECT up.case_id, link.into_id FROM up JOIN link ON link.case_id = up.problem
    ), own AS (
        SELECT up.case_id, up.problem FROM up WHERE up.problem NOT IN (SELECT link.case_id FROM link)
        UNION
        SELECT up.problem, up.problem FROM up WHERE up.problem NOT IN (SELECT link.case_id FROM link)
    ), judged AS MATERIALIZED (
        SELECT own.problem, turn.id, turn.office_id, turn.began_at, turn.due_at, turn.ended_at, turn.ended_by,
            own.case_id = own.problem AND missed.is_so AS is_lead_missed
        FROM own
        JOIN casework_turn AS turn ON turn.case_id = own.case_id
        CROSS JOIN LATERAL (SELECT turn.due_at < least(turn.answered_at, turn.ended_at, as_of) AS is_so) AS missed
        WHERE turn.due_is_sure AND (turn.answered_at <= as_of OR missed.is_so)
    )
    SELECT told.id
    FROM judged AS told
    JOIN judged AS other
        ON other.problem = told.problem AND other.office_id IS NOT DISTINCT FROM told.office_id
        AND ((other.due_at, other.id) < (told.due_at, told.id) OR other.is_lead_missed)
        AND (other.ended_at IS NULL OR other.ended_at > told.began_at)
        AND (told.ended_at IS NULL OR told.ended_at > other.began_at)
    WHERE told.ended_by = 'closed' AND told.due_at < told.ended_at
$$;
"""
DROP_CARRIED = "DROP FUNCTION casework_carried(timestamptz);"

SILENT = """
-- The feeds that were silent, as it was known at an instant, and in which times each; the times in which any was, and
-- those of them that are over: one row.
CREATE FUNCTION casework_silent(as_of timestamptz)
RETURNS TABLE (feeds text[], spans tstzmultirange[], at_all tstzmultirange, over tstzmultirange)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT array_agg(one.feed), array_agg(one.spans), coalesce(range_agg(one.spans), '{}'),
        coalesce(range_agg(one.over), '{}')
    FROM (
        SELECT silence.feed, range_agg(silence.span) AS spans,
            range_agg(silence.span) FILTER (WHERE silence.is_over) AS over
        FROM (
            SELECT known.feed, tstzrange(known.since, known.until, '()') AS span, known.until IS NOT NULL AS is_over
            FROM layers_silences(as_of) AS known
        ) AS silence
        GROUP BY silence.feed
    ) AS one
$$;
"""
DROP_SILENT = "DROP FUNCTION casework_silent(timestamptz);"
JUDGED = """
-- What became of each turn that began in a time, as it was known at an instant: the one judgement behind the figures
-- of the board and the reports behind a figure.
--
-- since_at, until_at   instants: turns that began from the one on and before the other
-- as_of                instant: what happened later is not known yet
-- returns  office_id null: the unit's own turn; outcome, which casework/cells.py names:
--            1 early      answered, and not due yet       2 in_time    answered by the deadline, which is over
--            3 late       answered later
--            4 passed_on  another office accepted it before it was due
--            5 duplicate  closed as one before it was due; or later, and another turn tells of the missed deadline
--            6 vacant     no answer, and nobody held the post of the office
--            7 no_data    due, no answer, and its feed was silent by then: nobody knows
--            8 unanswered due, and no answer until then, whatever ended it afterwards
--            9 taken      closed, or given to another office, before it was due
--           10 paused     11 running: not due yet
--           12 came_answered  answered before it began: the report came so
--          A deadline that hangs on holidays of which nobody knows yet is not over: nothing is held against anybody.
--          seconds: from when it began to the answer, or as long as it is known that there was none
--
-- What most turns are comes first, and costs a comparison; lists are made once, when the first turn asks for them. What
-- was due while no feed was silent costs a comparison too, and of the others alone the feed is looked up. Silences
-- are asked for where they are needed: joined to the turns they cost each of them a seventh of the whole.
CREATE OR REPLACE FUNCTION casework_judged(since_at timestamptz, until_at timestamptz, as_of timestamptz)
RETURNS TABLE (
    turn_id bigint, case_id bigint, number smallint, office_id text, official_id bigint, acting boolean,
    began_at timestamptz, due_at timestamptz, answered_at timestamptz, outcome integer, seconds integer
) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT turn.id, turn.case_id, turn.number, turn.office_id, turn.official_id, turn.acting,
        turn.began_at, turn.due_at, turn.answered_at,
        CASE
            WHEN turn.answered_at <= as_of THEN CASE
                WHEN turn.answered_at <= turn.began_at THEN 12
                WHEN turn.answered_at > known.due_at THEN CASE
                    -- Its feed was silent when it was due, and heard again before the answer was told: who knows when
                    -- it was given.
                    WHEN known.due_at <@ (SELECT silent.over FROM casework_silent(as_of) AS silent) AND lower(
                        tstzmultirange(tstzrange(known.due_at, turn.answered_at, '[]')) - known.silences
                    ) > known.due_at THEN 7
                    ELSE 3
                END
                WHEN known.due_at <= as_of THEN 2
                ELSE 1
            END
            -- Missed, whatever ended it afterwards.
            WHEN known.due_at < least(turn.ended_at, as_of) AND NOT (
                turn.ended_at <= as_of AND turn.ended_by = 'closed' AND turn.id IN (
                    SELECT carried.turn_id
                    FROM casework_carried(as_of) AS carried
                )
            ) THEN CASE
                WHEN turn.official_id IS NULL AND turn.office_id IS NOT NULL THEN 6
                -- What became of it later says nothing of what was known.
                WHEN known.due_at <@ (SELECT silent.at_all FROM casework_silent(as_of) AS silent) AND (
                    turn.number > 0 OR turn.answered_at IS NOT NULL OR turn.ended_at IS NOT NULL
                    OR turn.case_id IN (
                        SELECT report.id
                        FROM reports_report AS report
                        WHERE report.status NOT IN ('done', 'withdrawn') AND report.channel = ANY (ARRAY(
                            SELECT silence.feed
                            FROM layers_silences(as_of) AS silence
                        ))
                    )
                ) AND known.due_at <@ known.silences THEN 7
                ELSE 8
            END
            WHEN turn.ended_at <= as_of AND turn.ended_by = 'passed_on' THEN 4
            -- By that very step: what ended another turn of the case says nothing of this one. Looked up, which OFFSET 0
            -- keeps: a list of two columns takes three times as long.
            WHEN turn.ended_at <= as_of AND turn.ended_by = 'closed' AND EXISTS (
                SELECT
                FROM casework_change AS change
                WHERE change.case_id = turn.case_id AND change.to_state_id = 'duplicate' AND change.at = turn.ended_at
                OFFSET 0
            ) THEN 5
            WHEN turn.official_id IS NULL AND turn.office_id IS NOT NULL THEN 6
            WHEN turn.ended_at <= as_of THEN 9
            WHEN turn.case_id IN (
                SELECT pause.case_id
                FROM casework_pause AS pause
                WHERE pause.since <= as_of AND least(pause.ended_at, pause.until) > as_of
            ) THEN 10
            ELSE 11
        END,
        greatest(0, date_part('epoch', CASE
            WHEN turn.answered_at <= as_of THEN turn.answered_at
            ELSE least(turn.ended_at, as_of)
        END - turn.began_at))::integer
    FROM casework_turn AS turn
    CROSS JOIN LATERAL (
        -- When it was due, if that is sure, and when its feed was silent: looked up where it is compared.
        SELECT CASE WHEN turn.due_is_sure THEN turn.due_at END AS due_at,
            (SELECT silent.spans FROM casework_silent(as_of) AS silent)[array_position(
                (SELECT silent.feeds FROM casework_silent(as_of) AS silent),
                (SELECT report.channel FROM reports_report AS report WHERE report.id = turn.case_id)
            )] AS silences
    ) AS known
    WHERE turn.began_at >= since_at AND turn.began_at < least(until_at, as_of)
$$;
"""
CLIMBS = """
-- As before, but that the unit's own turn climbs too.
CREATE OR REPLACE FUNCTION casework_check_escalation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    turn casework_turn;
BEGIN
    SELECT * INTO turn FROM casework_turn WHERE id = NEW.turn_id;
    IF turn.due_at IS NULL OR turn.due_at > NEW.due_at THEN
        RAISE EXCEPTION 'turn %: no answer was overdue at %', NEW.turn_id, NEW.due_at
            USING ERRCODE = 'check_violation';
    END IF;
    IF turn.answered_at <= NEW.at OR turn.ended_at <= NEW.at THEN
        RAISE EXCEPTION 'turn %: it was answered or had ended before %', NEW.turn_id, NEW.at
            USING ERRCODE = 'check_violation';
    END IF;
    -- Nobody stands above the unit but the governor's office.
    IF turn.office_id IS NULL AND NEW.tier IS NOT NULL THEN
        RAISE EXCEPTION 'turn %: the unit is not under a %', NEW.turn_id, NEW.tier
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.official_id IS NOT NULL AND NOT EXISTS (
        SELECT
        FROM boundaries_term AS term
        WHERE term.office_id = NEW.office_id AND term.official_id = NEW.official_id AND term.acting = NEW.acting
          AND term.during @> (NEW.at AT TIME ZONE 'Asia/Jakarta')::date
    ) THEN
        RAISE EXCEPTION 'turn %: official % does not hold % on the day of %',
            NEW.turn_id, NEW.official_id, NEW.office_id, NEW.at USING ERRCODE = 'check_violation';
    END IF;
    -- Whose turn it is never changes once it began: a copy cannot differ.
    NEW.turn_began_at := turn.began_at;
    NEW.turn_office_id := turn.office_id;
    NEW.turn_official_id := turn.official_id;
    RETURN NEW;
END $$;
"""
