// Faces come as pictures of a hundred, ten in a row: one request for many, where each by itself would be many requests.
import { base } from "./api.js";

export const COLUMNS = 10;
export const OF_A_SHEET = 100;
const WAIT_MS = 70; // a row that is gone by then was only scrolled past

const sharp = (px) => Math.min(512, Math.round(px * Math.min(devicePixelRatio || 1, 2)));

export const sheet = (ids, px) => `${base}/sheet?ids=${ids.join(",")}&size=${sharp(px)}`;
export const crop = (id, px) => `${base}/samples/${id}/crop?size=${sharp(px)}`;

let moved = 0;
addEventListener("scroll", () => (moved = performance.now()), { passive: true });

// Lets an element have its picture, at once, or while somebody scrolls when it is still there a moment later.
export function unhurried(element, act) {
  if (performance.now() - moved > WAIT_MS) act();
  else setTimeout(() => (element.isConnected ? unhurried(element, act) : null), WAIT_MS);
}
