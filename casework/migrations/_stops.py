"""SQL of the migration on when a clock stands still; a changed one is a new migration."""

STOPS = """
-- When the clock of a case stands still: its pauses, and while it was closed by a merge that was undone, for then nobody
-- could answer it. They may overlap.
CREATE FUNCTION casework_stops(of_case bigint) RETURNS TABLE (since timestamptz, until timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT pause.since, least(pause.until, pause.ended_at)
    FROM casework_pause AS pause
    WHERE pause.case_id = of_case
    UNION ALL
    SELECT merged.at, undone.at
    FROM casework_member AS member
    JOIN casework_merge AS merged ON merged.id = member.merge_id
    JOIN casework_unmerge AS undone ON undone.merge_id = merged.id
    WHERE member.case_id = of_case
$$;
"""
NO_STOPS = "DROP FUNCTION casework_stops(bigint);"
