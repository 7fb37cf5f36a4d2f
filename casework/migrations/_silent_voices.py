"""SQL of the migration by which silent channels are asked for by case; a changed one is a new migration."""

from casework.migrations._ahead import JUDGED as JUDGED_BEFORE
from casework.migrations._voices import UNHEARD as UNHEARD_BEFORE

VOICES = """
-- The reports that were merged into cases, and may speak for them: from the merge on, as it was known at an instant.
--
-- of_cases  the cases that are spoken for; null: any
-- as_of     instant: merges and what undid them
-- returns   case_id; said_of: a report that speaks for it; since, until (null: it goes on): while it did
--
-- What was undone by then speaks for nobody; what leads a report may be merged itself. All are read by one list of
-- merges, those of some cases by index.
CREATE FUNCTION casework_voices(of_cases bigint[], as_of timestamptz)
RETURNS TABLE (case_id bigint, said_of bigint, since timestamptz, until timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000 AS $$
BEGIN
    IF of_cases IS NULL THEN
        RETURN QUERY
            WITH RECURSIVE link AS MATERIALIZED (
                SELECT member.case_id, merged.into_id, merged.at AS since, undone.at AS until
                FROM casework_member AS member
                JOIN casework_merge AS merged ON merged.id = member.merge_id
                LEFT JOIN casework_unmerge AS undone ON undone.merge_id = merged.id AND undone.at <= as_of
                WHERE merged.at <= as_of
            ), voice (case_id, said_of, since, until) AS (
                SELECT link.into_id, link.case_id, link.since, link.until FROM link
                UNION ALL
                SELECT voice.case_id, link.case_id, greatest(voice.since, link.since), least(voice.until, link.until)
                FROM voice
                JOIN link ON link.into_id = voice.said_of
                    AND greatest(voice.since, link.since) < coalesce(least(voice.until, link.until), 'infinity')
            )
            SELECT voice.case_id, voice.said_of, voice.since, voice.until FROM voice;
    ELSE
        RETURN QUERY
            WITH RECURSIVE voice (case_id, said_of, since, until) AS (
                SELECT merged.into_id, member.case_id, merged.at, undone.at
                FROM casework_merge AS merged
                JOIN casework_member AS member ON member.merge_id = merged.id
                LEFT JOIN casework_unmerge AS undone ON undone.merge_id = merged.id AND undone.at <= as_of
                WHERE merged.into_id = ANY (of_cases) AND merged.at <= as_of
                UNION ALL
                SELECT voice.case_id, member.case_id, greatest(voice.since, merged.at), least(voice.until, undone.at)
                FROM voice
                JOIN casework_merge AS merged ON merged.into_id = voice.said_of AND merged.at <= as_of
                JOIN casework_member AS member ON member.merge_id = merged.id
                LEFT JOIN casework_unmerge AS undone ON undone.merge_id = merged.id AND undone.at <= as_of
                WHERE greatest(voice.since, merged.at) < coalesce(least(voice.until, undone.at), 'infinity')
            )
            SELECT voice.case_id, voice.said_of, voice.since, voice.until FROM voice;
    END IF;
END $$;
"""
# Where {voice} is replaced, by which said_of and since are known.
_SPEAKER = """        CROSS JOIN LATERAL (
            SELECT report.channel, report.external_id, CASE WHEN report.status = 'withdrawn' THEN (
                SELECT min(step.fetched_at)
                FROM reports_sourceupdate AS step
                WHERE step.channel = report.channel AND step.external_id = report.external_id
                  AND step.status = 'withdrawn' AND step.fetched_at <= as_of
            ) END AS gone_at
            FROM reports_report AS report
            WHERE report.id = {voice}.said_of
            -- Looked up for each: else all reports of a feed are read.
            OFFSET 0
        ) AS report
"""
_OFFICE = """SELECT own.office_id
                FROM casework_turn AS own
                WHERE own.case_id = {voice}.said_of AND own.began_at <= {voice}.since
                ORDER BY own.number DESC
                LIMIT 1"""


