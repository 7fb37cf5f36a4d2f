/** Marking cases by drawing round them: a rectangle, or a polygon. Leaflet.draw comes when it is first wanted. */

import { carried, make } from "../../dom.js";
import { say } from "../../words.js";
import { get } from "../api.js";

const L = window.L;
const LINE = { color: "#0b5c7a", weight: 3, fillOpacity: 0.08 };
let library = null;

/** Let somebody draw a "rectangle" or a "polygon"; returns the numbers of the cases inside, null where they gave up. */
export async function drawn(map, kind, query) {
  await (library ??= load());
  const shape = await draw(map, kind);
  return shape && within(shape, query);
}

/** Return the numbers of the cases of a list that lie in a box "west,south,east,north". */
export async function inBox(bbox, query) {
  return (await points(bbox, query)).map(({ id }) => id);
}

function draw(map, kind) {
  const tool = kind === "rectangle" ? new L.Draw.Rectangle(map, { shapeOptions: LINE }) : new L.Draw.Polygon(map, { shapeOptions: LINE });
  return new Promise((resolve) => {
    const made = ({ layer }) => end(layer.getLatLngs()[0].map(({ lat, lng }) => [lng, lat]));
    const stopped = () => end(null);
    const escape = (event) => event.key === "Escape" && end(null);
    const end = (ring) => {
      map.off(L.Draw.Event.CREATED, made);
      map.off(L.Draw.Event.DRAWSTOP, stopped);
      document.removeEventListener("keydown", escape);
      tool.disable();
      resolve(ring);
    };
    map.on(L.Draw.Event.CREATED, made);
    map.on(L.Draw.Event.DRAWSTOP, stopped);
    document.addEventListener("keydown", escape);
    tool.enable();
    map.getContainer().focus({ preventScroll: true });
  });
}

async function within(ring, query) {
  const [lons, lats] = [ring.map(([lon]) => lon), ring.map(([, lat]) => lat)];
  const bbox = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)].map((one) => one.toFixed(6));
  const found = await points(bbox.join(","), query);
  return found.filter(({ geometry }) => isInside(geometry.coordinates, ring)).map(({ id }) => id);
}

async function points(bbox, query) {
  const said = await get(`cases/points?${query.search({ bbox, order: null })}`);
  if (!said.is_whole) throw new Error(say("too_many_inside"));
  return said.features;
}

/** Say whether a point lies in a ring: a ray to the east crosses it an odd number of times. */
function isInside([lon, lat], ring) {
  return ring.reduce((isIn, [x, y], index) => {
    const [fromX, fromY] = ring[(index || ring.length) - 1];
    const crosses = y > lat !== fromY > lat && lon < ((fromX - x) * (lat - y)) / (fromY - y) + x;
    return crosses ? !isIn : isIn;
  }, false);
}

/** Load script and style, and say in its language what it says. */
async function load() {
  const { draw_script, draw_style } = carried("config");
  document.head.append(make("link", { rel: "stylesheet", href: draw_style }));
  await new Promise((resolve, reject) => {
    document.head.append(make("script", { src: draw_script, load: resolve, error: () => reject(new Error(say("offline"))) }));
  }).catch((error) => {
    library = null;
    throw error;
  });
  const { rectangle, polygon, simpleshape } = L.drawLocal.draw.handlers;
  rectangle.tooltip.start = say("draw_rectangle_hint");
  simpleshape.tooltip.end = say("draw_release");
  Object.assign(polygon.tooltip, { start: say("draw_polygon_hint"), cont: say("draw_polygon_on"), end: say("draw_polygon_end") });
}
