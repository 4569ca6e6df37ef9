"""What a run gives: labels bound to what people decided, counted, and what had to be enforced for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from identity.clustering.constraints import Constrained, constrain
from identity.clustering.dbscan.density import DensityClusters
from identity.core.clusters import NOISE, ClusterState, Mask, Run
from identity.core.types import NO_ID, Ids
from identity.workflows.cluster.constraints import Constraints, Rows

Pairs = tuple[tuple[int, int], ...]
Bridges = tuple[tuple[int, ...], ...]  # clusters that one new core reaches


@dataclass(frozen=True, slots=True)
class Outcome:
    """Labels (n,) and cores (n,) as they would be, the run that gives them, and what had to be enforced (rows)."""

    run: Run
    labels: Ids
    core: Mask
    constraints: Constraints
    joined: Pairs = ()
    parted: Pairs = ()
    bridges: Bridges = ()


def bind(
    state: ClusterState, held: Constraints, run: Run, labels: Ids, core: Mask, rows: Rows | None = None
) -> Constrained:
    """Labels of these rows (None: of all, whose vectors are not copied), bound to what people decided about them."""
    held = held if rows is None else held.of(rows)
    bound = constrain(
        state.vectors if rows is None else state.vectors[rows],
        DensityClusters(labels, core),
        eps=run.eps,
        must_link=held.must[held.names[held.must[:, 0]] == NO_ID],  # names join their samples by themselves
        cannot_link=held.cannot,
        confirmed=held.names,
    )
    return bound if run.min_samples == 1 else replace(bound, labels=without_lone_samples(bound.labels))


def outcome_of(
    state: ClusterState, held: Constraints, run: Run, bound: Constrained, core: Mask, bridges: Bridges = ()
) -> Outcome:
    """The outcome of labels that are bound, counted."""
    labels = bound.labels
    counted = replace(
        run,
        n_samples=state.n,
        n_clusters=len(np.unique(labels[labels != NOISE])),
        n_noise=int((labels == NOISE).sum()),
        next_cluster=max(state.next_cluster, int(labels.max(initial=NOISE)) + 1),
    )
    return Outcome(counted, labels, core, held, bound.joined, bound.parted, _open_bridges(bridges, labels, held))


def without_lone_samples(labels: Ids) -> Ids:
    """A sample that a decision parted from all others is alone, though its place is a dense one."""
    sizes = np.bincount(labels[labels != NOISE], minlength=1)
    alone = (labels != NOISE) & (sizes[np.maximum(labels, 0)] == 1)
    return np.where(alone, NOISE, labels)


def _open_bridges(bridges: Bridges, labels: Ids, held: Constraints) -> Bridges:
    """Bridges that a person could still close: not those between clusters that are people of different names."""
    named = {int(c): int(i) for c, i in zip(labels, held.names, strict=True) if c != NOISE and i >= 0}
    there = set(labels.tolist())
    left = [tuple(cluster for cluster in bridge if cluster in there) for bridge in bridges]
    return tuple(
        bridge for bridge in left
        if len(bridge) > 1 and len({named.get(cluster, -cluster) for cluster in bridge}) > 1
        and not all(cluster in named for cluster in bridge)
    )  # fmt: skip
