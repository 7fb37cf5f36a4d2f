"""The loops of the join, compiled: points against rings, edges against cells, points against cells.

What numba makes of them is kept in ``NUMBA_CACHE_DIR``; they let other threads run meanwhile. x is the
longitude, y the latitude, in degrees. The method is told in ``boundaries.cover``, the arrays in
``boundaries.cells``.
"""

import numpy as np
from numba import njit

from boundaries.cells import MEMBERS, BorderCells, Frame, Rings

NOBODY = -1  # no polygon covers the point
NOWHERE = -2  # it is no position in degrees: not finite, or beyond 180 and 90
UNSURE = -3  # rounding might decide: the rings are asked

#: The k-th border cell of a column stands in the grid as BORDER - k, below all of these.
BORDER = -4

#: Shewchuk's bound for the sign of the determinant below (Adaptive Precision Floating-Point Arithmetic, 1997,
#: ccwerrboundA): beyond this share of its two products rounding cannot have changed the sign.
SURE = (3 + 16 * 2.0**-53) * 2.0**-53
#: Edges are listed so much (of a cell) further than they reach: a cell is a million roundings wide at least.
MARGIN = 1e-4

#: Beyond what products that underflow may add.
TINY = 1e-300

#: Where in a cell its anchor may lie: the first that is surely on one side of each edge is taken.
TRIES = np.array(
    [
        [0.4142, 0.7321],
        [0.6180, 0.2361],
        [0.2718, 0.5772],
        [0.8284, 0.3028],
        [0.3183, 0.1618],
        [0.7183, 0.8541],
    ]
)


@njit(cache=True, nogil=True, inline="always")
def side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> float:
    """Return on which side of a line through two points a third lies: > 0 left, < 0 right, 0 not sure."""
    left = (bx - ax) * (y - ay)
    right = (x - ax) * (by - ay)
    turn = left - right
    return turn if abs(turn) > SURE * (abs(left) + abs(right)) + TINY else 0.0


