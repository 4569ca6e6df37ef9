// Forgetting somebody for good: the one thing that no history takes back.
import { decide, get, words } from "./api.js";
import { complain, confirmed, content, find, plural, say } from "./dom.js";

export function startForgetting(refresh) {
  const form = find("#forgetting");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    content();
    const identity = form.elements.identity.value.trim();
    try {
      const held = await get(`people/${encodeURIComponent(identity)}`);
      const question = `Forget ${held.identity ?? identity} with ${plural(held.samples.length, "sample")}? Vectors and crops are erased: this cannot be taken back.`;
      if (!(await confirmed(question, "Forget for good"))) return;
      const { changed } = await decide("people/forget", { identity: held.identity ?? identity });
      form.reset();
      await refresh();
      say(`${held.identity ?? identity} is forgotten: ${plural(changed, "sample")} erased.`);
    } catch (error) {
      complain(words(error));
    }
  });
}
