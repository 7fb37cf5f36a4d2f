"""What would tell where in its 110 m a sensitive report lies: not for who may not see all of it."""

from typing import Any

# Far from a border, from a photo, from another report, which a score tells too; and whose the other side of
# that border is.
VEILED = {
    "border_m": None,
    "near_border": False,
    "is_near_border": False,
    "neighbour": None,
    "second": None,
    "distance_m": None,
    "score": None,
}


def veil(said: Any) -> Any:
    """Return what an answer says without any distance from the true point, however deep it stands."""
    if isinstance(said, list):
        return [veil(one) for one in said]
    if not isinstance(said, dict):
        return said
    kept = {key: VEILED[key] if key in VEILED else veil(value) for key, value in said.items()}
    if said.get("unit") == "m" and "amount" in said:
        kept["amount"] = None
    return kept
