"""What a run would do to a gallery's clusters, computed and not yet applied: a full run, or new samples attached.

A full run clusters everything, binds the result to people's decisions and continues the cluster numbers that overlap.
An incremental run attaches new samples by the core-point rule and touches no cluster that they, or a decision made
since, do not touch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from identity.core.errors import ClusteringError
from identity.core.people import NOISE, Attached, Bound, ClusteringMethods, ClusterState, Mask, Run
from identity.core.types import NO_ID, Ids, Vectors
from identity.workflows.decisions import Constraints, Rows, broken, constraints_of

EVERYBODY = 2.0  # an eps that leaves nobody out: hdbscan has no distance that is too far
Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a person wants to cluster; None is "choose": eps without labels, min_samples by the kind of model."""

    algo: str = "dbscan"
    eps: float | None = None
    min_samples: int | None = None
    min_cluster_size: int = 2
    full: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Labels (n,) and cores (n,) as they would be, the run that gives them, and what had to be enforced (rows)."""

    run: Run
    labels: Ids
    core: Mask
    constraints: Constraints
    joined: Pairs = ()
    parted: Pairs = ()
    bridges: tuple[tuple[int, ...], ...] = ()


def computed(state: ClusterState, asked: Asked, *, default_min_samples: int, methods: ClusteringMethods) -> Outcome:
    """The run that was asked for; incremental wherever the run in force had the same parameters.

    Raises `ClusteringError` for parameters that cannot be meant.
    """
    if not state.n:
        raise ClusteringError("there is nothing to cluster: enroll samples first")
    wanted = _wanted(asked, default_min_samples=default_min_samples)
    work = _Work(state, constraints_of(state), methods)
    if asked.min_samples is None and state.n < wanted.min_samples:
        return work.nobody(wanted)
    if asked.full or not _continues(state, wanted):
        return work.full(wanted)
    assert state.run is not None
    return work.incremental(replace(wanted, mode="incremental", eps=state.run.eps, eps_reason=state.run.eps_reason))


def _wanted(asked: Asked, *, default_min_samples: int) -> Run:
    if asked.algo not in {"dbscan", "hdbscan"}:
        raise ClusteringError(f"there is no algorithm '{asked.algo}': choose dbscan or hdbscan")
    hierarchical = asked.algo == "hdbscan"
    usual = asked.min_cluster_size if hierarchical else default_min_samples
    return Run(
        asked.algo,
        "full",
        eps=None if hierarchical else asked.eps,
        eps_auto=asked.eps is None and not hierarchical,
        eps_reason="hdbscan has none: it cuts its own tree" if hierarchical else "as given",
        min_samples=usual if asked.min_samples is None else asked.min_samples,
        min_cluster_size=asked.min_cluster_size if hierarchical else 0,
    )


def _continues(state: ClusterState, wanted: Run) -> bool:
    before = state.run
    if before is None or wanted.algo != "dbscan" or not state.core.any():
        return False
    same = (before.algo, before.eps_auto, before.min_samples) == ("dbscan", wanted.eps_auto, wanted.min_samples)
    return same and (wanted.eps_auto or before.eps == wanted.eps)


@dataclass(frozen=True, slots=True)
class _Work:
    """One computation: what it starts from, what binds it, and the methods it has."""

    state: ClusterState
    held: Constraints
    methods: ClusteringMethods

    def nobody(self, wanted: Run) -> Outcome:
        """Fewer samples than make a neighbourhood: nobody belongs together but who people said does."""
        n = self.state.n
        few = replace(wanted, eps_reason=f"not needed: {n} samples are fewer than the {wanted.min_samples} it takes")
        return self._bound(few, np.full(n, NOISE, np.int64), np.zeros(n, bool))

    def full(self, wanted: Run) -> Outcome:
        """Cluster everything."""
        return self._bound(*_clustered(self.state.labelled.vectors, wanted, self.methods))

    def _bound(self, run: Run, labels: Ids, core: Mask) -> Outcome:
        bound = self._bind(run, labels, core, np.arange(self.state.n))
        matched = self.methods.matched(bound.labels, self.state.labels, next_id=self.state.next_cluster)
        return self._outcome(run, replace(bound, labels=matched), core)

    def incremental(self, run: Run) -> Outcome:
        """Attach what is new, and keep the decisions made since."""
        attached = self._attached(run)
        labels, core = attached.labels.copy(), attached.core
        rows = _touched(labels, self.held)
        if not len(rows):
            return self._outcome(run, Bound(labels, (), ()), core, attached.bridges)
        part = self._bind(run, labels[rows], core[rows], rows)
        next_id = max(self.state.next_cluster, int(labels.max(initial=NOISE)) + 1)
        labels[rows] = self.methods.matched(part.labels, self.state.labels[rows], next_id=next_id)
        joined, parted = (_of_rows(pairs, rows) for pairs in (part.joined, part.parted))
        return self._outcome(run, Bound(labels, joined, parted), core, attached.bridges)

    def _bind(self, run: Run, labels: Ids, core: Mask, rows: Rows) -> Bound:
        held = self.held.of(rows)
        eps = EVERYBODY if run.eps is None else run.eps
        vectors = self.state.labelled.vectors[rows]
        must = held.must[held.names[held.must[:, 0]] == NO_ID]  # names join their samples by themselves
        bound = self.methods.bind(vectors, labels, core, eps=eps, must=must, cannot=held.cannot, names=held.names)
        return bound if run.min_samples == 1 else replace(bound, labels=_without_lone_samples(bound.labels))

    def _attached(self, run: Run) -> Attached:
        """Labels and cores of all samples (n,) after the core-point rule."""
        state, labels, core = self.state, self.state.labels.copy(), self.state.core.copy()
        new, vectors = np.flatnonzero(~state.seen), state.labelled.vectors
        if not len(new):
            return Attached(labels, core, labels[:0], core[:0], ())
        assert run.eps is not None
        firm = core & (labels != NOISE)
        cores, loose = np.flatnonzero(state.seen & firm), np.flatnonzero(state.seen & ~firm)
        found = self.methods.attach(
            vectors[cores], labels[cores], vectors[loose], vectors[new], eps=run.eps, min_samples=run.min_samples
        )
        top = int(labels[cores].max(initial=NOISE))
        labels[new], core[new] = _fresh(found.labels, top, state.next_cluster), found.core
        drawn_in = (labels[loose] == NOISE) & (found.loose_labels != NOISE)
        labels[loose[drawn_in]] = _fresh(found.loose_labels[drawn_in], top, state.next_cluster)
        core[loose] |= found.loose_core
        return Attached(labels, core, labels[:0], core[:0], found.bridges)

    def _outcome(
        self, run: Run, bound: Bound, core: Mask, bridges: tuple[tuple[int, ...], ...] = ()
    ) -> Outcome:
        labels = bound.labels
        counted = replace(
            run,
            n_samples=self.state.n,
            n_clusters=len(np.unique(labels[labels != NOISE])),
            n_noise=int((labels == NOISE).sum()),
            next_cluster=max(self.state.next_cluster, int(labels.max(initial=NOISE)) + 1),
        )
        still_open = _open_bridges(bridges, labels, self.held)
        return Outcome(counted, labels, core, self.held, bound.joined, bound.parted, still_open)


def _without_lone_samples(labels: Ids) -> Ids:
    """A sample that a decision parted from all others is alone, though its place is a dense one."""
    sizes = np.bincount(labels[labels != NOISE], minlength=1)
    alone = (labels != NOISE) & (sizes[np.maximum(labels, 0)] == 1)
    return np.where(alone, NOISE, labels)


def _clustered(vectors: Vectors, wanted: Run, methods: ClusteringMethods) -> tuple[Run, Ids, Mask]:
    if wanted.algo == "hdbscan":
        labels = methods.hdbscan(
            vectors, min_cluster_size=wanted.min_cluster_size, min_samples=wanted.min_samples
        )
        return wanted, labels, labels != NOISE
    run = wanted
    if wanted.eps_auto:
        eps, reason = methods.choose_eps(vectors, min_samples=wanted.min_samples)
        run = replace(wanted, eps=eps, eps_reason=reason)
    assert run.eps is not None
    labels, core = methods.dbscan(vectors, eps=run.eps, min_samples=wanted.min_samples)
    return run, labels, core


def _fresh(labels: Ids, top: int, next_cluster: int) -> Ids:
    """New clusters, which attaching numbers above the largest core's, in numbers that were never used."""
    return np.where(labels > top, labels - top - 1 + next_cluster, labels)


