// What stands around every page of a gallery: the choice of another one.
import { find } from "./dom.js";

find("#gallery").addEventListener("change", (event) => {
  const { value, dataset } = event.target;
  const part = dataset.part ? `/${dataset.part}` : "";
  location.assign(`/galleries/${encodeURIComponent(value)}${part}`);
});
