// Two photographs: the same person, or not.
import { send, words } from "./api.js";
import { complain, element, find, plural } from "./dom.js";
import { chosen } from "./ask_pictures.js";
import { bar } from "./distance_bar.js";

const VERDICTS = {
  same: ["The same person", "good", "The faces are as near as those of one person."],
  uncertain: ["Uncertain", "warn", "Too far for the same person, too near for two: a better photograph of either may tell."],
  different: ["Two different people", "bad", "The faces are farther apart than those of one person."],
};

export function startComparing(show) {
  const given = { first: null, second: null };
  const halves = [...document.querySelectorAll("#same .half")];
  const put = (half, file) => {
    given[half.dataset.side] = file;
    seen(half, file);
    if (given.first && given.second) compare(given, halves);
  };
  for (const half of halves) chosen(find("button", half), find("input", half), ([file]) => put(half, file));
  find("#ask-who").addEventListener("click", () => show("who"));
  find("#ask-same").addEventListener("click", () => show("same"));
  return {
    get open() { return !find("#same").hidden; },
    take(files, target = null) {
      const aimed = target?.closest?.(".half");
      const free = halves.filter((half) => !given[half.dataset.side]);
      const order = aimed ? [aimed, ...halves.filter((half) => half !== aimed)] : [...free, ...halves.filter((half) => !free.includes(half))];
      files.slice(0, 2).forEach((file, at) => put(order[at], file));
      if (files.length > 2) complain("two photographs are compared: the first two were taken");
    },
  };
}

function seen(half, file) {
  const address = URL.createObjectURL(file);
  const image = element("img", { src: address, alt: file.name });
  const place = find(".seen-place", half);
  const frame = element("div", { class: "seen" }, image);
  image.addEventListener("error", () => place.replaceChildren(element("p", { class: "faint" }, `${file.name} (your browser cannot show this kind of file)`)));
  place.replaceChildren(frame, element("p", { class: "faint small" }, file.name));
}

let latest = 0;

async function compare({ first, second }, halves) {
  latest += 1;
  const mine = latest;
  const told = find("#compared-told");
  told.textContent = "Comparing…";
  find("#compared").replaceChildren();
  halves.forEach((half) => half.querySelectorAll(".box").forEach((one) => one.remove()));
  const form = new FormData();
  form.append("first", first, first.name);
  form.append("second", second, second.name);
  try {
    const { fields } = await send("verify", form);
    if (mine !== latest) return;
    told.replaceChildren(element("span", { class: "hidden" }, `${VERDICTS[fields.verdict][0]}.`));
    find("#compared").replaceChildren(result(fields));
    fields.images.forEach((image, at) => mark(find(".seen", halves[at]), image));
  } catch (error) {
    if (mine !== latest) return;
    told.textContent = "";
    find("#compared").replaceChildren(element("div", { class: "card trouble" }, element("p", {}, words(error))));
    find("#compared").firstChild.setAttribute("role", "alert");
  }
}

function result(fields) {
  const [said, tag, why] = VERDICTS[fields.verdict];
  const marks = [{ at: fields.threshold, said: "same up to" }];
  if (fields.uncertain_up_to > fields.threshold) marks.push({ at: fields.uncertain_up_to, said: "different beyond" });
  return element("section", { class: "card region" },
    element("h3", {}, said, " ", element("span", { class: `tag ${tag}` }, fields.verdict)),
    element("p", {}, why), bar(fields.cosine_distance, marks), ...standing(fields));
}

function standing(fields) {
  const rate = fields.fmr === null ? "" : `Two different people are this near at a rate of ${fields.fmr}.`;
  const origin = fields.reference ? `Thresholds: ${fields.reference.remark}.` : "Thresholds: measured on this gallery's own pairs.";
  const lines = [[rate, origin].filter(Boolean).join(" ")];
  if (fields.insufficient_data) lines.push("There are too few photographs here to know better.");
  if (fields.stale) lines.push("The gallery was changed since its thresholds were set: set them anew on the page Gallery.");
  const many = fields.images.filter((image) => image.faces > 1);
  if (many.length) lines.push(`${many.map((image) => `${image.path} shows ${plural(image.faces, "face")}`).join(", ")}: the largest was compared.`);
  return lines.map((line) => element("p", { class: "faint small" }, line));
}

// The image's own size is known once it is shown; the box is in pixels of the upright photograph.
function mark(frame, { box: [left, top, right, bottom] }) {
  const image = frame && find("img", frame);
  if (!image?.naturalWidth) return;
  const share = (pixels, all) => `${(100 * pixels) / all}%`;
  const made = element("div", { class: "box own", "aria-hidden": "true" });
  Object.assign(made.style, {
    left: share(left, image.naturalWidth), top: share(top, image.naturalHeight),
    width: share(right - left, image.naturalWidth), height: share(bottom - top, image.naturalHeight),
  });
  frame.append(made);
}