def _touched(labels: Ids, held: Constraints) -> Rows:
    """All rows of the clusters and units that break a constraint, and of those they reach."""
    inside = np.zeros(len(labels), bool)
    inside[broken(labels, held)] = True
    reached = -1
    while reached != inside.sum():
        reached = inside.sum()
        inside |= np.isin(labels, labels[inside & (labels != NOISE)]) | np.isin(held.units, held.units[inside])
    return np.flatnonzero(inside)


def _of_rows(pairs: Pairs, rows: Rows) -> Pairs:
    return tuple((int(rows[a]), int(rows[b])) for a, b in pairs)


def _open_bridges(
    bridges: tuple[tuple[int, ...], ...], labels: Ids, held: Constraints
) -> tuple[tuple[int, ...], ...]:
    """Bridges that a person could still close: not those between clusters that are people of different names."""
    named = {int(c): int(i) for c, i in zip(labels, held.names, strict=True) if c != NOISE and i >= 0}
    there = set(labels.tolist())
    left = [tuple(cluster for cluster in bridge if cluster in there) for bridge in bridges]
    return tuple(
        bridge for bridge in left
        if len(bridge) > 1 and len({named.get(cluster, -cluster) for cluster in bridge}) > 1
        and not all(cluster in named for cluster in bridge)
    )  # fmt: skip
