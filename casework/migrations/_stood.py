"""SQL of the migration on the times in which turns stood still; a changed one is a new migration."""

STOOD = """
-- The times in which the clocks of turns stood still, or will: pauses, times that they were closed, and silences behind
-- their deadline of the channels on which they might have been answered, which count when they are over.
--
-- of_turns  ids of turns
-- as_of     instant: silences, merges and what undid them, as they were known then
-- returns   since, until: when such times begin and end, two arrays; silent_feed: one of these channels that is silent
--           (null: all are heard): nobody knows whether the turn was answered there
CREATE FUNCTION casework_stood(of_turns bigint[], as_of timestamptz)
RETURNS TABLE (turn_id bigint, since timestamptz[], until timestamptz[], silent_feed text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000 AS $$
    WITH waited AS MATERIALIZED (
        SELECT turn.id, turn.case_id, turn.office_id, turn.due_at, report.channel
        FROM casework_turn AS turn
        JOIN reports_report AS report ON report.id = turn.case_id
        WHERE turn.id = ANY (of_turns)
    ), silence AS MATERIALIZED (
        SELECT known.feed, known.known_at, known.until FROM layers_silences(as_of) AS known
    ), silent AS MATERIALIZED (
        SELECT DISTINCT silence.feed FROM silence WHERE silence.until IS NULL
    ), member AS (
        SELECT waited.id, min(silence.feed) FILTER (WHERE silence.until IS NULL) AS feed,
            array_agg(silence.known_at) FILTER (WHERE silence.until > waited.due_at) AS since,
            array_agg(silence.until) FILTER (WHERE silence.until > waited.due_at) AS until
        FROM casework_silent_members(
            ARRAY(SELECT waited.case_id FROM waited), (SELECT min(waited.due_at) FROM waited), as_of
        ) AS silence
        JOIN waited ON waited.case_id = silence.case_id
            AND (silence.office_id IS NULL OR silence.office_id = waited.office_id)
        WHERE silence.until IS NULL OR silence.until > silence.known_at
        GROUP BY waited.id
    )
    SELECT waited.id, own.since || coalesce(member.since, '{}'), own.until || coalesce(member.until, '{}'),
        coalesce(silent.feed, member.feed)
    FROM waited
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(stop.since), '{}') AS since, coalesce(array_agg(stop.until), '{}') AS until
        FROM (
            SELECT pause.since, pause.until
            FROM casework_stops(waited.case_id) AS pause
            UNION ALL
            SELECT silence.known_at, silence.until
            FROM silence
            WHERE silence.feed = waited.channel AND silence.until > waited.due_at
        ) AS stop (since, until)
    ) AS own
    LEFT JOIN silent ON silent.feed = waited.channel
    LEFT JOIN member ON member.id = waited.id
$$;
"""
NOT_STOOD = "DROP FUNCTION casework_stood(bigint[], timestamptz);"
