"""SQL of the migration on answers to what was closed then, and goes on since; a changed one is a new migration."""

from casework.migrations._ahead import CARRIED as CARRIED_FORMER
from casework.migrations._silent_voices import JUDGED as JUDGED_FORMER

_AWAY = "turn.due_at, turn.due_is_sure, turn.answered_at, away.ended_at, 'closed', true"
JUDGED = JUDGED_FORMER.replace(
    _AWAY,
    "turn.due_at, turn.due_is_sure,\n"
    "            CASE WHEN turn.answered_at <= away.ended_at THEN turn.answered_at END,\n"
    "            away.ended_at, 'closed', true",
).replace(
    "had ended then, and goes on since, had ended.",
    "had ended then, and goes on since, had ended: what its channel says since answered nobody's turn.",
)
CARRIED = (
    CARRIED_FORMER.replace(
        "AS ended_at,\n",
        "AS ended_at,\n"
        "                CASE\n"
        "                    WHEN away.turn_id IS NULL OR turn.answered_at <= away.ended_at THEN turn.answered_at\n"
        "                END AS answered_at,\n",
    )
    .replace("least(turn.answered_at, known.ended_at", "least(known.answered_at, known.ended_at")
    .replace("(turn.answered_at <= as_of", "(known.answered_at <= as_of")
)
