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
    return read(name)[0]


def stamp(name: str) -> str:
    """Return the revision of a layer with its instant: never the same in another database."""
    revision, touched_ms = read(name)
    return f"{revision}.{touched_ms:x}"


def read(name: str) -> tuple[int, int]:
    """Return the revision of a layer and when it was touched, in milliseconds since 1970; zeros for never."""
    found = sql.rows("layers/revision", {"layer": name})
    return (found[0][0], round(found[0][1].timestamp() * 1000)) if found else (0, 0)