def _spoken(voice: str, statement: str) -> str:
    """Return a statement with what it asks of each voice, by the name that voices have in it."""
    whole = statement.replace("{speaker}", _SPEAKER).replace("{office}", _OFFICE)
    return whole.replace("{voice}", voice)


SILENT_MEMBERS = _spoken(
    "voice",
    """
-- The silences of the channels of reports that were merged, as far as these might have spoken for another case: while
-- the merge lasted and until its author deleted it, as it was known at an instant.
--
-- of_cases  the other cases, null: any
-- behind    instant: only silences that end behind it, or last; 'infinity': those that last
-- as_of     instant: silences, merges and what undid them
-- returns   case_id: the other case; office_id: whose answer would have been its answer (null: any office's); feed;
--           since, known_at, until (null: it lasts): the silence, cut to that time
CREATE FUNCTION casework_silent_members(of_cases bigint[], behind timestamptz, as_of timestamptz)
RETURNS TABLE (
    case_id bigint, office_id text, feed text, since timestamptz, known_at timestamptz, until timestamptz
) LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM layers_silences(as_of) AS known WHERE known.until IS NULL OR known.until > behind
    ) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH silence AS MATERIALIZED (
        SELECT known.feed, known.since, known.known_at, known.until
        FROM layers_silences(as_of) AS known
        WHERE known.until IS NULL OR known.until > behind
    ), said AS MATERIALIZED (
        SELECT voice.case_id, report.channel, voice.since, least(voice.until, report.gone_at) AS until, (
                {office}
            ) AS office_id
        FROM casework_voices(of_cases, as_of) AS voice
{speaker}        WHERE report.channel IN (SELECT silence.feed FROM silence)
    )
    SELECT said.case_id, said.office_id, silence.feed, greatest(silence.since, said.since),
        greatest(silence.known_at, said.since), least(silence.until, said.until)
    FROM said
    JOIN silence ON silence.feed = said.channel
        AND greatest(silence.since, said.since) < coalesce(least(silence.until, said.until), 'infinity');
END $$;
""",
)
UNHEARD = _spoken(
    "spoken",
    """
-- The turns that were due while a channel was silent on which a report merged into theirs might have been answered, and
-- of which no answer is known, or one whose word that report's trace has, told behind the silence.
--
-- as_of    instant: silences, merges, answers, as they were known then
--
-- Few turns are due in a silence: those are looked for first, of the cases that others speak for.
CREATE FUNCTION casework_unheard(as_of timestamptz) RETURNS TABLE (turn_id bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM layers_silences(as_of)) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH silence AS MATERIALIZED (
        SELECT known.feed, range_agg(tstzrange(known.since, known.until, '()')) AS spans
        FROM layers_silences(as_of) AS known
        GROUP BY known.feed
    ), spoken AS MATERIALIZED (
        SELECT turn.id, turn.case_id, turn.office_id, turn.due_at, turn.answered_at, voice.said_of, voice.since,
            voice.until
        FROM casework_voices(NULL, as_of) AS voice
        CROSS JOIN LATERAL (
            SELECT own.id, own.case_id, own.office_id, own.due_at, own.answered_at
            FROM casework_turn AS own
            WHERE own.case_id = voice.case_id AND (voice.until IS NULL OR voice.until > own.due_at)
              AND own.due_at <@ (SELECT range_agg(silence.spans) FROM silence)
            OFFSET 0
        ) AS turn
    )
    SELECT doubted.id
    FROM (
        SELECT spoken.id, spoken.due_at, spoken.answered_at, silence.spans * tstzmultirange(
                tstzrange(spoken.since, greatest(
                    spoken.since, coalesce(least(spoken.until, report.gone_at), 'infinity')
                ), '()')
            ) AS spans, EXISTS (
                SELECT
                FROM reports_sourceupdate AS step
                WHERE step.channel = report.channel AND step.external_id = report.external_id
                  AND step.status IN ('in_progress', 'done')
                  AND least(step.at, step.fetched_at) = spoken.answered_at
            ) AS has_told
        FROM spoken
{speaker}        JOIN silence ON silence.feed = report.channel
        LEFT JOIN LATERAL (
                {office}
        ) AS own ON true
        WHERE own.office_id IS NULL OR own.office_id = spoken.office_id
    ) AS doubted
    GROUP BY doubted.id, doubted.due_at, doubted.answered_at
    HAVING doubted.due_at <@ range_agg(doubted.spans) AND (
        doubted.answered_at IS NULL OR doubted.answered_at > as_of OR bool_or(
            doubted.has_told AND doubted.due_at <@ doubted.spans
        ) AND lower(
            tstzmultirange(tstzrange(doubted.due_at, greatest(doubted.due_at, doubted.answered_at), '[]'))
            - range_agg(doubted.spans)
        ) > doubted.due_at
    );
END $$;
""",
)
DROP_MEMBERS = "DROP FUNCTION casework_silent_members(timestamptz);"
DROP = """
DROP FUNCTION casework_silent_members(bigint[], timestamptz, timestamptz);
DROP FUNCTION casework_voices(bigint[], timestamptz);
"""
DROP_UNHEARD = "DROP FUNCTION casework_unheard(timestamptz);"
UNHEARD_FORMER = DROP_UNHEARD + UNHEARD_BEFORE

