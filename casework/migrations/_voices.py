"""SQL of the migration on channels that speak for another case; a changed one is a new migration."""

from casework.migrations._in_order import JUDGED as FORMER

SILENT_MEMBERS = """
-- The silences of the channels of reports that were merged, as far as these might have spoken for another case: while
-- the merge lasted, as it was known at an instant. Few, and none of them where no feed was silent.
--
-- as_of    instant: silences, merges and what undid them
-- returns  case_id: the other case; office_id: whose answer would have been its answer (null: any office's); feed;
--          since, known_at, until (null: it lasts): the silence, cut to the time of the merge
CREATE FUNCTION casework_silent_members(as_of timestamptz)
RETURNS TABLE (
    case_id bigint, office_id text, feed text, since timestamptz, known_at timestamptz, until timestamptz
) LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 AS $$
BEGIN
    RETURN QUERY
        WITH RECURSIVE silence AS MATERIALIZED (
            SELECT known.feed, known.since, known.known_at, known.until FROM layers_silences(as_of) AS known
        ), link AS MATERIALIZED (
            SELECT member.case_id, merged.into_id, merged.at AS since, undone.at AS until
            FROM casework_member AS member
            JOIN casework_merge AS merged ON merged.id = member.merge_id
            LEFT JOIN casework_unmerge AS undone ON undone.merge_id = merged.id AND undone.at <= as_of
            WHERE merged.at <= as_of AND EXISTS (
                SELECT
                FROM silence
                WHERE silence.until IS NULL OR silence.until > merged.at
            )
        ), voice (said_of, case_id, since, until) AS (
            SELECT link.case_id, link.into_id, link.since, link.until FROM link
            UNION ALL
            -- What leads it may be merged itself; what was undone by then speaks for nobody.
            SELECT voice.said_of, link.into_id, greatest(voice.since, link.since), least(voice.until, link.until)
            FROM voice
            JOIN link ON link.case_id = voice.case_id
                AND greatest(voice.since, link.since) < coalesce(least(voice.until, link.until), 'infinity')
        )
        SELECT voice.case_id, own.office_id, silence.feed, greatest(silence.since, voice.since),
            greatest(silence.known_at, voice.since), least(silence.until, voice.until)
        FROM voice
        CROSS JOIN LATERAL (
            SELECT report.channel
            FROM reports_report AS report
            WHERE report.id = voice.said_of
            -- Looked up for each: else all reports of a feed are read.
            OFFSET 0
        ) AS report
        JOIN silence ON silence.feed = report.channel
            AND greatest(silence.since, voice.since) < coalesce(least(silence.until, voice.until), 'infinity')
        LEFT JOIN LATERAL (
            SELECT turn.office_id
            FROM casework_turn AS turn
            WHERE turn.case_id = voice.said_of AND turn.began_at <= voice.since
            ORDER BY turn.number DESC
            LIMIT 1
        ) AS own ON true;
END $$;
"""
UNHEARD = """
-- The turns that were due while a channel was silent on which a report merged into theirs might have been answered, and
-- of which no answer is known, or one that was told behind the silence.
--
-- as_of    instant: silences, merges, answers, as they were known then
CREATE FUNCTION casework_unheard(as_of timestamptz) RETURNS TABLE (turn_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT turn.id
    FROM casework_silent_members(as_of) AS silence
    JOIN casework_turn AS turn ON turn.case_id = silence.case_id
        AND (silence.office_id IS NULL OR silence.office_id = turn.office_id)
    GROUP BY turn.id, turn.due_at, turn.answered_at
    HAVING turn.due_at <@ range_agg(tstzrange(silence.since, silence.until, '()')) AND (
        turn.answered_at IS NULL OR turn.answered_at > as_of OR lower(
            tstzmultirange(tstzrange(turn.due_at, greatest(turn.due_at, turn.answered_at), '[]'))
            - range_agg(tstzrange(silence.since, silence.until, '()'))
        ) > turn.due_at
    )
$$;
"""
VOICES = SILENT_MEMBERS + UNHEARD
NO_VOICES = """
DROP FUNCTION casework_unheard(timestamptz);
DROP FUNCTION casework_silent_members(timestamptz);
"""
_KNOWN = "due, no answer, and its feed was silent by then"
_UNHEARD = "turn.id IN (SELECT unheard.turn_id FROM casework_unheard(as_of) AS unheard)"
_ANY = "known.due_at <@ (SELECT silent.at_all FROM casework_silent(as_of) AS silent)"
_LATE, _MISSED = "                    ELSE 3\n", "                ELSE 8\n"
_OPEN = """                            FROM layers_silences(as_of) AS silence
                        ))
                    )
"""
_LEADS = """                    -- Open, though its author deleted it.
                    OR turn.case_id IN (SELECT led.problem FROM casework_led(as_of) AS led)
"""
JUDGED = (
    FORMER.replace(
        _KNOWN, f"{_KNOWN}, or that of a report\n--                         that was merged into its own"
    )
    .replace(
        _LATE, f"                    WHEN {_ANY}\n                        AND {_UNHEARD} THEN 7\n{_LATE}"
    )
    .replace(_MISSED, f"                WHEN {_ANY}\n                    AND {_UNHEARD} THEN 7\n{_MISSED}")
    .replace(_OPEN, _OPEN + _LEADS)
)
