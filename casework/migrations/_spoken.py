"""SQL of the migration on for which case a member speaks when; a changed one is a new migration."""

from casework.migrations._leading import CHECK as FORMER

SPEAKS = """
-- The cases for which a report speaks that was merged, and since when and until when each (null: still): the one into
-- which it was merged, until that was merged itself, and then the other.
CREATE FUNCTION casework_speaks_for(of_report bigint)
RETURNS TABLE (case_id bigint, since timestamptz, until timestamptz) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE up (case_id, since, depth) AS (
        SELECT of_report, NULL::timestamptz, 0
        UNION ALL
        SELECT merged.into_id, merged.at, up.depth + 1
        FROM up
        JOIN casework_member AS member ON member.case_id = up.case_id
        JOIN casework_merge AS merged ON merged.id = member.merge_id
        WHERE NOT EXISTS (SELECT FROM casework_unmerge AS undone WHERE undone.merge_id = merged.id)
    )
    SELECT up.case_id, up.since, lead(up.since) OVER (ORDER BY up.depth) FROM up WHERE up.depth > 0
$$;
"""
NO_SPEAKS = "DROP FUNCTION casework_speaks_for(bigint);"
CHECK = (
    FORMER.replace(
        "-- What a channel says of a report since it was merged is said of its lead.",
        "-- What a channel says of a report since it was merged is said of what leads it then.",
    )
    .replace(
        "        JOIN casework_case AS held ON held.report_id = member.report_id AND held.state_id = 'duplicate'\n",
        "        JOIN casework_speaks_for(member.report_id) AS spoken ON spoken.case_id = NEW.case_id\n",
    )
    .replace(
        "            AND step.at > held.since AND step.at < coalesce(NEW.ended_at, 'infinity')\n",
        "            AND step.at > spoken.since AND step.at < coalesce(least(spoken.until, NEW.ended_at), 'infinity')\n",
    )
)
