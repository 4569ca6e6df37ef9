// One job: state, progress, what may be done about it, and its report.
import { element, plural } from "./dom.js";

const TAGS = { waiting: "", running: "blue", done: "good", failed: "bad", cancelled: "warn", interrupted: "warn" };
const ACTS = { waiting: ["cancel"], running: ["cancel"], done: ["forget"], failed: ["resume", "forget"], cancelled: ["resume", "forget"], interrupted: ["resume", "forget"] };
const SAID = { cancel: "Cancel", resume: "Do the rest", forget: "Forget" };
const MOST = 100;

export function jobCard(job, act) {
  const address = `/galleries/${encodeURIComponent(job.gallery)}`;
  return element("li", { class: "card job", id: `job-${job.id}`, tabindex: "-1" },
    element("h2", {}, element("span", {}, "Add to ", element("a", { href: address }, job.gallery)), element("span", { class: `tag ${TAGS[job.state]}` }, job.state)),
    progress(job),
    element("p", { class: "faint small" }, `Begun ${new Date(job.created_at).toLocaleString()}`),
    job.problem ? element("p", {}, `${job.problem.detail}. `, job.problem.cure ? `What helps: ${job.problem.cure}` : "") : null,
    job.report ? report(job.report) : null,
    element("div", { class: "bar" }, ...ACTS[job.state].map((verb) => element("button", {
      type: "button", "data-act": verb, "aria-label": `${SAID[verb]}: job of ${job.gallery}`, onclick: () => act(verb, job),
    }, SAID[verb]))));
}

function progress(job) {
  const of = job.images === null ? "" : ` of ${job.images.toLocaleString("en")}`;
  const said = `${job.done.toLocaleString("en")}${of} ${job.images === 1 ? "image" : "images"}`;
  const known = job.images !== null && job.images > 0;
  const still = job.state !== "running" && job.state !== "waiting";
  const made = element("progress", { max: known ? job.images : 1, "aria-label": `Images done: ${said}` });
  if (known) made.value = Math.min(job.done, job.images);
  else if (still) made.value = job.done > 0 ? 1 : 0;
  return element("div", {}, made, element("p", { class: "small" }, said));
}

function report(made) {
  const counted = [
    [made.gallery_samples, "sample enrolled", "samples enrolled"],
    [made.calibration_samples, "sample kept to set thresholds", "samples kept to set thresholds"],
    [made.duplicates, "image was here already", "images were here already"],
    [made.named, "known sample named", "known samples named"],
    [made.moved, "image has another place now", "images have another place now"],
  ];
  const lines = counted.filter(([count], at) => count > 0 || at === 0).map(([count, one, many]) => plural(count, one, many));
  const skipped = Object.entries(made.skipped).map(([reason, count]) => `${reason}: ${count.toLocaleString("en")}`);
  const unread = made.unread.map((one) => `${plural(one.files, "file")} of kind ${one.ending}: ${one.reason}`);
  const failed = made.failed.map((one) => one.error ?? `${shortName(one.source)} cannot be read`);
  const conflicts = made.conflicts.map((one) => `${shortName(one.source)} says ${one.label}, its sample is ${one.identity ?? "without a name"}`);
  return element("div", { class: "report" },
    element("p", {}, element("strong", {}, lines.join(", "))),
    part("Left out", skipped), part("Not read", failed), part("Other files", unread), part("Names that differ", conflicts), part("Names that nobody bears", made.unmatched_labels));
}

function part(title, lines) {
  if (!lines.length) return null;
  const list = element("ul", {}, ...lines.slice(0, MOST).map((line) => element("li", {}, line)));
  const more = lines.length > MOST ? element("p", { class: "faint" }, `and ${(lines.length - MOST).toLocaleString("en")} more`) : null;
  return element("details", { open: lines.length <= 8 }, element("summary", {}, `${title} (${lines.length.toLocaleString("en")})`), list, more);
}

const shortName = (source) => source.replace(/^upload:[0-9a-f]+\//, "");
