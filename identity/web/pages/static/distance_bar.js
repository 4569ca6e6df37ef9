// A distance against one threshold or two, as a small bar with marks.
import { element } from "./dom.js";

// `marks` are thresholds, nearest first: [{ at, said }].
export function bar(distance, marks) {
  const most = 1.18 * Math.max(distance, ...marks.map((one) => one.at), 0.01);
  const share = (value) => `${(100 * value) / most}%`;
  const within = distance <= marks[0].at;
  const between = !within && distance <= marks.at(-1).at;
  const fill = element("span", { class: `fill ${within ? "good" : between ? "warn" : "bad"}` });
  fill.style.width = share(distance);
  const lines = marks.map((one) => {
    const line = element("span", { class: "mark" });
    line.style.left = share(one.at);
    return line;
  });
  const said = [`distance ${distance.toFixed(3)}`, ...marks.map((one) => `${one.said} ${one.at.toFixed(3)}`)];
  return element("div", { class: "distance" },
    element("div", { class: "track", "aria-hidden": "true" }, fill, ...lines),
    element("p", { class: "small" }, said.join(" · ")));
}
