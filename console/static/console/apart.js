/** Markers of different layers side by side, where one would hide another; pure arithmetic in pixels of a zoom. */

import { overlap } from "./clusters.js";

const DIRECTIONS = 16;
const STEP_PX = 6;
const FARTHEST_PX = 66; // from the middle of the largest cluster to beside it, and one mark more

/**
 * Move groups aside that would lie under one before them, each to the nearest spot that is free.
 *
 * @param marks {layer, group}, the most important first: those keep their places
 * @returns the same; a group that was moved has `from`, where it truly is. One that finds no spot stays.
 */
export function keptApart(marks) {
  const standing = [];
  const isFree = (group) => !standing.some((other) => overlap(group, other, 0));
  // All that may stay are put down first: none of them gives way to one that was moved.
  const placed = marks.map(({ layer, group }) => {
    const stays = isFree(group);
    if (stays) standing.push(group);
    return { layer, group, stays };
  });
  return placed.map(({ layer, group, stays }) => {
    if (stays) return { layer, group };
    const moved = spotsAround(group).find(isFree) ?? group;
    standing.push(moved);
    return { layer, group: moved };
  });
}

/** Return a group at the spots round its place, the nearest first. */
function spotsAround(group) {
  const spots = [];
  for (let apart = STEP_PX; apart <= FARTHEST_PX; apart += STEP_PX) {
    for (let turn = 0; turn < DIRECTIONS; turn += 1) {
      const angle = (turn / DIRECTIONS) * 2 * Math.PI;
      const [x, y] = [group.x + apart * Math.cos(angle), group.y + apart * Math.sin(angle)];
      spots.push({ ...group, x, y, from: { x: group.x, y: group.y } });
    }
  }
  return spots;
}
