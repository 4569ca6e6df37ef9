// Who is this? Pictures come from a drop, a choice, the clipboard, the camera or the pen; each gets an answer of its own.
import { send, words } from "./api.js";
import { element, find, plural } from "./dom.js";
import { answered, failed } from "./ask_answer.js";
import { openCamera } from "./ask_camera.js";
import { startComparing } from "./ask_compare.js";
import { startDrawing } from "./ask_drawing.js";
import { takePictures } from "./ask_pictures.js";

const AT_ONCE = 2;
const queue = [];
const tally = { asked: 0, done: 0, under: 0 };
const comparing = find("#same") ? startComparing(show) : null;

function ask(files, target = null) {
  if (!files.length) return;
  if (comparing?.open) return comparing.take(files, target);
  if (!tally.under) Object.assign(tally, { asked: 0, done: 0 });
  for (const file of files) {
    const place = element("article", { class: "answer waiting", "aria-busy": "true" }, element("h2", {}, file.name), element("p", { class: "faint" }, "Looking…"));
    find("#answers").prepend(place);
    queue.push({ file, place });
  }
  tally.asked += files.length;
  if (files.length === 1) find("#answers").firstElementChild.scrollIntoView({ block: "nearest" });
  report();
  for (let each = 0; each < AT_ONCE; each += 1) next();
}

async function next() {
  if (tally.under >= AT_ONCE || !queue.length) return;
  const { file, place } = queue.shift();
  tally.under += 1;
  const said = await about(file, place);
  tally.under -= 1;
  tally.done += 1;
  report(said);
  next();
}

async function about(file, place) {
  const form = new FormData();
  form.append("images", file, file.name);
  try {
    const { fields } = await send("query", form);
    return answered(place, fields, file);
  } catch (error) {
    failed(place, file.name, error);
    return `${file.name}: ${words(error)}`;
  }
}

function report(said = "") {
  const left = tally.asked - tally.done;
  const under = left ? `Asking about ${plural(left, "picture")}…` : "";
  find("#told").replaceChildren(element("span", { class: "hidden" }, said), under);
}

// The two questions of a gallery of people; only one is seen.
function show(which) {
  for (const one of ["who", "same"]) {
    find(`#${one}`).hidden = one !== which;
    find(`#ask-${one}`).setAttribute("aria-pressed", String(one === which));
  }
}

takePictures(ask, { choose: find("#choose"), input: find("#files") });
find("#camera").addEventListener("click", () => openCamera((file) => ask([file])));
if (find("#paper")) startDrawing((file) => ask([file]));
