/** Which line or dots lie near a pixel, which area round a position; pure arithmetic. */

import { paths } from "./paint.js";

const TOUCHING_PX = 7; // dots nearer to each other than this look like one

/** Return the feature whose line comes nearest to a pixel, within `reach` pixels, and how near; or null. */
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
  return best && { features: [best], apart: Math.sqrt(least) };
}

/** Return the dot nearest to a pixel, within `reach` pixels, with those that it touches, and how near; or null. */
export function nearestDots(features, project, at, reach) {
  const dots = features.map((feature) => ({ feature, pixel: project(feature.geometry.coordinates) }));
  const apart = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);
  let best = null;
  for (const { pixel } of dots) if (!best || apart(at, pixel) < apart(at, best)) best = pixel;
  if (!best || apart(at, best) > reach) return null;
  const touching = dots.filter(({ pixel }) => apart(best, pixel) < TOUCHING_PX);
  return { features: touching.map(({ feature }) => feature), apart: apart(at, best) };
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
