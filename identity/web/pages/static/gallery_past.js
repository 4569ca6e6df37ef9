// Runs and decisions in one table, the newest first, with what can be taken back.
import { decide, get, words } from "./api.js";
import { complain, content, element, find, plural, say } from "./dom.js";

const AT_ONCE = 50;
const FEW = 6;
const OF_PEOPLE = "people"; // what an edit that a decision made is called among runs
let shown = AT_ONCE;

export async function showPast(refresh) {
  const [{ runs }, { decisions }] = await Promise.all([get("clusters/history"), get("decisions")]);
  const latest = runs.filter((one) => one.algo !== OF_PEOPLE && one.undone_at === null).at(-1);
  const since = decisions[0]?.made_at ?? ""; // what people decided before decisions were kept is known by its run alone
  const own = runs.filter((one) => one.algo !== OF_PEOPLE || !since || one.created_at < since);
  const past = [...own.map((one) => ofRun(one, one === latest, refresh)), ...decisions.map((one) => ofDecision(one, refresh))];
  past.sort((one, other) => other.at.localeCompare(one.at) || other.id - one.id);
  show(past);
}

function ofRun(run, latest, refresh) {
  const sizes = `${plural(run.n_clusters, "cluster")} of ${plural(run.n_samples, "sample")}`;
  const eps = run.eps === null ? "" : `, eps ${run.eps.toFixed(3)}`;
  const edit = run.algo === OF_PEOPLE;
  const undo = latest && { said: `run ${run.id}`, run: () => takeBack("clusters/undo", undefined, `Run ${run.id} is undone.`, refresh) };
  return {
    id: run.id, at: run.created_at, undone: run.undone_at, undo,
    kind: edit ? "decision" : `run ${run.id}`, what: edit ? run.note : `${run.algo}, ${run.mode}${eps}: ${sizes}`,
  };
}

function ofDecision(one, refresh) {
  const whom = [...one.identities, ...one.clusters.map((cluster) => `c${cluster}`)];
  const more = whom.length > FEW ? `, ${whom.length - FEW} others` : "";
  const details = [whom.slice(0, FEW).join(", ") + more, one.n_samples ? plural(one.n_samples, "sample") : ""].filter(Boolean).join(" · ");
  const undo = one.undone_at === null && { said: `decision ${one.id}`, run: () => takeBack("people/undo", { decision: one.id }, `Decision ${one.id} is undone.`, refresh) };
  return {
    id: one.id, at: one.made_at, undone: one.undone_at, undo, kind: `decision ${one.id}`,
    what: `${one.decision}${details ? `: ${details}` : ""}`,
  };
}

async function takeBack(address, body, said, refresh) {
  content();
  try {
    await decide(address, body);
    await refresh();
    say(said);
    find("#history h2").scrollIntoView({ block: "nearest" });
  } catch (error) {
    complain(words(error));
  }
}

function show(past) {
  const place = find("#past");
  if (!past.length) {
    place.replaceChildren(element("p", { class: "faint" }, "Nothing was clustered or decided yet."));
    return;
  }
  const table = element("table", { class: "past" },
    element("thead", {}, element("tr", {}, ...["When", "What", "Number", "Undo"].map((one) => element("th", { scope: "col" }, one)))),
    element("tbody", {}, ...past.slice(0, shown).map(row)));
  const more = past.length > shown && element("button", { type: "button", onclick: () => { shown += AT_ONCE; show(past); } }, `Show ${Math.min(AT_ONCE, past.length - shown)} more of ${past.length}`);
  place.replaceChildren(table, ...(more ? [element("div", { class: "bar" }, more)] : []));
}

function row(one) {
  const when = element("time", { datetime: one.at }, new Date(one.at).toLocaleString());
  const undone = one.undone ? element("span", { class: "tag" }, `undone ${new Date(one.undone).toLocaleString()}`) : null;
  const undo = one.undo ? element("button", { type: "button", "aria-label": `Undo ${one.undo.said}`, onclick: one.undo.run }, "Undo") : null;
  return element("tr", { class: one.undone ? "undone" : null },
    element("td", { class: "when" }, when), element("td", { class: "what" }, one.what), element("td", { class: "kind faint" }, one.kind), element("td", { class: "act" }, undone, undo));
}
