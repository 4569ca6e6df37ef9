// One question after another that only a person can answer: what settles most faces comes first.
import { decide, gallery, get, look, words } from "./api.js";
import { complain, content, element, find, plural, say, seen, typing } from "./dom.js";
import { crop } from "./sheets.js";
import { undo } from "./undo.js";

const FACE_PX = 120;
const AT_ONCE = 40; // unconfirmed faces of one question

let questions = [];
let at = 0;
let not = new Set();
let shown = [];
let ready = false; // an answer is to the question that is seen, never to one that is still on its way

const page = (part, who) => `/galleries/${encodeURIComponent(gallery)}/${part}${who ? `?who=${encodeURIComponent(who)}` : ""}`;

async function load() {
  try {
    const found = await look("questions?limit=1000");
    questions = found.questions;
    at = 0;
    await show();
  } catch (error) {
    complain(words(error));
  }
}

async function show() {
  const one = questions[at];
  ready = false;
  not = new Set();
  find("#empty").hidden = Boolean(one);
  find("#left").textContent = one ? `${plural(questions.length - at, "question")} left` : "";
  if (!one) {
    find("#asked").hidden = true;
    return nothing();
  }
  const suggested = one.suggestion !== null;
  shown = suggested ? one.samples.map((id) => ({ id })) : await unconfirmed(one);
  if (!suggested && !shown.length) return next();
  find("#words").textContent = suggested ? `Is this ${one.identity}?` : shown.length === 1 ? `Is this ${one.identity}?` : `Are all of these ${one.identity}?`;
  find("#why").textContent = suggested
    ? `Photographs of the two are ${one.suggestion.distance.toFixed(2)} apart on average, the threshold is ${one.suggestion.threshold.toFixed(2)}. The answer settles ${plural(one.settles, seen)}.`
    : `They are in a cluster with ${one.identity}, and nobody has confirmed them; the least usual are first. ${shown.length > 1 ? "Choose those that are not. " : ""}${one.settles > shown.length ? `${shown.length} of ${plural(one.settles, seen)} are asked about.` : ""}`;
  find("#about").textContent = suggested ? `${one.who} · ${plural(one.settles, seen)}` : plural(shown.length, seen);
  find("#compared").textContent = `${one.identity}, confirmed`;
  find("#whole").href = page("person", one.who);
  find("#samples").replaceChildren(...shown.map((face) => (suggested ? tile(face.id) : toggle(face))));
  find("#known").replaceChildren(...one.known.slice(0, 20).map(tile));
  find("#yes").firstChild.textContent = "Yes ";
  find("#no").hidden = !suggested && shown.length > 1;
  ready = true;
  find("#asked").hidden = false; // whole at once, so that nothing moves under somebody's finger
}

// Those of somebody that nobody confirmed, the least usual first.
async function unconfirmed(one) {
  const found = await get(`faces?who=${encodeURIComponent(one.who)}&limit=10000`);
  return found.faces.filter((face) => !face.confirmed).reverse().slice(0, AT_ONCE);
}

const picture = (id, alt) => element("img", { src: crop(id, FACE_PX), alt, width: FACE_PX, height: FACE_PX, decoding: "async" });
const tile = (id) => element("li", {}, picture(id, `Face ${id}`));

function toggle(face) {
  const press = (event) => {
    if (!not.delete(face.id)) not.add(face.id);
    event.currentTarget.setAttribute("aria-pressed", not.has(face.id));
    find("#yes").firstChild.textContent = not.size ? `All but ${not.size} ` : "Yes ";
  };
  const button = element("button", { type: "button", "aria-pressed": "false", "aria-label": `Face ${face.id} is not, distance ${face.distance.toFixed(2)}`, onclick: press }, picture(face.id, ""));
  return element("li", {}, button);
}

function nothing() {
  const done = questions.length > 0;
  find("#empty").replaceChildren(
    element("p", {}, done ? "That was the last question." : "There is nothing to ask: no cluster looks like somebody who has a name, and every face of a named person is confirmed."),
    element("p", {}, element("a", { href: page("people") }, "People"), done ? " · " : null, done ? element("a", { href: page("review") }, "Ask again") : null));
}

function next() {
  at += 1;
  return show();
}

async function settle(decisions, said) {
  ready = false;
  try {
    content();
    for (const [verb, body] of decisions) await decide(verb, body);
    say(said, { label: "Undo (u)", run: () => takeBack(decisions.length) });
    await next();
  } catch (error) {
    complain(words(error));
    ready = true;
    if (error.fields?.status === 412) await load();
  }
}

const ANSWERS = {
  yes() {
    const one = questions[at];
    if (one.suggestion) return settle([["people/name", { who: one.who, name: one.identity }]], `${one.who} is ${one.identity}`);
    const wrong = shown.filter((face) => not.has(face.id)).map((face) => face.id);
    const right = shown.filter((face) => !not.has(face.id)).map((face) => face.id);
    const decisions = [];
    if (wrong.length) decisions.push(["people/reject", { who: one.identity, samples: wrong }]);
    if (right.length) decisions.push(["people/confirm", { who: one.identity, samples: right }]);
    return settle(decisions, `${right.length} confirmed${wrong.length ? `, ${wrong.length} taken out` : ""}`);
  },
  no() {
    const one = questions[at];
    if (one.suggestion) return settle([["people/reject", { who: one.who, name: one.identity }]], `${one.who} is not ${one.identity}`);
    return settle([["people/reject", { who: one.identity, samples: shown.map((face) => face.id) }]], `${plural(shown.length, seen)} taken out`);
  },
  skip: next,
  back: () => takeBack(1),
};

async function takeBack(decisions) {
  for (let each = 0; each < decisions; each++) if (!(await undo())) return;
  await load();
}

function pressed(event) {
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  const button = find(`[data-key="${CSS.escape(event.key)}"]`);
  if (!button || find("#asked").hidden || button.hidden) return;
  event.preventDefault();
  button.click();
}

for (const [id, run] of Object.entries(ANSWERS)) find(`#${id}`).addEventListener("click", () => ready && run());
document.addEventListener("keydown", pressed);
await load();
