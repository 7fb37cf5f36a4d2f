/** Taking back what was done last, as far as the API can: within ten minutes, and before the citizen was told. */

import { number, say } from "../../words.js";
import { post } from "../api.js";
import { during } from "../progress.js";
import { tell } from "../toast.js";
import { reasonOf, sayRefusal } from "./refusals.js";

const AT_A_TIME = 500;

/** Take steps back; `steps` are what the answer to them has as `undo`. Returns by number why not. */
export async function takeBack(steps) {
  const refused = new Map();
  for (let from = 0; from < steps.length; from += AT_A_TIME) {
    const said = await during(post("cases/undo", { undo: steps.slice(from, from + AT_A_TIME) }));
    for (const { id, code, reason } of said.refused) refused.set(id, sayRefusal(code, reason));
  }
  told(steps.length, refused);
  return refused;
}

/** Put reports where they were before; `cases` are as they were. Returns by number why not. */
export async function putBack(cases) {
  const refused = new Map();
  for (const { id, kelurahan } of cases) {
    const former = kelurahan ? { kelurahan: kelurahan.code } : { point: null };
    await during(post(`cases/${id}/place`, former)).catch((error) => refused.set(id, reasonOf(error)));
  }
  told(cases.length, refused);
  return refused;
}

/** Undo a merge; its citizens are told. */
export async function takeBackMerge(merge) {
  await during(post(`merges/${merge}/unmerge`, { text: say("unmerge_words") }));
  tell(say("unmerged"));
}

function told(count, refused) {
  tell(say(refused.size ? "undone_some" : "undone", { count: number(count - refused.size), left: number(refused.size) }));
}
