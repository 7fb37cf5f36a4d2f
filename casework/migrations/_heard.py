"""SQL of the migration on turns of which we heard late; a changed one is a new migration."""

from casework.migrations._clocks import DATED

_START = DATED.index("CREATE FUNCTION casework_reckoned(")
FORMER = "CREATE OR REPLACE" + DATED[_START + len("CREATE") : DATED.index("$$;", _START) + len("$$;")]
# The clock runs since the office was asked: of a dispute that is heard of late that is later than when it was said.
RECKONED = FORMER.replace(
    "SELECT turn.id, turn.case_id, turn.began_at, turn.due_at",
    "SELECT turn.id, turn.case_id, greatest(turn.began_at, turn.offered_at), turn.due_at",
)
