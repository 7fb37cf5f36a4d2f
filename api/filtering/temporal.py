"""How two times lie to each other (CQL2 §7.5): each has a first and a last instant."""

from psycopg import sql as compose

Ends = tuple[compose.Composable, compose.Composable]
# a, b: first instants; z, y: last ones.
INTERVALS = {
    "t_after": "{a} > {y}",
    "t_before": "{z} < {b}",
    "t_contains": "{a} < {b} AND {z} > {y}",
    "t_disjoint": "{a} > {y} OR {z} < {b}",
    "t_during": "{a} > {b} AND {z} < {y}",
    "t_equals": "{a} = {b} AND {z} = {y}",
    "t_finishedby": "{a} < {b} AND {z} = {y}",
    "t_finishes": "{a} > {b} AND {z} = {y}",
    "t_intersects": "{a} <= {y} AND {z} >= {b}",
    "t_meets": "{z} = {b}",
    "t_metby": "{a} = {y}",
    "t_overlappedby": "{a} > {b} AND {a} < {y} AND {z} > {y}",
    "t_overlaps": "{a} < {b} AND {z} > {b} AND {z} < {y}",
    "t_startedby": "{a} = {b} AND {z} > {y}",
    "t_starts": "{a} = {b} AND {z} < {y}",
}


def relation(op: str, left: Ends, right: Ends) -> compose.Composable:
    """Return the condition that two times lie so to each other."""
    text = compose.SQL("(" + INTERVALS[op] + ")")
    return text.format(a=left[0], z=left[1], b=right[0], y=right[1])
