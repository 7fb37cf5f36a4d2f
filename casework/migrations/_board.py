"""SQL of the board's migration; a changed one is a new migration."""

JUDGED = """
-- What became of each turn of an office that began in a time, as it was known at an instant: the one judgement
-- behind the figures of the board and the reports behind a figure.
--
-- since_at, until_at   instants: turns that began from the one on and before the other
-- as_of                instant: what happened later is not known yet
-- returns  outcome, which casework/board.py names:
--            1 early      answered, and not due yet       2 in_time    answered by the deadline, which is over
--            3 late       answered later                  4 passed_on  another office has accepted it
--            5 duplicate  closed as one: the same problem as another report
--            6 vacant     no answer, and nobody held the post on the day it began
--            7 no_data    due, no answer, and its feed was silent by then: nobody knows
--            8 unanswered due, and no answer until then
--            9 taken      closed, or given to another office, before it was due
--           10 paused     11 running: not due yet
--          A deadline that hangs on holidays of which nobody knows yet is not over: nothing is held against anybody.
--          seconds: from when it began to the answer, or as long as it is known that there was none
--
-- What most turns are comes first, and costs a comparison. The list of open reports of silent feeds is made once,
-- and only of those in it, or disputed, is the feed looked up.
CREATE FUNCTION casework_judged(since_at timestamptz, until_at timestamptz, as_of timestamptz)
RETURNS TABLE (
    turn_id bigint, case_id bigint, number smallint, office_id text, official_id bigint, acting boolean,
    began_at timestamptz, due_at timestamptz, answered_at timestamptz, outcome integer, seconds integer
) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT turn.id, turn.case_id, turn.number, turn.office_id, turn.official_id, turn.acting,
        turn.began_at, turn.due_at, turn.answered_at,
        CASE
            WHEN turn.answered_at <= least(known.due_at, as_of)
                THEN CASE WHEN known.due_at <= as_of THEN 2 ELSE 1 END
            WHEN turn.answered_at <= as_of THEN 3
            WHEN turn.ended_at <= as_of AND turn.ended_by = 'passed_on' THEN 4
            WHEN turn.ended_at <= as_of AND turn.ended_by = 'closed' AND turn.case_id IN (
                SELECT change.case_id
                FROM casework_change AS change
                WHERE change.to_state_id = 'duplicate' AND change.at <= as_of
            ) THEN 5
            WHEN turn.official_id IS NULL THEN 6
            WHEN known.due_at < least(turn.ended_at, as_of) THEN CASE
                WHEN (
                    turn.number > 0 OR turn.case_id IN (
                        SELECT report.id
                        FROM reports_report AS report
                        WHERE report.status NOT IN ('done', 'withdrawn') AND report.channel = ANY (ARRAY(
                            SELECT state.feed
                            FROM layers_feedstate AS state
                            WHERE state.enabled AND state.stale_at <= as_of
                        ))
                    )
                ) AND known.due_at > (
                    SELECT state.silent_since
                    FROM reports_report AS report
                    JOIN layers_feedstate AS state ON state.feed = report.channel
                    WHERE report.id = turn.case_id AND state.enabled AND state.stale_at <= as_of
                ) THEN 7
                ELSE 8
            END
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
    CROSS JOIN LATERAL (SELECT CASE WHEN turn.due_is_sure THEN turn.due_at END AS due_at) AS known
    WHERE turn.began_at >= since_at AND turn.began_at < least(until_at, as_of) AND turn.office_id IS NOT NULL
$$;
-- Without it the planner takes every office for held by every official, and sorts where it could hash.
CREATE STATISTICS turn_office_official (ndistinct) ON office_id, official_id FROM casework_turn;
ANALYZE casework_turn;
"""
DROP_JUDGED = """
DROP STATISTICS turn_office_official;
DROP FUNCTION casework_judged(timestamptz, timestamptz, timestamptz);
"""
DISPUTED = """
-- The turns whose answer was disputed from an instant on, as it was known at another: by the citizen, by reopening
-- the report on its channel, or by a second person who refused the proof.
--
-- A case that is disputed again because a merge was undone was disputed before. What a supervisor called resolved
-- is not the office's answer.
CREATE FUNCTION casework_disputed(since_at timestamptz, as_of timestamptz) RETURNS TABLE (turn_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT last.id
    FROM casework_change AS change
    CROSS JOIN LATERAL (
        -- The next turn begins at the very instant of the dispute.
        SELECT turn.id, turn.answered_at
        FROM casework_turn AS turn
        WHERE turn.case_id = change.case_id AND turn.began_at < change.at
        ORDER BY turn.number DESC
        LIMIT 1
    ) AS last
    WHERE change.to_state_id = 'disputed' AND change.permission <> 'merge'
      AND change.at >= since_at AND change.at <= as_of AND last.answered_at <= change.at
$$;
"""
DROP_DISPUTED = "DROP FUNCTION casework_disputed(timestamptz, timestamptz);"
PROBLEMS = """
-- The cases behind which there may be fewer problems than turns, with the problem that each tells of: those of a
-- cluster, that of its lead; closed as a duplicate without a merge, none of their own (null); and those that had a
-- later turn in a time, their own. Each other case is a problem, and has one turn.
--
-- since_at, until_at   instants: of the later turns
-- as_of                instant: merges, and what undid them, as they were known then
CREATE FUNCTION casework_problems(since_at timestamptz, until_at timestamptz, as_of timestamptz)
RETURNS TABLE (case_id bigint, problem bigint) LANGUAGE sql STABLE PARALLEL SAFE AS $$
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
    ), other AS MATERIALIZED (
        SELECT up.case_id, up.problem
        FROM up
        WHERE up.problem NOT IN (SELECT link.case_id FROM link)
        UNION ALL
        SELECT change.case_id, NULL
        FROM casework_change AS change
        WHERE change.to_state_id = 'duplicate' AND change.permission <> 'merge' AND change.at <= as_of
          AND NOT EXISTS (
              SELECT
              FROM casework_change AS later
              WHERE later.case_id = change.case_id AND later.id > change.id AND later.at <= as_of
          )
    )
    SELECT other.case_id, other.problem FROM other
    UNION
    SELECT other.problem, other.problem FROM other WHERE other.problem IS NOT NULL
    UNION
    SELECT turn.case_id, turn.case_id
    FROM casework_turn AS turn
    WHERE turn.number > 0 AND turn.began_at >= since_at AND turn.began_at < least(until_at, as_of)
      AND turn.case_id NOT IN (SELECT other.case_id FROM other)
$$;
"""
DROP_PROBLEMS = "DROP FUNCTION casework_problems(timestamptz, timestamptz, timestamptz);"
SILENCES = """
-- As before, but that silences are those that were known at the instant, past ones too; what was due in one is "no
-- data" for good, though an answer was told later: nobody knows when it was given. The times in which feeds were
-- silent are one row, made once: what was due in none of them costs a comparison, and of the others alone the feed
-- is looked up. Joined to the silences instead, the planner takes a turn for so dear that it sorts all of them.
CREATE OR REPLACE FUNCTION casework_judged(since_at timestamptz, until_at timestamptz, as_of timestamptz)
RETURNS TABLE (
    turn_id bigint, case_id bigint, number smallint, office_id text, official_id bigint, acting boolean,
    began_at timestamptz, due_at timestamptz, answered_at timestamptz, outcome integer, seconds integer
) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT turn.id, turn.case_id, turn.number, turn.office_id, turn.official_id, turn.acting,
        turn.began_at, turn.due_at, turn.answered_at,
        CASE
            WHEN turn.answered_at <= least(known.due_at, as_of)
                THEN CASE WHEN known.due_at <= as_of THEN 2 ELSE 1 END
            -- Told after a silence in which it was due: by the deadline, or behind it.
            WHEN turn.answered_at <= as_of THEN CASE
                WHEN known.due_at <@ silent.over AND EXISTS (
                    SELECT
                    FROM reports_report AS report
                    CROSS JOIN LATERAL (
                        SELECT silent.spans[array_position(silent.feeds, report.channel)] AS spans
                    ) AS own
                    WHERE report.id = turn.case_id AND known.due_at <@ own.spans
                      AND NOT own.spans @> tstzrange(known.due_at, turn.answered_at, '[]')
                ) THEN 7
                ELSE 3
            END
            WHEN turn.ended_at <= as_of AND turn.ended_by = 'passed_on' THEN 4
            WHEN turn.ended_at <= as_of AND turn.ended_by = 'closed' AND turn.case_id IN (
                SELECT change.case_id
                FROM casework_change AS change
                WHERE change.to_state_id = 'duplicate' AND change.at <= as_of
            ) THEN 5
            WHEN turn.official_id IS NULL THEN 6
            WHEN known.due_at < least(turn.ended_at, as_of) THEN CASE
                -- What became of it later says nothing of what was known.
                WHEN known.due_at <@ silent.at_all AND (
                    turn.number > 0 OR turn.answered_at IS NOT NULL OR turn.ended_at IS NOT NULL
                    OR turn.case_id IN (
                        SELECT report.id
                        FROM reports_report AS report
                        WHERE report.status NOT IN ('done', 'withdrawn') AND report.channel = ANY (ARRAY(
                            SELECT silence.feed
                            FROM layers_silences(as_of) AS silence
                        ))
                    )
                ) AND EXISTS (
                    SELECT
                    FROM reports_report AS report
                    WHERE report.id = turn.case_id
                      AND known.due_at <@ silent.spans[array_position(silent.feeds, report.channel)]
                ) THEN 7
                ELSE 8
            END
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
    CROSS JOIN LATERAL (SELECT CASE WHEN turn.due_is_sure THEN turn.due_at END AS due_at) AS known
    CROSS JOIN (
        -- The times in which each feed was silent, in which any was, and those of them that are over.
        SELECT array_agg(one.feed) AS feeds, array_agg(one.spans) AS spans, (
            SELECT coalesce(range_agg(tstzrange(silence.since, silence.until, '()')), '{}')
            FROM layers_silences(as_of) AS silence
        ) AS at_all, (
            SELECT coalesce(range_agg(tstzrange(silence.since, silence.until, '()')), '{}')
            FROM layers_silences(as_of) AS silence
            WHERE silence.until IS NOT NULL
        ) AS over
        FROM (
            SELECT silence.feed, range_agg(tstzrange(silence.since, silence.until, '()')) AS spans
            FROM layers_silences(as_of) AS silence
            GROUP BY silence.feed
        ) AS one
    ) AS silent
    WHERE turn.began_at >= since_at AND turn.began_at < least(until_at, as_of) AND turn.office_id IS NOT NULL
$$;
"""
JUDGED_BEFORE = JUDGED[JUDGED.index("CREATE FUNCTION") : JUDGED.index("-- Without it")].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
RUNGS = """
-- As before, but that an escalation says whose turn it is of: joined to the turns the board took 160 ms for its rungs,
-- from the index of escalations alone 45.
CREATE OR REPLACE FUNCTION casework_check_escalation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    turn casework_turn;
BEGIN
    SELECT * INTO turn FROM casework_turn WHERE id = NEW.turn_id;
    IF turn.office_id IS NULL OR turn.due_at IS NULL OR turn.due_at > NEW.due_at THEN
        RAISE EXCEPTION 'turn %: no answer of an office was overdue at %', NEW.turn_id, NEW.due_at
            USING ERRCODE = 'check_violation';
    END IF;
    IF turn.answered_at <= NEW.at OR turn.ended_at <= NEW.at THEN
        RAISE EXCEPTION 'turn %: it was answered or had ended before %', NEW.turn_id, NEW.at
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
FILL_RUNGS = """
ALTER TABLE casework_escalation DISABLE TRIGGER append_only;
UPDATE casework_escalation AS escalation
SET turn_began_at = turn.began_at, turn_office_id = turn.office_id, turn_official_id = turn.official_id
FROM casework_turn AS turn
WHERE turn.id = escalation.turn_id;
ALTER TABLE casework_escalation ENABLE TRIGGER append_only;
-- So that the columns can be closed in this very transaction.
SET CONSTRAINTS ALL IMMEDIATE;
"""
RUNGS_BEFORE = """
CREATE OR REPLACE FUNCTION casework_check_escalation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    turn casework_turn;
BEGIN
    SELECT * INTO turn FROM casework_turn WHERE id = NEW.turn_id;
    IF turn.office_id IS NULL OR turn.due_at IS NULL OR turn.due_at > NEW.due_at THEN
        RAISE EXCEPTION 'turn %: no answer of an office was overdue at %', NEW.turn_id, NEW.due_at
            USING ERRCODE = 'check_violation';
    END IF;
    IF turn.answered_at <= NEW.at OR turn.ended_at <= NEW.at THEN
        RAISE EXCEPTION 'turn %: it was answered or had ended before %', NEW.turn_id, NEW.at
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
    RETURN NEW;
END $$;
"""
