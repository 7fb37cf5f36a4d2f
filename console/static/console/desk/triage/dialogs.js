/** Questions that a key asks: which of some, which of many, and in what words. Escape answers none of them. */

import { make } from "../../dom.js";
import { say } from "../../words.js";
import { complain } from "../toast.js";

const MOST_SHOWN = 8; // of many, those that fit best

/** Ask which of a few; each has a digit. `options`: value, text, mark, note. */
export function choose(title, options) {
  return asked(title, (answer) => {
    const buttons = options.map(({ value, text, mark, note }, index) =>
      make(
        "button",
        { type: "button", class: "button option", click: () => answer(value), ...(index ? {} : { autofocus: "" }) },
        index < 9 ? make("kbd", {}, String(index + 1)) : null,
        mark,
        make("span", {}, text, note ? make("small", {}, note) : null),
      ),
    );
    const keydown = (event) => {
      const by = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
      if (by) buttons.at((buttons.indexOf(document.activeElement) + by) % buttons.length).focus();
      else if (event.key >= "1" && event.key <= "9") buttons[event.key - 1]?.click();
      else return;
      event.preventDefault();
    };
    return make("div", { class: "choices", keydown }, buttons);
  });
}

/**
 * Ask which of many, by some letters of it. `options`: value, text, note; the `first` ones stand there before a letter.
 * Both may be promises: who types on meanwhile types into the field.
 */
export function pick(title, label, options, first = []) {
  return asked(title, (answer) => {
    let [shown, at, known, begun] = [[], 0, [], []];
    const list = make("ul", { role: "listbox", id: "picks", class: "picks", "aria-label": label });
    const input = make("input", {
      type: "text",
      role: "combobox",
      autofocus: "",
      autocomplete: "off",
      "aria-label": label,
      placeholder: label,
      "aria-controls": "picks",
      "aria-expanded": "true",
      "aria-autocomplete": "list",
      input: () => show(0),
      keydown: (event) => {
        const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (by) show((at + by + shown.length) % (shown.length || 1), true);
        else if (event.key === "Enter") shown[at] && answer(shown[at].value);
        else return;
        event.preventDefault();
      },
    });
    const show = (index, isMove = false) => {
      if (!isMove) shown = fitting(known, input.value, begun);
      at = index;
      list.replaceChildren(...shown.map((one, place) => item(one, place, place === at, answer)));
      input.setAttribute("aria-activedescendant", shown.length ? `pick-${at}` : "");
    };
    Promise.all([options, first]).then(([all, some]) => {
      [known, begun] = [all, some];
      show(0);
    }, complain);
    return make("div", { class: "field" }, input, list);
  });
}

/** Ask for words; `text` stands there at first, `templates` (a promise of title and text) can take its place. */
export function write(title, { label, text = "", hint, submit, isShort = false, templates = [] }) {
  return asked(title, (answer) => {
    const field = make(isShort ? "input" : "textarea", {
      autofocus: "",
      required: "",
      maxlength: isShort ? 60 : 2000,
      rows: isShort ? null : 5,
      keydown: (event) => event.key === "Enter" && (isShort || event.ctrlKey || event.metaKey) && send(event),
    });
    field.value = text;
    const send = (event) => {
      event.preventDefault();
      if (field.value.trim()) answer(field.value.trim());
      else field.reportValidity();
    };
    const choices = make("div", { class: "buttons templates" });
    Promise.resolve(templates).then((all) => choices.append(...all.map((one) => template(one, field))), complain);
    return make(
      "div",
      { class: "form" },
      choices,
      make("label", { class: "field" }, label, field),
      hint ? make("p", { class: "hint" }, hint) : null,
      make("button", { type: "button", class: "button main", click: send }, submit, isShort ? null : make("kbd", {}, "Ctrl ⏎")),
    );
  });
}

/** A button that puts words into a field, where they can be changed. */
function template({ title, text }, field) {
  const put = () => {
    field.value = text;
    field.focus();
  };
  return make("button", { type: "button", class: "button", click: put }, title);
}

/** Show a dialog; resolves with what `answer` is called with, or null where it is closed. */
function asked(title, body) {
  return new Promise((resolve) => {
    let said = null;
    const answer = (value) => {
      said = value;
      dialog.close();
    };
    const dialog = make(
      "dialog",
      {
        class: "ask",
        "aria-labelledby": "ask-title",
        close: () => {
          dialog.remove();
          resolve(said);
        },
      },
      make(
        "div",
        { class: "ask-head" },
        make("h2", { id: "ask-title" }, title),
        make("button", { type: "button", class: "button plain", click: () => dialog.close() }, say("cancel"), make("kbd", {}, "Esc")),
      ),
    );
    dialog.append(body(answer));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Return the options that the letters fit: those that begin with them before those that have them. */
function fitting(options, typed, first) {
  const letters = typed.trim().toLowerCase();
  if (!letters) return (first.length ? first : options).slice(0, MOST_SHOWN);
  const rank = ({ text }) => {
    const words = text.toLowerCase();
    return words.startsWith(letters) ? 0 : words.includes(` ${letters}`) ? 1 : words.includes(letters) ? 2 : 3;
  };
  const ranked = options.map((one) => [rank(one), one]).filter(([place]) => place < 3);
  return ranked.sort(([one], [other]) => one - other).slice(0, MOST_SHOWN).map(([, one]) => one);
}

function item({ text, note, value }, place, isChosen, answer) {
  return make(
    "li",
    { role: "option", id: `pick-${place}`, "aria-selected": String(isChosen), click: () => answer(value) },
    text,
    note ? make("small", {}, note) : null,
  );
}
