// A photograph with a box around everybody in it; where its file is gone, the face that was kept.
import { base, gallery, get, words } from "./api.js";
import { element, find } from "./dom.js";
import { crop } from "./sheets.js";

const LONGEST_PX = 1600;

export async function openPhotograph(sample) {
  const dialog = find("#photograph");
  const place = find("#picture");
  place.replaceChildren();
  find("#file").textContent = "";
  if (!dialog.open) dialog.showModal();
  try {
    const seen = await get(`samples/${sample}/photograph`);
    find("#file").textContent = seen.row === null ? seen.path : `${seen.path}[${seen.row}]`;
    const image = element("img", { alt: `Photograph with ${seen.samples.length} faces`, width: seen.width, height: seen.height, src: `${base}/samples/${sample}/picture?size=${LONGEST_PX}` });
    image.style.height = "auto";
    image.style.aspectRatio = `${seen.width} / ${seen.height}`;
    image.addEventListener("error", () => gone(place, sample));
    place.append(element("div", { class: "photo" }, image, ...seen.samples.map((one) => box(one, seen, one.id === sample))));
  } catch (error) {
    place.replaceChildren(element("p", {}, words(error)));
  }
}

function box(one, seen, own) {
  const [left, top, right, bottom] = one.box;
  const named = one.identity && element("span", {}, one.identity);
  const made = element(one.identity ? "a" : "div", { class: own ? "box own" : "box", href: one.identity && `/galleries/${encodeURIComponent(gallery)}/person?who=${encodeURIComponent(one.identity)}` }, named);
  Object.assign(made.style, {
    left: `${(100 * left) / seen.width}%`, top: `${(100 * top) / seen.height}%`,
    width: `${(100 * (right - left)) / seen.width}%`, height: `${(100 * (bottom - top)) / seen.height}%`,
  });
  return made;
}

async function gone(place, sample) {
  const why = await get(`samples/${sample}/picture?size=${LONGEST_PX}`).then(() => "", words);
  place.replaceChildren(element("p", {}, why), element("img", { alt: "The face as it was kept", src: crop(sample, 240) }));
}
