/** From the fields of a form to the body of a call: each as `data-as` says, empty ones left out. */

/** Return the body that a form means; the button that sent it is one of its fields. */
export function bodyOf(form, button) {
  const body = {};
  for (const field of form.elements) {
    if (!isSaid(field, button)) continue;
    const value = READ[field.dataset.as ?? "text"](field.value.trim(), field);
    body[field.name] = Array.isArray(value) ? [...(body[field.name] ?? []), ...value] : value;
  }
  return body;
}

/** Say whether a field says anything. */
function isSaid(field, button) {
  if (!field.name || field.disabled || !field.value.trim()) return false;
  if (field.type === "radio" || field.type === "checkbox") return field.checked;
  return field.tagName !== "BUTTON" || field === button;
}

const READ = {
  text: (value) => value,
  whole: Number,
  truth: (value) => value === "true",
  list: (value) => (value.match(/\d+/g) ?? []).map(Number),
  point: JSON.parse,
  instant: (value, { dataset: { offset } }) => `${value}:00${offset}`,
  code: (value, { list, dataset: { unknown } }) => {
    const option = [...list.options].find((one) => one.value.toLowerCase() === value.toLowerCase());
    if (!option) throw new Error(unknown);
    return option.dataset.code;
  },
};
