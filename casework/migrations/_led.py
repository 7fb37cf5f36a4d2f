"""SQL of the migration by which clusters are read once; a changed one is a new migration."""

from casework.migrations._board import PROBLEMS as PROBLEMS_BEFORE
from casework.migrations._missed import CARRIED as CARRIED_BEFORE

LED = """
-- The cases that are merged into others, each with the report that leads its cluster, as it was known at an instant.
--
-- as_of    instant: merges, and what undid them
--
-- No planner can tell how deep a tree is: it takes each level for ten times the one before, millions of rows for
-- 2,800 merges, and then hashes none of what is compared with them. So it is told how many there are.
CREATE FUNCTION casework_led(as_of timestamptz) RETURNS TABLE (case_id bigint, problem bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000 AS $$
BEGIN
    RETURN QUERY
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
        )
        SELECT up.case_id, up.problem
        FROM up
        WHERE NOT EXISTS (SELECT FROM link WHERE link.case_id = up.problem);
END $$;
"""
DROP_LED = "DROP FUNCTION casework_led(timestamptz);"
PROBLEMS = """
-- The cases behind which there may be fewer problems than turns, with the problem that each tells of: those of a
-- cluster, that of its lead; closed as a duplicate without a merge, none of their own (null); and those that had a
-- later turn in a time, their own. Each other case is a problem, and has one turn.
--
-- since_at, until_at   instants: of the later turns
-- as_of                instant: merges, and what undid them, as they were known then
CREATE OR REPLACE FUNCTION casework_problems(since_at timestamptz, until_at timestamptz, as_of timestamptz)
RETURNS TABLE (case_id bigint, problem bigint) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH other AS MATERIALIZED (
        SELECT led.case_id, led.problem FROM casework_led(as_of) AS led
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
      AND NOT EXISTS (SELECT FROM other WHERE other.case_id = turn.case_id)
$$;
"""
PROBLEMS_FORMER = PROBLEMS_BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
CARRIED_FORMER = CARRIED_BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
_TREES = CARRIED_BEFORE[
    CARRIED_BEFORE.index("    WITH RECURSIVE link") : CARRIED_BEFORE.index("    ), judged AS MATERIALIZED")
]
_OWN = """    WITH own AS (
        SELECT led.case_id, led.problem FROM casework_led(as_of) AS led
        UNION
        SELECT led.problem, led.problem FROM casework_led(as_of) AS led
"""
CARRIED = CARRIED_FORMER.replace(_TREES, _OWN)
