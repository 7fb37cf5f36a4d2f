/** Every kota, kecamatan and kelurahan: a code says its tier, and what it lies in. */

import { carried } from "../../dom.js";

const TIERS = { 5: "kota", 8: "kecamatan", 13: "kelurahan" }; // by the length of a code
const { areas } = carried("config");

/** All of them in the order of their codes, each with `code`, `name`, `level` and the kecamatan `within` which it is. */
export const ALL = Object.entries(areas)
  .map(([code, name]) => ({ code, name, level: TIERS[code.length], within: areas[code.slice(0, 8)] }))
  .sort((one, other) => (one.code < other.code ? -1 : 1));
