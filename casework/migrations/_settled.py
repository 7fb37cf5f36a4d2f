"""SQL of the migration on whose the deadline's day is; a changed one is a new migration."""

from casework.migrations._holders import ANSWERABLE
from casework.migrations._missed import CLIMBS
from casework.migrations._withdrawn import SUCCESSIONS

REPLACED = ("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
_HOLDER, _SETTLED = (
    ANSWERABLE.index(f"CREATE FUNCTION casework_{name}") for name in ("holder", "settled_on")
)
_HOLDER_BEFORE = ANSWERABLE[_HOLDER : ANSWERABLE.index("-- The day in the city on which")].replace(*REPLACED)
SETTLED_BEFORE = ANSWERABLE[_SETTLED : ANSWERABLE.index("-- For a turn")].replace(*REPLACED)

SETTLED = """
-- The day in the city of an instant: functions of the database know the city's time zone from here alone.
CREATE FUNCTION casework_city_day(at timestamptz) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (at AT TIME ZONE 'Asia/Jakarta')::date
$$;

-- As before, but that a deadline is of the day which ends with it: one of whole days ends at 24.00, which as an instant
-- is the first of the next day, and whoever comes then had no second to answer in.
CREATE OR REPLACE FUNCTION casework_settled_on(turn casework_turn) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT casework_city_day(
        CASE
            WHEN least(turn.answered_at, turn.ended_at) <= due.at THEN least(turn.answered_at, turn.ended_at)
            ELSE coalesce(
                due.at - interval '1 microsecond', least(turn.answered_at, turn.ended_at), turn.began_at
            )
        END
    )
    FROM (SELECT CASE WHEN turn.due_is_sure THEN turn.due_at END AS at) AS due
$$;
"""
NOT_SETTLED = SETTLED_BEFORE + "DROP FUNCTION casework_city_day(timestamptz);"
FILL = """
ALTER TABLE casework_turn DISABLE TRIGGER held;
UPDATE casework_turn AS turn
SET official_id = term.official_id, acting = coalesce(term.acting, false)
FROM casework_turn AS old
LEFT JOIN boundaries_term AS term ON term.office_id = old.office_id AND term.during @> casework_settled_on(old)
WHERE turn.id = old.id AND old.began_at IS NOT NULL
  AND casework_settled_on(old) <> casework_city_day(coalesce(
      least(old.answered_at, CASE WHEN old.due_is_sure THEN old.due_at END, old.ended_at), old.began_at
  ))
  AND (old.official_id, old.acting) IS DISTINCT FROM (term.official_id, coalesce(term.acting, false));
-- What waits for the end of the transaction would be in the way.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE casework_turn ENABLE TRIGGER held;
SET CONSTRAINTS ALL DEFERRED;
"""

_SUCCEEDED = SUCCESSIONS[
    SUCCESSIONS.index("CREATE FUNCTION casework_check_succession") : SUCCESSIONS.index(
        "CREATE TRIGGER checked"
    )
].replace(*REPLACED)
ZONED = _HOLDER_BEFORE + CLIMBS + _SUCCEEDED
# As before, but that they ask casework_city_day.
CITY_DAYS = ZONED.replace("(at AT TIME ZONE 'Asia/Jakarta')::date", "casework_city_day(at)").replace(
    "(NEW.at AT TIME ZONE 'Asia/Jakarta')::date", "casework_city_day(NEW.at)"
)
