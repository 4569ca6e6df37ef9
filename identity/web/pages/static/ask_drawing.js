// Paper and a thick pen: what is drawn looks like ink on paper, as the network knows it.
import { find } from "./dom.js";

const PAPER = "#ffffff";
const INK = "#10162a";
const WIDTH = 0.09; // of the paper's side

export function startDrawing(take) {
  const canvas = find("#paper");
  const ink = canvas.getContext("2d");
  const buttons = [find("#drawing button[type=submit]"), find("#clear")];
  let last = null;
  let count = 0;

  const clear = () => {
    ink.fillStyle = PAPER;
    ink.fillRect(0, 0, canvas.width, canvas.height);
    buttons.forEach((one) => { one.disabled = true; });
  };
  const place = (event) => {
    const seen = canvas.getBoundingClientRect();
    return [(event.clientX - seen.left) * canvas.width / seen.width, (event.clientY - seen.top) * canvas.height / seen.height];
  };
  const line = (from, to) => {
    Object.assign(ink, { strokeStyle: INK, lineWidth: canvas.width * WIDTH, lineCap: "round", lineJoin: "round" });
    ink.beginPath();
    ink.moveTo(...from);
    ink.lineTo(...to);
    ink.stroke();
  };

  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    line(last, last);
    buttons.forEach((one) => { one.disabled = false; });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last === null) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      const now = place(each);
      line(last, now);
      last = now;
    }
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { last = null; });
  find("#clear").addEventListener("click", clear);
  find("#drawing").addEventListener("submit", (event) => {
    event.preventDefault();
    count += 1;
    canvas.toBlob((blob) => take(new File([blob], `drawing ${count}.png`, { type: "image/png" })), "image/png");
  });
  clear();
}
