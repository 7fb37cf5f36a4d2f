"""SQL of the migration on words that are heard behind later ones; a changed one is a new migration."""

from casework.migrations._holders import GUARD as FORMER

GUARD = FORMER.replace(
    "-- As before, but that a turn goes on, too, where the step that ended it was undone.",
    "-- As before, but that a turn is answered since the first word that was said, whichever was heard first: earlier than\n"
    "-- we knew, and never later.",
).replace(
    "OLD.answered_at <> coalesce(NEW.answered_at, 'infinity')",
    "OLD.answered_at < coalesce(NEW.answered_at, 'infinity')",
)
