// The names that fields offer while somebody types: everybody who has one.
import { get } from "./api.js";
import { element, find } from "./dom.js";

const PART = 1000;

// Offers all names of the gallery, or these new ones besides.
export async function offerNames(more = null) {
  const list = find("#names");
  const names = more ?? (await everybodysName());
  const known = new Set([...list.options].map((one) => one.value));
  list.append(...names.filter((name) => !known.has(name)).map((name) => element("option", { value: name })));
}

async function everybodysName() {
  const found = [];
  for (let first = 0, total = 1; first < total; first += PART) {
    const part = await get(`overview?which=named&samples=0&first=${first}&limit=${PART}`);
    found.push(...part.people.map((one) => one.identity));
    total = part.total;
  }
  return found;
}
