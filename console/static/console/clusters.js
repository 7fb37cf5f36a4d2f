/** Points into clusters that never overlap; pure arithmetic in pixels of a zoom. */

export const STATES = ["waiting", "in_progress", "done"];
const GAP_PX = 5;

/** One thing on the map: a point, or many with their sum, mean position and extent. */
export function pointOf(feature, [x, y]) {
  const { count = 1, status, ...properties } = feature.properties;
  const states = STATES.map((state) => properties[state] ?? (status === state ? count : 0));
  const [lon, lat] = feature.geometry.coordinates;
  return { x, y, count, states, members: [feature], extent: [lon, lat, lon, lat] };
}

/** Return the radius in pixels of a cluster's circle. */
export function radius(count) {
  if (count === 1) return 13;
  return count < 10 ? 16 : count < 100 ? 19 : count < 1000 ? 23 : 27;
}

/** Return how wide the grid is that gathers points at a zoom, in pixels; 0: only what would overlap. */
export function gridPx(zoom) {
  return zoom < 11 ? 104 : zoom < 14 ? 84 : zoom < 16 ? 64 : zoom < 17 ? 48 : 0;
}

/**
 * Gather points on a grid that is fixed to the ground (so panning changes nothing), then merge what
 * would still overlap, until nothing does.
 */
export function cluster(points, grid, reach) {
  return separate(grid ? gather(points, grid) : points, reach);
}

/** Sum up the points of each cell. */
function gather(points, side) {
  const cells = new Map();
  for (const point of points) {
    const cell = `${Math.floor(point.x / side)},${Math.floor(point.y / side)}`;
    if (!cells.has(cell)) cells.set(cell, []);
    cells.get(cell).push(point);
  }
  return [...cells.values()].map(sum);
}

/** Merge until no two circles touch, the largest first. */
function separate(points, reach) {
  const waiting = [...points].sort(
    (one, other) => one.count - other.count || one.x - other.x || one.y - other.y,
  );
  const standing = [];
  while (waiting.length) {
    const next = waiting.pop();
    const hit = standing.findIndex((other) => overlap(next, other, reach));
    if (hit < 0) standing.push(next);
    else waiting.push(sum([...standing.splice(hit, 1), next]));
  }
  return standing;
}

/** Return whether two circles touch, or stand nearer to each other than `reach`: a finger's width, say. */
export function overlap(one, other, reach) {
  const wanted = Math.max(radius(one.count) + radius(other.count) + GAP_PX, reach);
  return (one.x - other.x) ** 2 + (one.y - other.y) ** 2 < wanted ** 2;
}

/** Make one of many, at the mean position of all that they count. */
function sum(parts) {
  if (parts.length === 1) return parts[0];
  const count = parts.reduce((total, part) => total + part.count, 0);
  const mean = (axis) => parts.reduce((total, part) => total + part[axis] * part.count, 0) / count;
  const edge = (choose, index) => choose(...parts.map((part) => part.extent[index]));
  return {
    x: mean("x"),
    y: mean("y"),
    count,
    states: STATES.map((_, index) => parts.reduce((total, part) => total + part.states[index], 0)),
    members: parts.flatMap((part) => part.members),
    extent: [edge(Math.min, 0), edge(Math.min, 1), edge(Math.max, 2), edge(Math.max, 3)],
  };
}
