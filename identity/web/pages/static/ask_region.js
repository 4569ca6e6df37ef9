// One region of a picture: its verdict in plain words, and what stands behind it.
import { base } from "./api.js";
import { element, plural } from "./dom.js";
import { bar } from "./distance_bar.js";
import { personAddress } from "./gallery_addresses.js";

const TAGS = { known: "good", ambiguous: "warn", unknown: "" };
const people = document.querySelector("#who")?.dataset.people !== undefined;

const accepted = (region) => region.candidates.filter((one) => one.accepted);
const joined = (names) => names.length < 3 ? names.join(" or ") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
const number = (distance) => (distance === null ? "none" : distance.toFixed(3));

export function headline(region) {
  if (region.verdict === "known") return region.identity;
  const names = accepted(region).map((one) => one.identity);
  if (region.verdict === "ambiguous" && names.length) return joined(names);
  return people ? "Nobody known" : "Unknown";
}

export function regionCard(region, id, at, count) {
  return element("section", { class: "card region", id, "aria-labelledby": `${id}-title`, tabindex: "-1" },
    element("h3", { id: `${id}-title` },
      count > 1 ? element("span", { class: "order" }, String(at)) : null,
      name(region), " ", element("span", { class: `tag ${TAGS[region.verdict]}` }, region.verdict)),
    element("p", {}, why(region)),
    region.distance !== null && region.threshold !== null ? bar(region.distance, [{ at: region.threshold, said: "threshold" }]) : null,
    region.threshold_remark ? element("p", { class: "faint small" }, `Threshold: ${region.threshold_remark}.`) : null,
    typicality(region), runnerUp(region), like(region), nearest(region));
}

function name(region) {
  const said = headline(region);
  return region.identity === null ? said : element("a", { href: personAddress(region.identity) }, said);
}

function why(region) {
  const [first] = region.candidates;
  if (region.reason) return `${capital(region.reason)}.`;
  if (region.verdict === "known") return `It is within the threshold of ${region.identity}.`;
  if (region.verdict === "ambiguous") return "It is within the thresholds of several, and none is clearly nearer than the others.";
  if (!first) return "Nobody here has enough samples near it to be compared with.";
  return `${first.identity} is nearest, but farther away than the threshold allows.`;
}

function typicality(region) {
  if (region.p_value === null || !region.candidates.length) return null;
  const share = region.p_value;
  const shown = share < 0.001 ? "under 0.1 %" : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
  const word = share > 0.5 ? "very typical" : share > 0.05 ? "typical" : share > 0.01 ? "rather untypical" : "untypical";
  return element("p", {}, element("strong", {}, `Typicality ${shown}`), `: ${word} of ${region.candidates[0].identity}. `,
    element("span", { class: "faint" }, "That share of its calibration samples lies at least this far away."));
}

function runnerUp({ runner_up: other }) {
  if (!other || other.distance === null) return null;
  const than = other.threshold === null ? "" : `, threshold ${number(other.threshold)}`;
  return element("p", {}, "Next: ", element("strong", {}, other.identity), ` at distance ${number(other.distance)}${than}`);
}

function like({ like_cluster: cluster }) {
  if (!cluster) return null;
  const link = element("a", { href: personAddress(`c${cluster.id}`) }, `cluster c${cluster.id}`);
  return element("p", {}, "Like ", link, `: ${plural(cluster.photographs, "photograph")} that nobody named yet.`);
}

function nearest({ matches }) {
  if (!matches.length) return null;
  return element("div", {}, element("h4", {}, "Nearest samples"), element("ol", { class: "nearest" }, ...matches.map(sample)));
}

function sample(match) {
  const who = match.identity ?? "no name";
  const crop = element("img", { src: `${base}/samples/${match.sample}/crop?size=160`, alt: "", width: 72, height: 72 });
  crop.addEventListener("error", () => crop.replaceWith(element("span", { class: "absent", "aria-hidden": "true" }, [...who].slice(0, 2).join(""))));
  const from = match.row === null ? match.source : `${match.source}, row ${match.row}`;
  return element("li", { title: from }, crop,
    element("span", { class: "who" }, who), element("span", { class: "faint number" }, number(match.distance)));
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
