"""SQL of the migration by which distances of who is forgotten go; a changed one is a new migration."""

from casework.migrations._earlier import GUARD as FORMER

_ALL = "NEW.rule_id, NEW.explanation, NEW.offered_at)"
_SAID = "OLD.rule_id, OLD.explanation, OLD.offered_at)\n"
GUARD = (
    FORMER.replace(
        "-- As before, but that a turn",
        "-- As before, but that the distance to a border may be forgotten with the report's point, and nothing else of why.\n"
        "-- A turn",
    )
    .replace(_ALL, _ALL.replace("NEW.explanation", "NEW.explanation - 'border_m'"))
    .replace(
        _SAID,
        _SAID.replace("OLD.explanation", "OLD.explanation - 'border_m'")
        + "        OR coalesce(NEW.explanation -> 'border_m', '0')\n"
        "            NOT IN (coalesce(OLD.explanation -> 'border_m', '0'), 'null')\n",
    )
)
