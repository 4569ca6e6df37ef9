// Clustering: what a run would change is shown before it is applied.
import { decide, send, words } from "./api.js";
import { complain, content, element, find, plural, say } from "./dom.js";

const FEW = 8;

export function startRuns(refresh) {
  const form = find("#clustering");
  const apply = find("#apply");
  let planned = null;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    planned = wanted(form);
    const made = await under(form, "Looking at every sample…", () => send("clusters/plan?brief=true", planned));
    if (made) find("#plan").replaceChildren(...changes(made.fields));
    apply.disabled = !made;
  });
  form.addEventListener("input", () => { apply.disabled = true; });
  apply.addEventListener("click", async () => {
    const made = await under(form, "Clustering…", () => decide("clusters/run?brief=true", planned));
    if (!made) return;
    find("#plan").replaceChildren(element("p", {}, `Run ${made.run} is in force: ${plural(made.n_clusters, "cluster")}.`));
    await refresh();
    say(`Run ${made.run} is in force. It can be undone in the history.`);
  });
}

async function under(form, said, work) {
  content();
  const buttons = [...form.querySelectorAll(".bar button")];
  find("#plan").replaceChildren(element("p", { class: "faint" }, said));
  buttons.forEach((one) => { one.disabled = true; });
  try {
    return await work();
  } catch (error) {
    find("#plan").replaceChildren();
    complain(words(error));
    return null;
  } finally {
    buttons[0].disabled = false;
  }
}

function wanted(form) {
  const given = [...new FormData(form)].filter(([name, value]) => value !== "" && name !== "full");
  const numbers = given.map(([name, value]) => [name, name === "algo" ? value : Number(value)]);
  return { ...Object.fromEntries(numbers), full: form.elements.full.checked };
}

function changes(made) {
  const { kept, added, gone, moved, fresh } = made.difference;
  const lines = [
    `${plural(made.n_clusters, "cluster")} of ${plural(made.n_samples, "sample")}; ${plural(made.n_noise, "sample")} in none`,
    `clusters: ${count(kept)} stay, ${listed(added)} new, ${listed(gone)} gone`,
    `${plural(moved, "known sample moves", "known samples move")}, ${plural(fresh, "sample is", "samples are")} looked at for the first time`,
  ];
  if (made.eps !== null) lines.push(`eps ${made.eps.toFixed(3)}${made.eps_reason ? `: ${made.eps_reason}` : ""}`);
  const out = Object.entries(made.kept_out).map(([reason, many]) => `${count(many)} ${reason}`);
  if (out.length) lines.push(`left out for their quality: ${out.join(", ")}`);
  const nothing = !added.length && !gone.length && !moved && !fresh;
  return [
    element("p", {}, element("strong", {}, nothing ? "Nothing would change." : "This would change:")),
    element("ul", {}, ...lines.map((line) => element("li", {}, line))),
  ];
}

const count = (number) => number.toLocaleString("en");

function listed(clusters) {
  if (!clusters.length) return "none";
  const few = clusters.slice(0, FEW).map((one) => `c${one}`).join(", ");
  return `${count(clusters.length)} (${few}${clusters.length > FEW ? ", …" : ""})`;
}
