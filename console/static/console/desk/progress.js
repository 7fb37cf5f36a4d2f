/** The bar at the head of the page: there while something takes longer than a moment. */

const AFTER_MS = 300;
let waiting = 0;
let timer;

/** Show the bar until a promise is settled; returns the promise. */
export function during(promise) {
  begin();
  promise.then(end, end);
  return promise;
}

/** Count something that has begun. */
export function begin() {
  waiting += 1;
  if (waiting === 1) timer = setTimeout(() => (bar().hidden = false), AFTER_MS);
}

/** Count something that has ended. */
export function end() {
  waiting = Math.max(0, waiting - 1);
  if (waiting) return;
  clearTimeout(timer);
  bar().hidden = true;
}

function bar() {
  return document.getElementById("progress");
}
