// Every identity with its threshold: searched and paged, for there may be a hundred thousand.
import { Problem, get } from "./api.js";
import { element, find, plural } from "./dom.js";
import { personAddress } from "./gallery_addresses.js";

const AT_ONCE = 50;
const state = { all: [], found: [], first: 0, pooled: null };

export async function showThresholds() {
  const made = await get("calibration").catch((error) => {
    if (error instanceof Problem && error.fields.status === 409) return { identities: [], pooled_threshold: null, none: true };
    throw error;
  });
  state.all = made.identities;
  state.pooled = made.pooled_threshold;
  find("#identities").replaceChildren(...state.all.slice(0, 1000).map((one) => element("option", { value: one.identity })));
  if (!find("#table input")) find("#table").replaceChildren(...frame());
  find("#table .pooled").textContent = pooled(made);
  search();
}

function pooled(made) {
  if (made.none) return "There are no thresholds yet.";
  if (!made.identities.length) return made.pooled_threshold === null ? "" : `One for everybody: ${made.pooled_threshold.toFixed(3)}.`;
  return made.pooled_threshold === null ? "" : `Pooled, where an identity has too few samples for one of its own: ${made.pooled_threshold.toFixed(3)}.`;
}

function frame() {
  const searched = element("input", { type: "search", id: "search", placeholder: "Name", autocomplete: "off", oninput: search });
  const turn = (step) => () => { state.first += step * AT_ONCE; show(); };
  return [
    element("p", { class: "pooled" }),
    element("div", { class: "finding" },
      element("div", { class: "bar" }, element("label", { for: "search" }, "Find an identity"), searched),
      element("div", { class: "scroll" }, element("table", {},
        element("thead", {}, element("tr", {}, ...["Identity", "Threshold", "Samples behind it", "Remark"].map((one, at) => element("th", { scope: "col", class: at === 1 || at === 2 ? "number" : null }, one)))),
        element("tbody", {}))),
      element("div", { class: "bar pages" },
        element("button", { type: "button", class: "before", onclick: turn(-1) }, "Before"),
        element("button", { type: "button", class: "after", onclick: turn(1) }, "Next"),
        element("span", { class: "faint where", role: "status" }))),
  ];
}

function search() {
  const wanted = find("#search").value.trim().toLowerCase();
  state.found = wanted ? state.all.filter((one) => one.identity.toLowerCase().includes(wanted)) : state.all;
  state.first = 0;
  show();
}

function show() {
  const { all, found, first } = state;
  find("#table .finding").hidden = !all.length;
  find("#table tbody").replaceChildren(...found.slice(first, first + AT_ONCE).map(row));
  find("#table .before").disabled = first === 0;
  find("#table .after").disabled = first + AT_ONCE >= found.length;
  find("#table .pages").hidden = all.length <= AT_ONCE;
  const last = Math.min(found.length, first + AT_ONCE);
  find("#table .where").textContent = found.length ? `${first + 1} to ${last} of ${plural(found.length, "identity", "identities")}` : "No identity has such a name.";
}

function row(one) {
  const shown = one.threshold === null ? "none" : one.threshold.toFixed(3);
  const remark = one.enough && !one.insufficient_data ? "" : "too few samples: the pooled threshold";
  return element("tr", {},
    element("th", { scope: "row" }, element("a", { href: personAddress(one.identity) }, one.identity)),
    element("td", { class: "number" }, shown), element("td", { class: "number" }, one.n.toLocaleString("en")),
    element("td", { class: "faint" }, remark));
}
