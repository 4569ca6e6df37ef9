// What a gallery holds, what its thresholds promise, and everything that was done to it. Each part is a file of its own.
import { complain, find } from "./dom.js";
import { words } from "./api.js";
import { startAdding } from "./gallery_adding.js";
import { showFacts } from "./gallery_facts.js";
import { startForgetting } from "./gallery_forgetting.js";
import { showPast } from "./gallery_past.js";
import { startPlots } from "./gallery_plots.js";
import { showRules } from "./gallery_rules.js";
import { startRuns } from "./gallery_runs.js";
import { showThresholds } from "./gallery_thresholds.js";

// Shows what there is now; said again after everything that changes it.
async function refresh() {
  try {
    await showFacts();
    await Promise.all([showThresholds(), showPast(refresh)]);
  } catch (error) {
    complain(words(error));
  }
}

startPlots();
startRuns(refresh);
startAdding();
startForgetting(refresh);
await refresh();
await showRules(refresh).catch((error) => complain(words(error)));
find("#reading").remove();
find("#parts").hidden = false; // all at once: nothing moves while somebody reads
if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
