/** What is done to the active case, or to all that are marked: asked, sent, told, and brought up to date. */

import { carried } from "../../dom.js";
import { inLanguage, number, say } from "../../words.js";
import { get, post } from "../api.js";
import { during } from "../progress.js";
import { complain, tell } from "../toast.js";
import { ALL } from "./areas.js";
import { choose, pick, write } from "./dialogs.js";
import { stateMark } from "./marks.js";
import { reasonOf, sayRefusal } from "./refusals.js";
import { putBack, takeBack, takeBackMerge } from "./undo.js";

const { transitions, states, assigned_with_words: withWords } = carried("config");
const AT_A_TIME = 250; // steps in one call, so that the bar moves

/** The actions over rows and choice; `settled` hears which cases were worked on, and of each why not; `movePin` has one moved. */
export class Actions {
  #rows;
  #choice;
  #settled;
  #movePin;
  #bar;
  #offices = null;

  constructor(rows, choice, bar, { settled, movePin }) {
    [this.#rows, this.#choice, this.#bar, this.#settled, this.#movePin] = [rows, choice, bar, settled, movePin];
  }

  /** Ask for the next state, and take the step. */
  async step() {
    const cases = await this.#cases();
    if (!cases.length) return;
    const codes = new Set(cases.flatMap(({ state }) => (transitions[state.code] ?? []).map(({ to }) => to)));
    if (!codes.size) return complain(say("no_step", { state: inLanguage(cases[0].state.name) }));
    const options = [...codes]
      .sort((one, other) => able(cases, other) - able(cases, one))
      .map((code) => ({ value: code, text: states[code].said, mark: stateMark(states[code]), note: note(cases, code) }));
    const to = await choose(titleOf("step_title", cases), options);
    if (!to) return;
    const isOwed = cases.some(({ state }) => transitions[state.code]?.some((one) => one.to === to && one.needs_text));
    const text = isOwed ? await this.#words(cases, to, say("step_words", { state: states[to].said })) : "";
    if (text !== null) await this.#take(cases, to, text);
  }

  /** Ask for an office, and for words where citizens are owed some, and give it the cases. */
  async assign() {
    const cases = await this.#cases();
    if (!cases.length) return;
    this.#offices ??= during(get("offices")).then(({ offices }) => offices.map(({ code, title }) => ({ value: code, text: title })));
    const own = cases[0].turn?.office;
    const first = own ? [{ value: own.code, text: own.title, note: say("has_it_now") }] : [];
    const office = await pick(titleOf("assign_title", cases), say("office_letters"), this.#offices, first);
    if (!office) return;
    const owed = cases.filter(({ state }) => withWords.includes(state.code));
    const text = owed.length ? await this.#words(owed, "assigned", say("assign_words")) : "";
    if (text === null) return;
    const said = (one) => (owed.includes(one) ? { office, text } : { office });
    await this.#each(cases, "assigned_n", (one) => post(`cases/${one.id}/assign`, said(one)));
  }

  /** Ask for a kelurahan, and say that the reports are there; one with a point has its pin moved instead. */
  async place() {
    const meant = await this.#cases();
    if (!meant.length) return;
    if (meant.length === 1 && meant[0].point) return this.#movePin(meant[0].id);
    const cases = meant.filter(({ point }) => !point);
    if (!cases.length) return complain(say("place_by_pin"));
    const all = ALL.filter(({ level }) => level === "kelurahan");
    const options = all.map(({ code, name, within }) => ({ value: code, text: name, note: within }));
    const first = during(get(`cases/${cases[0].id}`)).then(({ place }) =>
      place.suggestions.flatMap(({ code, words, score }) => {
        const found = options.find(({ value }) => value === code);
        return found ? [{ ...found, note: say("suggested", { words, score: Math.round(score * 100) }) }] : [];
      }),
    );
    const kelurahan = await pick(titleOf("place_title", cases), say("kelurahan_letters"), options, first);
    if (kelurahan) await this.#each(cases, "placed_n", ({ id }) => post(`cases/${id}/place`, { kelurahan }), putBack);
  }

  /** Answer the citizens; the cases stay in their states. */
  async answer() {
    const cases = await this.#cases();
    if (!cases.length) return;
    const text = await this.#words(cases, "answered", titleOf("answer_title", cases));
    if (text) await this.#each(cases, "answered_n", ({ id }) => post(`cases/${id}/answers`, { text }));
  }

  /** Close the marked cases as duplicates of one of them; of a single one its candidates are offered. */
  async merge() {
    const cases = await this.#cases();
    if (!cases.length) return;
    const lead = cases.length > 1 ? await choose(say("merge_title", { count: cases.length }), leads(cases)) : await this.#twin(cases[0]);
    if (!lead) return;
    const ids = cases.map(({ id }) => id).filter((id) => id !== lead);
    const text = await write(say("merge_words_title", { lead }), {
      label: say("words_to_citizens"),
      text: say("merge_words", { lead }),
      submit: say("merge_do"),
    });
    if (!text) return;
    try {
      const made = await during(post(`cases/${lead}/merge`, { cases: ids, text }));
      tell(say("merged_n", { count: number(ids.length), lead: made.into }), {
        undo: () => takeBackMerge(made.merge).then(() => this.#settled([...ids, lead], new Map())),
      });
      await this.#settled([...ids, lead], new Map());
    } catch (error) {
      const meant = cases.map(({ id }) => id);
      await this.#settled(meant, new Map(meant.map((id) => [id, reasonOf(error)])));
    }
  }

  async #twin({ id }) {
    const found = (await during(get(`cases/${id}`))).duplicates;
    if (!found.length) return complain(say("merge_alone"));
    const options = found.map((one) => ({
      value: one.id,
      text: `#${one.id} ${one.text}`.slice(0, 90),
      // Of a sensitive report it would tell how far off the other one is.
      note: one.score === null ? "" : say("alike", { score: Math.round(one.score * 100) }),
    }));
    return choose(say("merge_into", { id }), options);
  }

  /** Return the cases that are meant: the marked ones, else the active one. */
  async #cases() {
    const ids = this.#choice.targets;
    await this.#rows.have(ids);
    const found = ids.map((id) => this.#rows.find(id)).filter(Boolean);
    if (!found.length) complain(say("nothing_chosen"));
    return found;
  }

  /** Ask for the words that citizens read; those of the city's templates can be taken, filled in for a single case. */
  #words(cases, to, title) {
    const query = new URLSearchParams({ to, ...(cases.length > 1 ? {} : { case: cases[0].id }) });
    return write(title, {
      templates: get(`answer-templates?${query}`).then(({ templates }) => templates.filter(({ text }) => !text.includes("{"))),
      label: say("words_to_citizens"),
      hint: say("words_hint", { count: number(cases.length) }),
      submit: say("send"),
    });
  }

  /** Take a step with each case, some hundreds at a time. */
  async #take(cases, to, text) {
    const [refused, back] = [new Map(), []];
    await this.#bar.during(cases.length, async (done) => {
      for (let from = 0; from < cases.length; from += AT_A_TIME) {
        const some = cases.slice(from, from + AT_A_TIME);
        const steps = some.map(({ id, state }) => ({ id, to, text, seen: state.code }));
        const said = await during(post("cases/steps", { steps }));
        for (const { id, code, reason } of said.refused) refused.set(id, sayRefusal(code, reason));
        back.push(...said.undo);
        done(some.length);
      }
    });
    await this.#end("stepped_n", cases, refused, back.length ? () => takeBack(back) : null, { state: states[to].said });
  }

  /** Do something with each case in turn; what is refused is named, the others go on. `back` takes it back. */
  async #each(cases, key, call, back = null) {
    const refused = new Map();
    await this.#bar.during(cases.length, async (done) => {
      for (const one of cases) {
        await call(one).catch((error) => refused.set(one.id, reasonOf(error)));
        done(1);
      }
    });
    await this.#end(key, cases, refused, back && ((taken) => back(taken)));
  }

  /** Bring up to date what was worked on, and say how many, with a way back where there is one. */
  async #end(key, cases, refused, back, values = {}) {
    const taken = cases.filter(({ id }) => !refused.has(id));
    await this.#settled(cases.map(({ id }) => id), refused);
    if (!taken.length) return;
    const undo = back && (async () => this.#settled(taken.map(({ id }) => id), await back(taken)));
    tell(say(key, { count: number(taken.length), ...values }), undo ? { undo } : { isFinal: true });
  }
}

function titleOf(key, cases) {
  return cases.length > 1 ? say(`${key}_many`, { count: number(cases.length) }) : say(key, { id: cases[0].id });
}

/** Count the cases with which a step can be taken. */
function able(cases, to) {
  return cases.filter(({ state }) => transitions[state.code]?.some((one) => one.to === to)).length;
}

/** Say of how many cases a step can be taken, where not of all. */
function note(cases, to) {
  const count = able(cases, to);
  return count < cases.length ? say("of_some", { count: number(count), all: number(cases.length) }) : "";
}

function leads(cases) {
  const ordered = [...cases].sort((one, other) => one.id - other.id);
  return ordered.map((one) => ({
    value: one.id,
    text: `#${one.id} ${one.text}`.slice(0, 90),
    mark: stateMark(one.state),
    note: [inLanguage(one.category.name), one.kelurahan?.name].filter(Boolean).join(" · "),
  }));
}
