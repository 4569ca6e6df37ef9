// Where somebody's page is.
import { gallery } from "./api.js";

export function personAddress(who) {
  return `/galleries/${encodeURIComponent(gallery)}/person?who=${encodeURIComponent(who)}`;
}
