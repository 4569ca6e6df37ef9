// Every job: how far it is, told by the server while it goes on, and what became of its photographs.
import { get, send, words } from "./api.js";
import { complain, confirmed, content, find } from "./dom.js";
import { jobCard } from "./job_card.js";

const LOOK_MS = 4000;
const AT_ONCE = 3; // of the oldest, which come first: a browser keeps few connections to one server
const UNDER = ["waiting", "running"];
const watched = new Map();
const drawn = new Map(); // what each card shows, so that one without news keeps focus and place

async function refresh() {
  try {
    show((await get("/api/v1/jobs")).jobs);
  } catch (error) {
    complain(words(error));
  }
}

function show(jobs) {
  const list = find("#jobs");
  find("#empty").hidden = jobs.length > 0;
  const gone = [...list.children].filter((one) => !jobs.some((job) => `job-${job.id}` === one.id));
  gone.forEach((one) => one.remove());
  jobs.forEach((job, at) => {
    put(job);
    const card = document.getElementById(`job-${job.id}`);
    if (list.children[at] !== card) list.insertBefore(card, list.children[at] ?? null);
  });
  jobs.filter((job) => UNDER.includes(job.state)).slice(-AT_ONCE).forEach(watch);
}

function put(job) {
  const text = JSON.stringify(job);
  if (drawn.get(job.id) === text) return;
  drawn.set(job.id, text);
  const before = document.getElementById(`job-${job.id}`);
  const focused = before?.contains(document.activeElement) ? document.activeElement.dataset.act : null;
  const card = jobCard(job, act);
  if (before) before.replaceWith(card);
  else find("#jobs").prepend(card);
  if (focused) (find(`[data-act=${focused}]`, card) ?? card).focus();
}

function watch(job) {
  if (watched.has(job.id)) return;
  const events = new EventSource(`/api/v1/jobs/${job.id}/events`);
  watched.set(job.id, events);
  events.addEventListener("progress", (event) => put(JSON.parse(event.data)));
  events.addEventListener("end", (event) => {
    const over = JSON.parse(event.data);
    put(over);
    find("#told").textContent = `The job of gallery ${over.gallery} is ${over.state}.`;
    unwatch(job.id);
  });
  events.addEventListener("error", () => unwatch(job.id));
}

function unwatch(id) {
  watched.get(id)?.close();
  watched.delete(id);
}

async function act(verb, job) {
  content();
  try {
    if (verb === "forget") {
      if (!(await confirmed("Forget this job and its report? What it has written into the gallery stays.", "Forget the job"))) return;
      await send(`/api/v1/jobs/${job.id}`, undefined, { method: "DELETE" });
    } else {
      await send(`/api/v1/jobs/${job.id}/${verb}`, undefined);
    }
  } catch (error) {
    complain(words(error));
  }
  await refresh();
}

await refresh();
if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
setInterval(refresh, LOOK_MS);
addEventListener("pagehide", () => [...watched.keys()].forEach(unwatch));
