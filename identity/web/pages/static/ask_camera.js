// One photograph from the camera. Browsers give it only to pages of this machine or over https.
import { complain, content, find } from "./dom.js";

const REFUSED = {
  NotAllowedError: "the browser was not allowed to use the camera: allow it beside the address, or choose a picture",
  NotFoundError: "there is no camera: choose a picture",
  NotReadableError: "another program uses the camera: close it, or choose a picture",
};

export async function openCamera(take) {
  content();
  if (!navigator.mediaDevices) {
    const here = `http://127.0.0.1:${location.port}`;
    complain(`a browser gives the camera only to pages of its own machine: open ${here} where the server runs, or choose a picture`);
    return;
  }
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } });
    await watch(stream, take);
  } catch (error) {
    complain(REFUSED[error.name] ?? `the camera does not work (${error.message}): choose a picture`);
  }
}

async function watch(stream, take) {
  const dialog = find("#camera-dialog");
  const video = find("#video");
  const closing = new AbortController();
  const { signal } = closing;
  video.srcObject = stream;
  dialog.addEventListener("close", () => {
    closing.abort();
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }, { signal });
  find("#camera-close").addEventListener("click", () => dialog.close(), { signal });
  find("#shoot").addEventListener("click", async () => {
    const file = await frame(video);
    dialog.close();
    take(file);
  }, { signal });
  dialog.showModal();
  find("#shoot").focus();
  await video.play();
}

async function frame(video) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
  return new File([blob], "camera.jpg", { type: "image/jpeg" });
}
