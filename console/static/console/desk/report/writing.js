/** Words for a citizen while they are written: whether they are owed, with what they begin, how they are read. */

/** Wire the fields of a report in which somebody writes to a citizen. */
export function wireWords(root) {
  for (const field of root.querySelectorAll("[data-preview]")) field.addEventListener("input", () => preview(field));
  for (const select of root.querySelectorAll("[data-fills]")) select.addEventListener("change", () => fill(select));
  const form = root.querySelector("#f-state");
  form?.addEventListener("change", ({ target }) => {
    if (target.name === "to") stepChosen(form, target);
  });
}

/** Ask for words where the step owes them, and offer those that fit it. */
function stepChosen(form, { value, dataset }) {
  form.elements.text.required = "words" in dataset;
  const select = form.querySelector("[data-fills]");
  if (!select) return;
  select.value = "";
  for (const option of select.options) option.hidden = option.disabled = Boolean(option.value) && option.dataset.to !== value;
}

/** Begin with the words of a template, which may be changed. */
function fill({ value, dataset: { fills } }) {
  const field = document.getElementById(fills);
  field.value = value;
  field.dispatchEvent(new Event("input"));
  field.focus();
}

/** Show what was written as its reader will see it. */
function preview(field) {
  const figure = document.getElementById(field.dataset.preview);
  figure.hidden = !field.value.trim();
  figure.querySelector(".text").textContent = field.value;
}
