// Every face of somebody: name them, take out who does not belong, look at the photographs.
import { decide, gallery, look, words } from "./api.js";
import { complain, confirmed, content, find, plural, say, seen, typing } from "./dom.js";
import { Grid } from "./grid.js";
import { offerNames } from "./names.js";
import { openPhotograph } from "./photograph.js";
import { undo } from "./undo.js";

const PART = 10000;
const heading = find("#who");
let who = heading.dataset.who;
let somebody = null;

const grid = new Grid(find("#faces"), { caption, changed, opened: (face) => openPhotograph(face.id) });

async function load() {
  try {
    const faces = [];
    for (let first = 0, size = 1; first < size; first += PART) {
      somebody = await look(`faces?who=${encodeURIComponent(who)}&first=${first}&limit=${PART}`);
      faces.push(...somebody.faces);
      size = somebody.size;
    }
    heading.textContent = somebody.identity ?? who;
    document.title = `${heading.textContent} · identity`;
    find("#name").value = "";
    find("#name").placeholder = somebody.identity === null ? "Who is this?" : "Another name";
    find("#count").textContent = [plural(somebody.size, seen), somebody.identity !== null && `${somebody.n_confirmed.toLocaleString("en")} confirmed`, somebody.n_aside > 0 && `${somebody.n_aside.toLocaleString("en")} set aside`].filter(Boolean).join(" · ");
    find("#everything").disabled = somebody.identity === null || somebody.n_confirmed === somebody.size;
    find("#forget").textContent = somebody.identity === null ? "Delete these faces" : "Forget this person";
    find("#unpictured").hidden = grid.pictured = somebody.pictures;
    grid.show(faces);
  } catch (error) {
    somebody = null;
    grid.show([]);
    find("#count").textContent = "";
    complain(words(error));
  }
}

function caption(face, index) {
  const far = face.distance.toFixed(2);
  return { far, told: face.confirmed, aside: face.aside, called: `Face ${index + 1} of ${grid.faces.length}, distance ${far}${face.confirmed ? ", confirmed" : ""}${face.aside ? ", set aside" : ""}` };
}

function changed() {
  const count = grid.chosen.size;
  const some = count > 0 && count < grid.faces.length;
  find("#chosen").textContent = count ? `${count.toLocaleString("en")} chosen` : "None chosen";
  find("#confirm").disabled = !count || somebody?.identity === null;
  find("#split").disabled = find("#reject").disabled = !some;
  find("#remove").disabled = !count;
  find("#confirm").hidden = somebody?.identity === null; // a cluster without a name has nothing to confirm
  find("#aside").hidden = somebody?.identity !== null;
  find("#aside").disabled = !grid.faces.length || somebody?.identity !== null;
  find("#aside").textContent = grid.faces.length && areAside() ? "Bring back" : "Not interesting";
  find("#open").disabled = !grid.faces.length;
}

// Makes a decision, says it, and shows what there is now. `then` is who is shown afterwards.
async function act(verb, body, said, then = who) {
  try {
    content();
    await decide(verb, body);
    who = then;
    history.replaceState(null, "", `?who=${encodeURIComponent(who)}`);
    say(said, { label: "Undo (u)", run: takeBack });
    grid.choose([]);
    await load();
    return true;
  } catch (error) {
    complain(words(error));
    return false;
  }
}

const chosen = () => [...grid.chosen];
const chosenOrAll = () => (grid.chosen.size ? grid.faces.filter((face) => grid.chosen.has(face.id)) : grid.faces);
const areAside = () => chosenOrAll().every((face) => face.aside);

// Sets the faces that are chosen aside, or all; or brings them back where all of them are aside.
function setAside() {
  const back = areAside();
  const said = `${plural(chosenOrAll().length, seen)} ${back ? "brought back" : "set aside"}`;
  return act(back ? "people/bring-back" : "people/set-aside", { who, samples: grid.chosen.size ? chosen() : null }, said);
}

async function takeBack() {
  if (!(await undo())) return;
  who = heading.dataset.who;
  history.replaceState(null, "", `?who=${encodeURIComponent(who)}`);
  await load();
}

async function name(event) {
  event.preventDefault();
  const given = find("#name").value.trim();
  if (!given) return find("#name").focus();
  if (await act("people/name", { who, name: given }, `${who} is ${given}`, given)) {
    await offerNames([given]);
    find("#faces").focus();
  }
}

async function remove(samples, question) {
  if (!(await confirmed(question, "Delete"))) return;
  try {
    content();
    await decide("samples/remove", { samples });
    say(`${plural(samples.length, seen)} deleted`);
    if (samples.length === grid.faces.length) location.assign(`/galleries/${encodeURIComponent(gallery)}/people`);
    else await load();
  } catch (error) {
    complain(words(error));
  }
}

async function forget() {
  if (somebody.identity === null) return remove(grid.faces.map((one) => one.id), `Delete all ${grid.faces.length} faces of ${who} from the gallery? This cannot be taken back. Your photographs stay as they are.`);
  if (!(await confirmed(`Forget ${somebody.identity}? All samples that bear the name are deleted from the gallery: vectors, crops and names. This cannot be taken back. Your photographs stay as they are.`, "Forget"))) return;
  try {
    content();
    await decide("people/forget", { identity: somebody.identity });
    location.assign(`/galleries/${encodeURIComponent(gallery)}/people`);
  } catch (error) {
    complain(words(error));
  }
}

const ACTS = {
  confirm: () => act("people/confirm", { who, samples: chosen() }, `${plural(grid.chosen.size, seen)} confirmed`),
  split: () => act("people/split", { who, samples: chosen() }, `${plural(grid.chosen.size, seen)} split off`),
  reject: () => act("people/reject", { who, samples: chosen() }, `${plural(grid.chosen.size, seen)} taken out`),
  aside: setAside,
  open: () => openPhotograph(chosen()[0] ?? grid.current.id),
  remove: () => remove(chosen(), `Delete ${plural(grid.chosen.size, seen)} from the gallery? This cannot be taken back. Your photographs stay as they are.`),
  everything: () => act("people/confirm", { who }, "All confirmed"),
  forget,
};

function pressed(event) {
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
  const button = find(`[data-key="${CSS.escape(event.key)}"]`);
  if (event.key === "u") takeBack();
  else if (event.key === "n") find("#name").focus();
  else if (button && !button.disabled) button.click();
  else return;
  event.preventDefault();
}

for (const [id, run] of Object.entries(ACTS)) find(`#${id}`).addEventListener("click", run);
find("#naming").addEventListener("submit", name);
find("#name").addEventListener("keydown", (event) => event.key === "Escape" && find("#faces").focus());
find("#close").addEventListener("click", () => find("#photograph").close());
find("#size").addEventListener("input", (event) => grid.size(Number(event.target.value)));
document.addEventListener("keydown", pressed);
await load();
find("#faces").focus({ preventScroll: true });
offerNames();
