/** Drawing features on the canvas of one tile. */

import { resolved } from "./scheme.js";
import { BORDERS, DOTS, EDGE, HALO, LAND, lineStyle } from "./styles.js";

const PLAIN_BORDER = { width: 1, colour: "light-dark(#87919a, #6d7b85)" };

/** Return a function from [lon, lat] to pixels from the upper left corner of a tile of so many pixels. */
export function projection({ z, x, y }, px) {
  const side = px * 2 ** z;
  return ([lon, lat]) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    const north = Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
    return [((lon + 180) / 360) * side - x * px, (0.5 - north) * side - y * px];
  };
}

/** Return the lists of positions that make up a geometry. */
export function paths({ type, coordinates }) {
  if (type === "LineString") return [coordinates];
  if (type === "MultiLineString" || type === "Polygon") return coordinates;
  return type === "MultiPolygon" ? coordinates.flat() : [];
}

/** Put a geometry into a path. */
function trace(path, geometry, project) {
  const isClosed = geometry.type.endsWith("Polygon");
  for (const positions of paths(geometry)) {
    positions.forEach((position, index) => {
      const [x, y] = project(position);
      if (index) path.lineTo(x, y);
      else path.moveTo(x, y);
    });
    if (isClosed) path.closePath();
  }
}

/** Fill polygons as land, each kota in a tint of its own so faint that it only parts them. */
export function paintLand(context, features, project) {
  for (const feature of features) {
    const path = new Path2D();
    trace(path, feature.geometry, project);
    const kota = Number(String(feature.properties.code ?? "").slice(3, 5)) || 0;
    context.fillStyle = resolved(LAND[kota % LAND.length]);
    context.fill(path, "evenodd");
    context.strokeStyle = context.fillStyle; // closes the hairline between two fills
    context.lineWidth = 0.7;
    context.stroke(path);
  }
}

/** Stroke the borders of a tier: one path, so that a shared border is drawn as one line. */
export function paintBorders(context, layer, features, project, zoom) {
  const { width, colour } = BORDERS[layer] ?? PLAIN_BORDER;
  const path = new Path2D();
  for (const feature of features) trace(path, feature.geometry, project);
  const scale = zoom < 11 ? 0.8 : zoom > 13 ? 1.4 : 1;
  stroke(context, path, { colour, width: width * scale, dash: [] });
}

/** Draw lines, each with a pale edge that lifts it off the map. */
export function paintLines(context, layer, features, project) {
  const drawn = features.map((feature) => {
    const path = new Path2D();
    trace(path, feature.geometry, project);
    return { path, style: lineStyle(layer, feature.properties) };
  });
  drawn.sort((one, other) => one.style.width - other.style.width);
  for (const { path, style } of drawn) {
    stroke(context, path, { colour: HALO, width: style.width + 3, dash: [] });
    stroke(context, path, style);
    if (style.inner) stroke(context, path, style.inner);
  }
}

/** Draw points as dots in a tile of so many pixels, larger where one stands for many. */
export function paintDots(context, layer, features, project, px) {
  const { colour, square } = DOTS[layer];
  context.fillStyle = resolved(colour);
  context.strokeStyle = resolved(EDGE);
  context.lineWidth = 1;
  for (const { geometry, properties } of features) {
    const radius = Math.min(8, 2.6 + Math.log2(properties.count ?? 1) / 1.5);
    const keep = (value) => Math.max(radius, Math.min(px - radius, value)); // whole, at a tile's edge too
    const [x, y] = project(geometry.coordinates).map(keep);
    context.beginPath();
    if (square) context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
    else context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

/** Stroke a path in a style. */
function stroke(context, path, { colour, width, dash }) {
  context.strokeStyle = resolved(colour);
  context.lineWidth = width;
  context.lineCap = dash.length && dash[0] > 1 ? "butt" : "round";
  context.lineJoin = "round";
  context.setLineDash(dash);
  context.stroke(path);
  context.setLineDash([]);
}
