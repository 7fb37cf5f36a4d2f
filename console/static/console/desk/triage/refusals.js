/** Why something was not done, in the language of the page: the API says it in English, with a code or a status. */

import { say } from "../../words.js";

const FAULT = 500; // and above: it is the server's

/** Say why a step was refused, in the language of the page where its code is known. */
export function sayRefusal(code, reason) {
  const said = say(`refused_${code}`);
  return said === `refused_${code}` ? reason : said;
}

/** Say why a call was refused: by the code of a step, else by the status; what was not reached says so itself. */
export function reasonOf({ message, status, problem }) {
  return sayRefusal(problem?.code ?? (status >= FAULT ? "fault" : status), message);
}
