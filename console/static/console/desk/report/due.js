/** How long until an answer is due: brought up to date while somebody looks, colour and words alike. */

const EVERY_MS = 20_000;
const SIZES_S = [86_400, 3600, 60];
let timer;

/** Keep the countdowns of a report true. */
export function watchDue(root) {
  clearInterval(timer);
  const marks = root.querySelectorAll("[data-due]");
  if (marks.length) timer = setInterval(() => marks.forEach(write), EVERY_MS);
}

/** Write one countdown. */
function write(mark) {
  const { due, left, late, units } = mark.dataset;
  const seconds = (Date.parse(due) - Date.now()) / 1000;
  const isLate = seconds < 0;
  mark.textContent = (isLate ? late : left).replace("{time}", span(Math.abs(seconds), units.split(" ")));
  mark.classList.toggle("red", isLate);
  mark.classList.toggle("green", !isLate);
}

/** Write how long something lasts by its two largest units, as the server does. */
function span(seconds, units) {
  let rest = Math.floor(seconds);
  const counts = SIZES_S.map((size) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return count;
  });
  const first = counts.findIndex(Boolean);
  if (first < 0) return `< 1 ${units.at(-1)}`;
  const parts = counts.map((count, at) => (count && at >= first && at < first + 2 ? `${count} ${units[at]}` : ""));
  return parts.filter(Boolean).join(" ");
}
