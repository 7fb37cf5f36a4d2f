/** The embed builder: what is chosen is shown at once, and its code copied by a button. */

import { say } from "../words.js";

const form = document.getElementById("builder");
const snippet = document.getElementById("snippet");
const copy = document.getElementById("copy");

form.addEventListener("change", () => {
  if (form.checkValidity()) form.requestSubmit(); // the server makes the code, here as without a script
});

copy.hidden = false;
copy.addEventListener("click", async () => {
  snippet.select();
  await navigator.clipboard.writeText(snippet.value);
  document.getElementById("copied").textContent = say("copied");
});
