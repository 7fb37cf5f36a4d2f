"""SQL of the migration on who is named when a turn is answered; a changed one is a new migration."""

from casework.migrations._holders import ANSWERABLE

_NAMED = ANSWERABLE[
    ANSWERABLE.index("-- For a turn answers who held") : ANSWERABLE.index("CREATE TRIGGER held BEFORE")
]
NAMED_BEFORE = _NAMED.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
# As before, but that an answer, or the end, asks the terms once more: a turn that began while its office changed hands
# in another transaction named who left, and was mended by night alone, if it still waited then.
NAMED = NAMED_BEFORE.replace(
    "    IF TG_OP = 'UPDATE' AND coalesce(NEW.answered_at, NEW.ended_at) IS NOT NULL\n",
    "    IF TG_OP = 'UPDATE' AND coalesce(OLD.answered_at, OLD.ended_at) IS NOT NULL\n"
    "        AND coalesce(NEW.answered_at, NEW.ended_at) IS NOT NULL\n",
)
