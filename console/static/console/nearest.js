/** Which line lies near a pixel, which area round a position; pure arithmetic. */

import { paths } from "./paint.js";

/** Return the feature whose line comes nearest to a pixel, within `reach` pixels; null where none does. */
export function nearestLine(features, project, at, reach) {
  let best = null;
  let least = reach ** 2;
  for (const feature of features) {
    for (const positions of paths(feature.geometry)) {
      const pixels = positions.map(project);
      for (let index = 1; index < pixels.length; index += 1) {
        const apart = squareDistance(at, pixels[index - 1], pixels[index]);
        if (apart <= least) [best, least] = [feature, apart];
      }
    }
  }
  return best;
}

/** Return the square of the distance from a pixel to a segment. */
function squareDistance(at, from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const long = dx * dx + dy * dy;
  const along = long ? Math.max(0, Math.min(1, ((at.x - from.x) * dx + (at.y - from.y) * dy) / long)) : 0;
  return (at.x - from.x - along * dx) ** 2 + (at.y - from.y - along * dy) ** 2;
}

/** Return whether a position [lon, lat] lies inside one of several polygons (even-odd rule, holes and all). */
export function isInside(geometries, [lon, lat]) {
  return geometries.some((geometry) => {
    let isIn = false;
    for (const ring of paths(geometry)) {
      for (let index = 1; index < ring.length; index += 1) {
        const [[x1, y1], [x2, y2]] = [ring[index - 1], ring[index]];
        if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) isIn = !isIn;
      }
    }
    return isIn;
  });
}
