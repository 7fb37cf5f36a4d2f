"""How often each layer has changed: all there is to invalidation."""

from geoplatform import sql


def touch(*names: str) -> None:
    """Say that these layers changed, in the caller's transaction.

    The row of each layer stays locked until that transaction ends, so revisions are in commit order,
    which a sequence alone is not. Always in the order of names: two writers cannot wait for each other.
    """
    sql.rows("layers/touch", {"layers": sorted(set(names))})


def current(name: str) -> int:
    """Return the revision of a layer; 0 for one that never changed."""
    found = sql.rows("layers/revision", {"layer": name})
    return int(found[0][0]) if found else 0
