// Where pictures come from: a choice, a drop anywhere on the page, the clipboard.
import { complain, content, typing } from "./dom.js";

export function takePictures(take, { choose, input }) {
  chosen(choose, input, take);
  dropped(take);
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length && !typing(event)) give(files, take);
  });
}

export function chosen(button, input, take) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    give(files, take);
  });
}

function dropped(take) {
  let depth = 0;
  const show = (change) => {
    depth = Math.max(0, change === 0 ? 0 : depth + change);
    document.body.classList.toggle("drops", depth > 0);
  };
  const brings = (event) => [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragenter", (event) => brings(event) && show(1));
  document.addEventListener("dragleave", (event) => brings(event) && show(-1));
  document.addEventListener("dragover", (event) => brings(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    show(0);
    give([...event.dataTransfer.files], take, event.target);
  });
}

function give(files, take, target = null) {
  content();
  if (files.length) take(files, target);
  else complain("that was no file: choose a picture");
}
