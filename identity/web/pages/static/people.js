// Everybody in a gallery: a row for each, largest first. Names are given in the rows, by mouse, touch or keys alone.
import { decide, gallery, get, look, words } from "./api.js";
import { complain, content, element, find, plural, say, seen, typing } from "./dom.js";
import { offerNames } from "./names.js";
import { Rows } from "./rows.js";
import { COLUMNS, sheet, unhurried } from "./sheets.js";
import { undo } from "./undo.js";

const FIRST = 60; // the first look is short, so that faces are seen at once; the rest comes in large parts
const PART = 1000;
const FACE_PX = 96;
const IN_SHEET = 10; // rows that share a picture

let which = "all";
let everybody = [];
let suggested = new Map();
let chosen = new Set();
let active = 0;
let asked = 0;

const rows = new Rows(find("#rows"), (index) => row(index));
const personPage = (who) => `/galleries/${encodeURIComponent(gallery)}/person?who=${encodeURIComponent(who)}`;

let pictured = true;

async function load() {
  const mine = ++asked;
  const text = encodeURIComponent(find("#text").value);
  const part = (first, limit) => look(`overview?which=${which === "suggested" ? "unnamed" : which}&text=${text}&samples=${COLUMNS}&first=${first}&limit=${limit}`);
  try {
    const found = await part(0, FIRST);
    if (mine !== asked) return;
    everybody = [...found.people, ...new Array(found.total - found.people.length).fill(null)];
    pictured = found.pictures;
    active = Math.min(active, Math.max(0, everybody.length - 1));
    count(found);
    rows.show(everybody.length);
    for (let first = FIRST; first < found.total; first += PART) {
      const more = await part(first, PART);
      if (mine !== asked) return;
      more.people.forEach((one, at) => (everybody[first + at] = one));
      for (const index of rows.shown.keys()) if (index >= first - IN_SHEET) rows.renew(index);
    }
    if (which === "suggested") onlySuggested();
  } catch (error) {
    complain(words(error));
  }
}

// Of all clusters without a name, those that are probably somebody, the most certain first.
function onlySuggested() {
  const doubt = (one) => suggested.get(one.who).distance / suggested.get(one.who).threshold;
  everybody = everybody.filter((one) => suggested.has(one.who)).sort((a, b) => doubt(a) - doubt(b));
  active = 0;
  rows.show(everybody.length);
}

function count(found) {
  const { named, unnamed, aside, loose } = found;
  const parts = [`${named.toLocaleString("en")} named`, unnamed && `${plural(unnamed, "cluster")} without a name`, aside && `${aside.toLocaleString("en")} set aside`, loose && `${plural(loose, seen)} in no cluster`];
  find("#count").textContent = parts.filter(Boolean).join(" · ");
  const nobody = named + unnamed + aside === 0;
  find("#empty").hidden = found.total > 0;
  find("#unpictured").hidden = pictured;
  find("#empty").replaceChildren(nobody
    ? element("p", {}, "Nobody is here yet. Put photographs in and cluster them on the ", element("a", { href: `/galleries/${encodeURIComponent(gallery)}` }, "gallery's page"), ".")
    : element("p", {}, "Nobody is like that."));
}

function row(index) {
  const one = everybody[index];
  const made = element("div", { class: index === active ? "row active" : "row", role: "listitem", "data-index": index });
  if (one === null) return made;
  made.append(who(one, index));
  if (pictured) made.append(strip(one, index));
  return made;
}

function who(one, index) {
  const open = one.size - one.confirmed;
  const told = one.note ?? (one.identity === null ? plural(one.size, seen) : `${plural(one.size, seen)}${open ? ` · ${open.toLocaleString("en")} unconfirmed` : ""}`);
  const line = element("div", { class: "bar flat tight" },
    element("input", { type: "checkbox", "aria-label": `Choose ${one.who}`, checked: chosen.has(one.who), onchange: () => choose(one.who) }),
    element("a", { class: "name", href: personPage(one.who) }, one.identity ?? one.who));
  const about = element("div", { class: "bar flat tight about" }, element("span", { class: "faint" }, told));
  const parts = element("div", { class: "who" }, line, about);
  if (one.identity !== null) return parts;
  const hint = suggested.get(one.who);
  if (hint) about.append(element("button", { type: "button", class: "suggested", title: `mean distance ${hint.distance.toFixed(2)}, threshold ${hint.threshold.toFixed(2)}`, onclick: () => name(index, hint.identity) }, `${hint.identity}?`));
  parts.append(element("input", { class: "naming", list: "names", maxlength: 500, placeholder: "Who is this?", "aria-label": `Name of ${one.who}`, autocomplete: "off", onkeydown: (event) => keyInName(event, index) }));
  return parts;
}

// A strip is a window on a picture that ten rows share.
function strip(one, index) {
  const from = index - (index % IN_SHEET);
  const ids = everybody.slice(from, from + IN_SHEET).flatMap((each) => Array.from({ length: COLUMNS }, (_, at) => each?.samples[at] ?? 0));
  const image = element("img", { alt: "", width: FACE_PX * COLUMNS, height: (FACE_PX * ids.length) / COLUMNS, decoding: "async" });
  image.style.transform = `translateY(${-FACE_PX * (index % IN_SHEET)}px)`;
  const window_ = element("a", { class: "strip", href: personPage(one.who), tabindex: -1, "aria-label": `Faces of ${one.who}` }, image);
  window_.style.width = `${FACE_PX * Math.max(1, Math.min(COLUMNS, one.samples.length))}px`;
  unhurried(window_, () => (image.src = sheet(ids, FACE_PX)));
  return window_;
}

