// The answer about one picture: the picture with its boxes, and a card for each region.
import { words } from "./api.js";
import { element, plural } from "./dom.js";
import { headline, regionCard } from "./ask_region.js";

const people = document.querySelector("#who")?.dataset.people !== undefined;
let numbers = 0;

// Fills an answer in; what a person who cannot see it is told.
export function answered(place, fields, file) {
  const [probe] = fields.probes;
  place.classList.remove("waiting");
  place.removeAttribute("aria-busy");
  if (probe.error !== null) return broken(place, file.name, probe.error);
  numbers += 1;
  const cards = probe.regions.map((region, at) => regionCard(region, `answer-${numbers}-${at + 1}`, at + 1, probe.regions.length));
  const pieces = [picture(file, probe, cards), element("div", { class: "regions" }, ...cards, nothing(probe))];
  place.replaceChildren(title(file.name, probe), element("div", { class: "seen-and-said" }, ...pieces), footing(fields));
  return `${file.name}: ${probe.regions.map(headline).join(", ") || "nothing found"}.`;
}

export function failed(place, name, error) {
  place.classList.remove("waiting");
  place.removeAttribute("aria-busy");
  place.replaceChildren(element("h2", {}, name), wrong(...parted(words(error))));
}

function broken(place, name, line) {
  const [cause, cure] = parted(line);
  place.replaceChildren(element("h2", {}, name), wrong(cause, cure));
  return `${cause}. ${cure}`;
}

function wrong(cause, cure) {
  return element("div", { class: "card trouble" },
    element("p", {}, element("strong", {}, cause)),
    cure && element("p", {}, element("span", { class: "faint" }, "What helps: "), cure));
}

// Cause and cure of a line.
function parted(line) {
  const at = line.lastIndexOf(": ");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 2)];
}

function title(name, probe) {
  const many = probe.regions.length;
  const found = people ? plural(many, "face") : "";
  return element("h2", {}, name, found && many !== 1 ? element("span", { class: "faint count" }, many ? ` ${found}` : "") : "");
}

function nothing(probe) {
  if (probe.regions.length) return null;
  return element("p", { class: "card" }, people ? "No face was found in this photograph." : "Nothing was found in this picture.");
}

// What the browser cannot show (HEIC, some TIFF) has cards alone.
function picture(file, probe, cards) {
  const address = URL.createObjectURL(file);
  const alt = `${file.name}, with a box around ${plural(probe.regions.length, people ? "face" : "region")}`;
  const image = element("img", { src: address, alt, width: probe.width, height: probe.height });
  const boxes = probe.regions.map((region, at) => box(region, at, probe, cards[at]));
  const frame = element("div", { class: "seen" }, image, ...boxes);
  if (probe.width < 200 || (!people && probe.width <= 640)) frame.classList.add("tiny");
  image.addEventListener("load", () => URL.revokeObjectURL(address));
  image.addEventListener("error", () => {
    URL.revokeObjectURL(address);
    frame.replaceChildren(element("p", { class: "faint unseen" }, "Your browser cannot show this kind of file; the answer stands beside it."));
  });
  return frame;
}

function box(region, at, probe, card) {
  const [left, top, right, bottom] = region.box;
  const share = (pixels, all) => `${Math.max(0, Math.min(100, (100 * pixels) / all))}%`;
  const name = region.verdict === "unknown" ? "?" : headline(region);
  const said = probe.regions.length > 1 ? `${at + 1} ${name}` : name;
  const made = element("div", { class: `box ${region.verdict}`, "aria-hidden": "true" }, element("span", {}, said));
  Object.assign(made.style, {
    left: share(left, probe.width), top: share(top, probe.height),
    width: share(right - left, probe.width), height: share(bottom - top, probe.height),
  });
  if (bottom > 0.88 * probe.height) made.classList.add("low");
  for (const [event, on] of [["mouseenter", true], ["mouseleave", false], ["focusin", true], ["focusout", false]]) {
    card.addEventListener(event, () => made.classList.toggle("own", on));
  }
  made.addEventListener("click", () => card.scrollIntoView({ block: "nearest" }));
  return made;
}

function footing(fields) {
  const { calibration } = fields;
  return element("details", { class: "promise" },
    element("summary", {}, "What this answer promises"),
    fields.stale ? element("p", {}, element("span", { class: "tag warn" }, "stale"), " The gallery was changed since its thresholds were set: set them anew on the page Gallery.") : null,
    element("p", {}, calibration.promise));
}
