// What a gallery holds, and the promise of its thresholds in the engine's own words.
import { look } from "./api.js";
import { element, find } from "./dom.js";

const count = (number) => number.toLocaleString("en");

export async function showFacts() {
  const held = await look("");
  const rows = [
    ["Samples", count(held.samples)],
    ["Identities", count(held.identities)],
    ["Without a name", count(held.unnamed)],
    ["Kept to set thresholds", count(held.calibration_samples)],
    ["Images", `${count(held.images)}${held.skipped ? `, in ${count(held.skipped)} of them something was left out` : ""}`],
    ["Network", `${held.model}, ${held.dim} numbers a vector`],
    ["Detector", held.detector === "whole" ? "none: every image is one sample" : held.detector],
    ["Search", held.search],
    ["Space", element("code", { title: held.space }, held.space.slice(0, 16))],
  ];
  find("#facts").replaceChildren(...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  find("#promise").replaceChildren(...promise(held.calibration));
}

function promise(made) {
  if (made === null) {
    return [element("p", {}, "This gallery has no thresholds yet, so it cannot answer."), element("p", {}, element("a", { href: "#calibrate" }, "Set the thresholds"), " once it holds samples.")];
  }
  const when = made.created_at ? `, ${new Date(made.created_at).toLocaleString()}` : "";
  const sentences = made.promise.split(/(?<=\.) (?=[A-Za-z])/);
  return [
    element("p", {}, "Rule ", element("strong", {}, made.rule), element("span", { class: "faint" }, when)),
    made.stale ? element("p", {}, element("span", { class: "tag warn" }, "stale"), " Samples were changed since. Set the thresholds anew.") : null,
    ...sentences.map((one) => element("p", {}, capital(one))),
  ].filter(Boolean);
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