function keyInName(event, index) {
  if (event.key === "Escape") {
    event.target.blur();
    go(index);
  } else if (event.key === "Enter" && event.target.value.trim()) {
    event.preventDefault();
    name(index, event.target.value.trim());
    next(index);
  }
}

// The name field of the next row that has none.
function next(index) {
  const found = everybody.findIndex((one, at) => at > index && one !== null && one.identity === null && !one.aside);
  if (found >= 0) go(found, ".naming");
}

async function name(index, given) {
  const one = everybody[index];
  const known = everybody.some((each) => each?.identity === given) || [...find("#names").options].some((each) => each.value === given);
  Object.assign(one, { identity: given, note: known ? `now part of ${given}` : `${plural(one.size, seen)} · named` });
  rows.renew(index);
  try {
    content();
    await decide("people/name", { who: one.who, name: given });
    one.who = given;
    offerNames([given]);
    say(`${known ? "Joined with" : "Named"} ${given}`, { label: "Undo (u)", run: takeBack });
  } catch (error) {
    complain(words(error));
    await load();
  }
}

// Sets the cluster of a row aside, or brings it back where the page shows who is aside.
async function setAside(index) {
  const one = everybody[index];
  if (!one || one.identity !== null) return;
  const back = one.aside ?? which === "aside";
  Object.assign(one, { aside: !back, note: `${plural(one.size, seen)} · ${back ? "brought back" : "set aside"}` });
  rows.renew(index);
  go(index + 1);
  try {
    content();
    await decide(back ? "people/bring-back" : "people/set-aside", { who: one.who });
    say(`${one.who} ${back ? "brought back" : "set aside"}`, { label: "Undo (u)", run: takeBack });
  } catch (error) {
    complain(words(error));
    await load();
  }
}

async function takeBack() {
  if (await undo()) await load();
}

function choose(whose) {
  if (!chosen.delete(whose)) chosen.add(whose);
  find("#joining").hidden = chosen.size < 2;
  find("#chosen").textContent = `${chosen.size} chosen`;
}

function unchoose() {
  chosen = new Set();
  find("#joining").hidden = true;
  rows.show(everybody.length);
}

async function join(event) {
  event.preventDefault();
  const given = find("#joined").value.trim();
  try {
    content();
    await decide("people/merge", { who: [...chosen], name: given || null });
    say(`${chosen.size} joined`, { label: "Undo (u)", run: takeBack });
    find("#joined").value = "";
    unchoose();
    await load();
  } catch (error) {
    complain(words(error));
  }
}

function go(index, within = ".name") {
  const before = active;
  active = Math.max(0, Math.min(everybody.length - 1, index));
  rows.renew(before);
  const reached = rows.reach(active);
  rows.renew(active);
  find(within, rows.shown.get(active) ?? reached)?.focus({ preventScroll: true });
}

const KEYS = {
  ArrowDown: () => go(active + 1),
  j: () => go(active + 1),
  ArrowUp: () => go(active - 1),
  k: () => go(active - 1),
  Home: () => go(0),
  End: () => go(everybody.length - 1),
  n: () => go(active, ".naming"),
  x: () => everybody[active] && (choose(everybody[active].who), rows.renew(active)),
  u: takeBack,
  i: () => setAside(active),
  y: () => {
    const hint = suggested.get(everybody[active]?.who);
    if (hint) name(active, hint.identity).then(() => next(active));
  },
};

function pressed(event) {
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function filter(event) {
  which = event.currentTarget.dataset.which;
  for (const button of document.querySelectorAll("[data-which]")) button.setAttribute("aria-pressed", button.dataset.which === which);
  active = 0;
  scrollTo(0, 0);
  load();
}

// Who clusters probably are takes the server a moment: names are put beside the faces when they are known.
async function suggest() {
  try {
    const asking = await get("questions?limit=1000");
    suggested = new Map(asking.questions.filter((one) => one.suggestion).map((one) => [one.who, one.suggestion]));
    for (const index of rows.shown.keys()) if (suggested.has(everybody[index]?.who)) rows.renew(index);
    find("[data-which=suggested]").disabled = suggested.size === 0;
    find("[data-which=suggested]").textContent = `Suggested (${suggested.size.toLocaleString("en")})`;
    find("#open").textContent = asking.total ? ` ${asking.total.toLocaleString("en")} questions` : "";
  } catch (error) {
    complain(words(error));
  }
}

document.addEventListener("keydown", pressed);
document.addEventListener("focusin", (event) => {
  const at = event.target.closest?.(".row")?.dataset.index;
  if (at === undefined || Number(at) === active) return;
  rows.shown.get(active)?.classList.remove("active");
  active = Number(at);
  rows.shown.get(active)?.classList.add("active");
});
for (const button of document.querySelectorAll("[data-which]")) button.addEventListener("click", filter);
let timer;
find("#text").addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(load, 150);
});
find("#joining").addEventListener("submit", join);
find("#unchoose").addEventListener("click", unchoose);
await load();
await offerNames();
suggest();
