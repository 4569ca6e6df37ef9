"""Clusters as people read them, as a table, and as the document `identity.cluster/1`."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from identity.cli import render
from identity.documents.text import visible

if TYPE_CHECKING:
    from identity import ClusterQuality, Plan, Run, Sample
    from identity.gallery.samples import Samples

MOST_ROWS = 30  # of clusters and of constraints in the text; --json and --csv have all


def show_difference(plan: Plan, *, to_stderr: bool) -> None:
    """What a run changes, said before it is applied."""
    for line in difference_lines(plan):
        print(visible(line), file=sys.stderr if to_stderr else sys.stdout)


def difference_lines(plan: Plan) -> Iterator[str]:
    """One or two lines: which clusters stay, come and go, how many samples move."""
    run, change = plan.outcome.run, plan.difference
    if plan.state.run is None and not change.kept:
        yield f"first run: {change.fresh} samples, {len(change.added)} clusters"
        return
    if run.mode == "incremental" and not len(plan.changes.samples):
        yield "nothing has changed since the latest run"
        return
    yield (
        f"{run.mode} run: {change.fresh} new samples, {change.moved} known ones move; clusters: "
        f"{len(change.kept)} stay, {_numbers(change.added)} new, {_numbers(change.gone)} gone"
    )


def _numbers(clusters: tuple[int, ...]) -> str:
    few = ", ".join(f"c{number}" for number in clusters[:5])
    return f"{len(clusters)} ({few}{', ...' if len(clusters) > 5 else ''})" if clusters else "0"


@dataclass(frozen=True, slots=True)
class Answer:
    """A plan with the run that recorded it (None: a dry run), and where its samples are looked up."""

    plan: Plan
    run: Run | None
    gallery: str
    samples: Samples

    def text(self, pictures: list[Path]) -> None:
        """Everything a person wants to know at once."""
        run, outcome = self.plan.outcome.run, self.plan.outcome
        noise = f", {run.n_noise} samples are noise" if run.n_noise else ""
        people = f"{self.plan.people} {'person' if self.plan.people == 1 else 'people'}"
        print(f"{people} among {run.n_samples} samples{noise}")
        print(_how(run))
        render.lines(_kept_out(self.plan))
        render.lines(_constraint_lines(self.plan))
        self._table()
        names = {group.id: group.identity for group in self.plan.groups}
        for one in self.plan.suggestions[:MOST_ROWS]:
            print(f"c{one.cluster} is probably {visible(one.name)}, "
                  f"mean distance {one.distance:.3f} <= {one.threshold:.3f}: "
                  f"identity people name c{one.cluster} '{visible(one.name)}' -g {self.gallery}")  # fmt: skip
        for bridge in outcome.bridges:
            those = " ".join(str(names.get(cluster) or f"c{cluster}") for cluster in bridge)
            print(f"new samples connect {those}: 'identity people merge {those}', or 'identity cluster --full'")
        undo = f"undo it with 'identity cluster undo -g {self.gallery}'"
        print("dry run: nothing was changed" if self.run is None else f"run {self.run.id}; {undo}")
        if pictures:
            print(f"pictures: {', '.join(str(path) for path in pictures)}")

    def _table(self) -> None:
        shown = self.plan.groups[:MOST_ROWS]
        rows = [(f"c{g.id}", g.identity or "", len(g.samples), int(g.confirmed.sum())) for g in shown]
        render.table(rows, header=("cluster", "identity", "samples", "confirmed"))
        if len(self.plan.groups) > MOST_ROWS:
            print(f"... and {len(self.plan.groups) - MOST_ROWS} smaller clusters (--json and --csv have all)")

    def document(self) -> None:
        """The document, all samples in it."""
        from identity.documents.clusters import cluster_fields

        render.document("cluster", cluster_fields(self.plan, self.run, self._stored_samples()))

    def write_table(self, path: Path) -> None:
        """One row per sample, noise with cluster -1."""
        from identity.documents.tables import cluster_table

        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(cluster_table(self.plan, self._stored_samples()))

    def _stored_samples(self) -> Mapping[int, Sample]:
        return self.samples.get(self.plan.state.ids.tolist())


def _how(run: Run) -> str:
    if run.algo == "hdbscan":
        return f"hdbscan, min_cluster_size {run.min_cluster_size}, min_samples {run.min_samples}"
    if run.eps is None:
        return f"{run.algo}, min_samples {run.min_samples}, eps {run.eps_reason}"
    return f"{run.algo}, min_samples {run.min_samples}, eps {run.eps:.3f}: {run.eps_reason}"


def _kept_out(plan: Plan) -> Iterator[str]:
    """How many faces found no cluster for their quality, and why."""
    if found := plan.kept_out:
        why = ", ".join(f"{count} {flaw}" for flaw, count in found.items())
        poor = f"{sum(found.values())} of {plan.outcome.run.n_samples} samples are too poor to found a cluster"
        yield f"{poor}: {why} (--min-quality {plan.outcome.run.min_quality:g}; 0 lets all)"


def _constraint_lines(plan: Plan) -> Iterator[str]:
    for what, pairs in (("joined", plan.outcome.joined), ("kept apart", plan.outcome.parted)):
        if pairs:
            some = ", ".join(f"{a} and {b}" for a, b in plan.samples(pairs)[:3])
            more = f" and {len(pairs) - 3} pairs more" if len(pairs) > 3 else ""
            yield f"{what}, as people or photographs say: samples {some}{more}"
    if overruled := len(plan.outcome.constraints.overruled):
        yield f"{overruled} pairs stay one person, as somebody said, despite a rejection or a shared photograph"


def history_row(run: Run) -> tuple[object, ...]:
    """A run in a line of `cluster history`."""
    eps = "" if run.eps is None else f"{run.eps:.3f}{' auto' if run.eps_auto else ''}"
    state = "undone" if run.undone_at else run.note
    if run.algo == "people":
        return (run.id, run.created_at, "people", run.note, "", "", "", "", "", "undone" if run.undone_at else "")
    counts = (run.n_samples, run.n_clusters, run.n_noise)
    return (run.id, run.created_at, run.algo, run.mode, eps, run.min_samples, *counts, state)


def quality_lines(judged: ClusterQuality) -> Iterator[str]:
    """The same for people."""
    quality = judged.quality
    yield f"{judged.n_judged} of {judged.n_samples} samples have a known truth; {_how(judged.run)}"
    largest = f"the largest holds {judged.largest:.1%} of all samples"
    yield f"{quality.n_clusters} clusters for {quality.n_identities} people; {largest}"
    for name, a in (("B-cubed", quality.bcubed), ("pairwise", quality.pairwise)):
        yield f"{name} precision {a.precision:.4f}, recall {a.recall:.4f}, F {a.f1:.4f}"
    yield f"adjusted Rand index {quality.adjusted_rand:.4f}, V-measure {quality.v_measure:.4f}"
    yield "each noise sample counts as a cluster of its own"
