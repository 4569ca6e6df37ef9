// Asks the REST addresses: documents in, problems with cause and cure out, decisions with the version they are about.

export const gallery = document.body.dataset.gallery ?? "";
export const base = `/api/v1/galleries/${encodeURIComponent(gallery)}`;

export class Problem extends Error {
  constructor(fields) {
    super(fields.detail);
    this.fields = fields;
  }
}

// What starts with "/" is an address of the server, everything else one of the gallery; "" is the gallery itself.
const at = (address) => address.startsWith("/") ? address : `${base}${address && "/"}${address}`;

// The version of the gallery that this page shows: decisions are about it.
let version = "*";

export async function get(address) {
  const answer = await fetch(at(address), { headers: { accept: "application/json" } });
  return read(answer);
}

// As `get`, and from now on decisions are about what it shows.
export async function look(address) {
  const answer = await fetch(at(address), { headers: { accept: "application/json" } });
  const fields = await read(answer);
  version = answer.headers.get("etag") ?? version;
  return fields;
}

export async function send(address, body, { method = "POST", headers = {} } = {}) {
  const form = body instanceof FormData;
  const answer = await fetch(at(address), {
    method,
    headers: form || body === undefined ? headers : { "content-type": "application/json", ...headers },
    body: body === undefined ? undefined : form ? body : JSON.stringify(body),
  });
  return { fields: await read(answer), etag: answer.headers.get("etag") };
}

let before = Promise.resolve();

// A decision about what this page shows. One after another: each is about the version that the one before it made.
export function decide(verb, body = {}) {
  const made = before.then(() => decideNow(verb, body));
  before = made.catch(() => undefined);
  return made;
}

// `crypto.randomUUID` is only there on this machine or behind TLS; this is there on every page.
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Made once, also where the first answer gets lost on its way.
async function decideNow(verb, body) {
  const headers = { "if-match": version, "idempotency-key": newKey() };
  const brief = verb.startsWith("people/") && verb !== "people/forget" ? "?brief=true" : "";
  const attempt = () => send(`${verb}${brief}`, body, { headers });
  const answer = await attempt().catch((error) => {
    if (error instanceof Problem) throw error;
    return attempt();
  });
  version = answer.etag ?? version;
  return answer.fields;
}

export async function read(answer) {
  const text = await answer.text();
  let fields;
  try {
    fields = JSON.parse(text);
  } catch {
    fields = { detail: `the server answered with status ${answer.status}`, cure: "look at its terminal" };
  }
  if (!answer.ok) throw new Problem({ status: answer.status, ...fields });
  return fields;
}

// What went wrong, in a line: cause, what others did, cure.
export function words(error) {
  if (!(error instanceof Problem)) return "the server does not answer: look whether `identity serve` still runs";
  const { detail, cure, changed } = error.fields;
  return [detail, changed?.length ? `(${changed.slice(0, 3).join("; ")})` : "", cure ? `: ${cure}` : ""].join(" ").replace(" :", ":");
}
