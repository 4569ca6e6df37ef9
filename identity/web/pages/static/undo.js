// Takes the latest decision back.
import { decide, words } from "./api.js";
import { complain, content, say } from "./dom.js";

// Whether there was one that could be taken back.
export async function undo(decision = null) {
  try {
    content();
    await decide("people/undo", { decision });
    say("Taken back");
    return true;
  } catch (error) {
    complain(words(error));
    return false;
  }
}
