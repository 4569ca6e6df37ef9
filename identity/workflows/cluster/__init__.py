"""From a request to the clusters in force: plan, run, apply, edit, undo, judge."""
