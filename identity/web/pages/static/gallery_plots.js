// Plots, drawn when somebody asks: that takes the server some seconds.
import { base, read, words } from "./api.js";
import { complain, content, element, find } from "./dom.js";

const SAID = { thresholds: "The thresholds among distances", embedding: "A map of the samples" };

export function startPlots() {
  const plots = [...document.querySelectorAll(".plot")];
  const buttons = plots.map((one) => find("button", one));
  plots.forEach((plot, at) => buttons[at].addEventListener("click", async () => {
    content();
    buttons.forEach((one) => { one.disabled = true; });
    await draw(plot.dataset.plot, find(".drawn", plot));
    buttons.forEach((one) => { one.disabled = false; });
    buttons[at].focus();
  }));
}

async function draw(name, place) {
  place.replaceChildren(element("p", { class: "faint", role: "status" }, "Drawing. A map of many samples takes up to half a minute…"));
  try {
    const answer = await fetch(`${base}/plots/${name}.png`);
    if (!answer.ok) await read(answer);
    const address = URL.createObjectURL(await answer.blob());
    const link = element("a", { href: address, download: `${name}.png`, title: "Keep the picture" }, element("img", { src: address, alt: SAID[name] }));
    place.replaceChildren(link);
  } catch (error) {
    place.replaceChildren();
    complain(words(error));
  }
}