_CASE = JUDGED_BEFORE[
    JUDGED_BEFORE.index("            WHEN turn.answered_at <= as_of THEN CASE\n") : JUDGED_BEFORE.index(
        "            WHEN turn.ended_at <= as_of AND turn.ended_by = 'passed_on' THEN 4\n"
    )
]
# As before, but that of what is late and what is missed it is asked once whether a channel of others was silent.
_ONCE = """            WHEN turn.answered_at <= as_of
                AND (turn.answered_at <= turn.began_at OR (turn.answered_at > known.due_at) IS NOT TRUE)
            THEN CASE
                WHEN turn.answered_at <= turn.began_at THEN 12
                WHEN known.due_at <= as_of THEN 2
                ELSE 1
            END
            -- Late; or missed, whatever ended it afterwards.
            WHEN turn.answered_at <= as_of OR known.due_at < least(turn.ended_at, as_of) AND NOT (
                turn.ended_at <= as_of AND turn.ended_by = 'closed' AND turn.id IN (
                    SELECT carried.turn_id
                    FROM casework_carried(as_of) AS carried
                )
            ) THEN CASE
                WHEN turn.official_id IS NULL AND turn.office_id IS NOT NULL AND (turn.answered_at <= as_of) IS NOT TRUE
                    THEN 6
                WHEN known.due_at <@ (SELECT silent.at_all FROM casework_silent(as_of) AS silent) AND (
                    turn.id IN (SELECT unheard.turn_id FROM casework_unheard(as_of) AS unheard)
                    OR CASE
                        -- Its feed was silent when it was due, and heard again before the answer was told: who knows
                        -- when it was given.
                        WHEN turn.answered_at <= as_of THEN
                            known.due_at <@ (SELECT silent.over FROM casework_silent(as_of) AS silent) AND lower(
                                tstzmultirange(tstzrange(known.due_at, turn.answered_at, '[]')) - known.silences
                            ) > known.due_at
                        -- What became of it later says nothing of what was known.
                        ELSE known.due_at <@ known.silences AND (
                            turn.number > 0 OR turn.answered_at IS NOT NULL OR turn.ended_at IS NOT NULL
                            OR turn.case_id IN (
                                SELECT report.id
                                FROM reports_report AS report
                                WHERE report.status NOT IN ('done', 'withdrawn') AND report.channel = ANY (ARRAY(
                                    SELECT silence.feed
                                    FROM layers_silences(as_of) AS silence
                                ))
                            )
                            -- Open, though its author deleted it.
                            OR turn.case_id IN (SELECT led.problem FROM casework_led(as_of) AS led)
                        )
                    END
                ) THEN 7
                WHEN turn.answered_at <= as_of THEN 3
                ELSE 8
            END
"""
JUDGED = JUDGED_BEFORE.replace(_CASE, _ONCE)
