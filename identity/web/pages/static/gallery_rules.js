// Setting the thresholds: a rule, what it promises, and its options.
import { decide, get, words } from "./api.js";
import { complain, content, element, find, say } from "./dom.js";

// What an option is, and what is meant where nothing is said.
const OPTIONS = {
  alpha: ["alpha: share of its own images that an identity may refuse", "0.01", { max: 0.99 }],
  k: ["k: which of an identity's nearest samples decides", "usual", { step: 1, min: 1 }],
  target_fmr: ["FMR: share of pairs of different people that may match", "0.001", { max: 0.99 }],
  target_fpir: ["FPIR: share of strangers that may be taken for somebody", "0.01", { max: 0.99 }],
  threshold: ["Cosine distance, 0 to 2", "", { max: 2, required: true }],
};

export async function showRules(refresh) {
  const { rules } = await get("rules");
  const form = find("#rules");
  const usual = rules.find((one) => one.usual) ?? rules[0];
  const choice = element("select", { name: "rule" }, ...rules.map((one) => element("option", { selected: one === usual }, one.rule)));
  const about = element("p", { id: "about-rule", class: "faint", "aria-live": "polite" });
  const fields = element("div", { class: "fields" });
  const button = element("button", { type: "submit", class: "main" }, "Set the thresholds");
  const pick = () => {
    const rule = rules.find((one) => one.rule === choice.value);
    about.textContent = rule.about;
    fields.replaceChildren(...rule.options.map(field));
  };
  choice.setAttribute("aria-describedby", "about-rule");
  form.replaceChildren(element("div", { class: "fields" }, element("label", {}, "Rule", choice)), about, fields, element("div", { class: "bar" }, button));
  choice.addEventListener("change", pick);
  pick();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    set(form, button, refresh);
  });
}

function field(name) {
  const [said, usual, bounds] = OPTIONS[name] ?? [name, "usual", {}];
  return element("label", {}, said, element("input", { name, type: "number", min: 0, step: "any", placeholder: usual, ...bounds }));
}

async function set(form, button, refresh) {
  content();
  button.disabled = true;
  button.textContent = "Setting them…";
  const given = [...new FormData(form)].filter(([, value]) => value !== "");
  const body = Object.fromEntries(given.map(([name, value]) => [name, name === "rule" ? value : Number(value)]));
  try {
    const made = await decide("calibrate", body);
    await refresh();
    say(`The thresholds are set by the rule ${made.rule}.`);
    find("#promise-card").scrollIntoView({ block: "nearest" });
  } catch (error) {
    complain(words(error));
  }
  button.disabled = false;
  button.textContent = "Set the thresholds";
}