@njit(cache=True, nogil=True, inline="always")
def side_of_edge(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> float:
    """Return the same for an edge, sure from whichever of its ends it is reckoned.

    Neighbours run along their edge in opposite directions, and PostGIS rounds from where each begins:
    hypothesis drew points that lay on the line as seen from one end, and not from the other. From there each
    product is greater by dx dy at most; the 3 is for both errors, ours and that one, and more.
    """
    width, height = bx - ax, by - ay
    left, right = width * (y - ay), (x - ax) * height
    turn = left - right
    reach = abs(left) + abs(right) + 2 * abs(width * height)
    return turn if abs(turn) > 3 * SURE * reach + TINY else 0.0


@njit(cache=True, nogil=True)
def in_ring(x: float, y: float, vertices: np.ndarray, start: int, stop: int) -> int:
    """Return 1 inside a closed ring, 0 on it, -1 outside, by winding number, as ST_Covers rounds it."""
    winding = 0
    for at in range(start, stop - 1):
        ax, ay, bx, by = vertices[at, 0], vertices[at, 1], vertices[at + 1, 0], vertices[at + 1, 1]
        if y < min(ay, by) or y > max(ay, by):
            continue
        # As PostGIS does, with no bound: its answer for a point next to an edge is what this rounds to.
        turn = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
        if turn == 0 and min(ax, bx) <= x <= max(ax, bx):
            return 0
        if ay <= y < by and turn > 0:
            winding += 1
        elif by <= y < ay and turn < 0:
            winding -= 1
    return -1 if winding == 0 else 1


@njit(cache=True, nogil=True)
def is_covered(x: float, y: float, polygon: int, rings: Rings) -> bool:
    """Whether a polygon covers a point, its edges and those of its holes included."""
    is_out = True
    for ring in range(rings.polygon_start[polygon], rings.polygon_start[polygon + 1]):
        if rings.is_hole[ring] and is_out:
            continue
        found = in_ring(x, y, rings.vertices, rings.ring_start[ring], rings.ring_start[ring + 1])
        if found == 0:
            return True
        if rings.is_hole[ring]:
            is_out = found == 1
        elif not is_out:
            return True
        else:
            is_out = found == -1
    return not is_out


@njit(cache=True, nogil=True)
def lowest(x: float, y: float, rings: Rings) -> int:
    """Return the first polygon that covers a point, or NOBODY."""
    for polygon in range(len(rings.boxes)):
        west, south, east, north = rings.boxes[polygon]
        if west <= x <= east and south <= y <= north and is_covered(x, y, polygon, rings):
            return polygon
    return NOBODY


@njit(cache=True, nogil=True)
def rows_crossed(ax: float, ay: float, bx: float, by: float, column: int, frame: Frame) -> tuple[int, int]:
    """Return the first and last row that an edge, its west end first, may cross within a column."""
    west = max(frame.west + (column - MARGIN) / frame.per_lon, ax)
    east = min(frame.west + (column + 1 + MARGIN) / frame.per_lon, bx)
    low, high = min(ay, by), max(ay, by)
    if bx > ax:
        one = ay + min(max((west - ax) / (bx - ax), 0.0), 1.0) * (by - ay)
        other = ay + min(max((east - ax) / (bx - ax), 0.0), 1.0) * (by - ay)
        low, high = min(one, other), max(one, other)
    first = int((low - frame.south) * frame.per_lat - MARGIN)
    last = int((high - frame.south) * frame.per_lat + MARGIN)
    return first, last


@njit(cache=True, nogil=True)
def cells_crossed(edges: np.ndarray, frame: Frame, cursor: np.ndarray, listed: np.ndarray) -> None:
    """Count in each cell of ``cursor`` the edges that may cross it; write them where ``listed`` has room.

    ``edges`` is (m, 4), the west end first. A cell's edges are written from its cursor on.
    """
    for edge in range(len(edges)):
        ax, ay, bx, by = edges[edge]
        first = int((ax - frame.west) * frame.per_lon - MARGIN)
        last = int((bx - frame.west) * frame.per_lon + MARGIN)
        for column in range(first, last + 1):
            low, high = rows_crossed(ax, ay, bx, by, column, frame)
            for cell in range(column * frame.rows + low, column * frame.rows + high + 1):
                if len(listed):
                    listed[cursor[cell]] = edge
                cursor[cell] += 1


@njit(cache=True, nogil=True)
def fill_inner(grid: np.ndarray, frame: Frame, rings: Rings) -> None:
    """Give each cell that no edge crosses (not below NOBODY) its polygon, once for each run of a column."""
    for column in range(frame.columns):
        known = UNSURE
        for row in range(frame.rows):
            cell = column * frame.rows + row
            if grid[cell] < NOBODY:
                known = UNSURE
                continue
            if known == UNSURE:
                lon = frame.west + (column + 0.5) / frame.per_lon
                known = lowest(lon, frame.south + (row + 0.5) / frame.per_lat, rings)
            grid[cell] = known


@njit(cache=True, nogil=True)
def anchor_in(cell: int, edges: np.ndarray, frame: Frame) -> tuple[float, float, bool]:
    """Return a point of a cell that lies surely beside each of some edges, and whether there is one."""
    column, row = cell // frame.rows, cell % frame.rows
    for at in range(len(TRIES)):
        x = frame.west + (column + TRIES[at, 0]) / frame.per_lon
        y = frame.south + (row + TRIES[at, 1]) / frame.per_lat
        is_sure = True
        for edge in range(len(edges)):
            ax, ay, bx, by = edges[edge]
            is_sure = is_sure and side(ax, ay, bx, by, x, y) != 0
        if is_sure:
            return x, y, True
    return 0.0, 0.0, False


@njit(cache=True, nogil=True)
def members_of(x: float, y: float, owners: np.ndarray, rings: Rings, members: np.ndarray) -> int:
    """Write which polygons a cell may meet: those that own an edge of it, and those that cover its anchor.

    Returns those that cover the anchor, as bits; NOBODY where they are more than MEMBERS.
    """
    count, inside = 0, 0
    for polygon in range(len(rings.boxes)):
        west, south, east, north = rings.boxes[polygon]
        is_in = west <= x <= east and south <= y <= north and is_covered(x, y, polygon, rings)
        if not is_in and not np.any(owners == polygon):
            continue
        if count == MEMBERS:
            return NOBODY
        members[count] = polygon
        inside |= int(is_in) << count
        count += 1
    return inside


@njit(cache=True, nogil=True)
def mask_of(owners: np.ndarray, members: np.ndarray) -> int:
    """Return the owners of an edge as bits of a cell's members; who owns it twice is on both sides of it."""
    mask = 0
    for owner in owners:
        for bit in range(MEMBERS):
            if members[bit] == owner:
                mask ^= 1 << bit
    return mask


@njit(cache=True, nogil=True)
def fill_border(
    cells: np.ndarray,
    chosen: np.ndarray,
    edges: np.ndarray,
    owners: np.ndarray,
    frame: Frame,
    rings: Rings,
    border: BorderCells,
) -> None:
    """Fill the border cells: anchor, members, and edges, each turned so that the anchor lies on its left.

    ``cells`` are the numbers of the b cells, ``chosen`` their edges one behind the other; ``owners`` (m, 2)
    is NOBODY where an edge has one owner.
    """
    for at in range(len(cells)):
        cell = border.cells[at]
        these = chosen[cell.start : cell.stop]
        x, y, is_sure = anchor_in(cells[at], edges[these], frame)
        inside = members_of(x, y, owners[these], rings, cell.members) if is_sure else NOBODY
        cell.x, cell.y, cell.inside = x, y, inside
        for place in range(cell.start, cell.stop):
            ax, ay, bx, by = edges[chosen[place]]
            if side(ax, ay, bx, by, x, y) < 0:
                ax, ay, bx, by = bx, by, ax, ay
            edge = border.edges[place]
            edge.ax, edge.ay, edge.bx, edge.by = ax, ay, bx, by
            edge.mask = mask_of(owners[chosen[place]], cell.members)


@njit(cache=True, nogil=True)
def in_border_cell(x: float, y: float, at: int, border: BorderCells) -> int:
    """Return the lowest polygon of a point in a border cell, by the edges between it and the anchor."""
    cell = border.cells[at]
    inside = cell.inside
    if inside < 0:
        return UNSURE
    for place in range(cell.start, cell.stop):
        edge = border.edges[place]
        turn = side_of_edge(edge.ax, edge.ay, edge.bx, edge.by, x, y)
        if turn > 0:
            continue
        one = side(cell.x, cell.y, x, y, edge.ax, edge.ay)
        other = side(cell.x, cell.y, x, y, edge.bx, edge.by)
        if turn == 0 or one == 0 or other == 0:
            return UNSURE
        if (one > 0) != (other > 0):
            inside ^= edge.mask
    for bit in range(MEMBERS):
        if inside >> bit & 1:
            return int(cell.members[bit])
    return NOBODY


@njit(cache=True, nogil=True)
def locate(
    lon: np.ndarray,
    lat: np.ndarray,
    frame: Frame,
    grid: np.ndarray,
    border: BorderCells,
    rings: Rings,
    out: np.ndarray,
) -> int:
    """Write the lowest polygon that covers each of n points, NOBODY or NOWHERE.

    Returns how many points asked the rings.
    """
    asked = 0
    east, north = frame.columns - 1.0, frame.rows - 1.0
    for at in range(len(lon)):
        x, y = lon[at], lat[at]
        # The outermost cells are nobody's: a point beyond them takes one. To ask whether it is beyond costs
        # an eighth more, as a tenth of the city's are and the processor cannot foresee which. NaN becomes 0.
        column = int(min(max(0.0, (x - frame.west) * frame.per_lon), east))
        row = int(min(max(0.0, (y - frame.south) * frame.per_lat), north))
        found = grid[column * frame.rows + row]
        if found < NOBODY:
            found = in_border_cell(x, y, border.column_start[column] + BORDER - found, border)
            if found == UNSURE:
                asked += 1
                found = lowest(x, y, rings)
        out[at] = found if abs(x) <= 180 and abs(y) <= 90 else NOWHERE
    return asked
