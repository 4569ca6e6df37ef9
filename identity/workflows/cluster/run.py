"""What a run would do to a gallery's clusters, computed and not yet applied: a full run, or new samples attached.

A full run clusters everything, binds the result to people's decisions and continues the cluster numbers that overlap.
An incremental run attaches new samples by the core-point rule and touches no cluster that they, or a decision made
since, do not touch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from identity.clustering.algorithms import ALGORITHMS, NO_RATES, Algorithm, MatchRates, Parameters
from identity.clustering.cluster_ids import match_clusters
from identity.clustering.constraints import Constrained, constrain
from identity.clustering.dbscan.density import DensityClusters
from identity.clustering.incremental import attach
from identity.core.clusters import NOISE, ClusterState, Mask, Run
from identity.core.errors import ClusteringError
from identity.core.types import NO_ID, Ids
from identity.workflows.cluster.constraints import Constraints, Rows, broken_rows, constraints_of
from identity.workflows.cluster.request import ClusterRequest

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a gallery's kind and its error rates say where a request says nothing."""

    min_samples: int
    rates: MatchRates = NO_RATES


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


def compute_run(state: ClusterState, request: ClusterRequest, defaults: Defaults) -> Outcome:
    """The run that was asked for; incremental wherever the run in force had the same parameters.

    Raises `ClusteringError` for parameters that cannot be meant.
    """
    if not state.n:
        raise ClusteringError("there is nothing to cluster: enroll samples first")
    algorithm = _algorithm(request.algo)
    wanted = _wanted(request, algorithm, defaults)
    held = constraints_of(state)
    if request.min_samples is None and state.n < wanted.min_samples:
        return _nobody(state, held, wanted)
    if request.full or not _continues(state, wanted, algorithm):
        return _full(state, held, wanted, algorithm, defaults.rates)
    assert state.run is not None
    run = replace(wanted, mode="incremental", eps=state.run.eps, eps_reason=state.run.eps_reason)
    return _incremental(state, held, run)


def _algorithm(name: str) -> Algorithm:
    if name not in ALGORITHMS:
        raise ClusteringError(f"there is no algorithm '{name}': choose {' or '.join(ALGORITHMS)}")
    return ALGORITHMS[name]


def _wanted(request: ClusterRequest, algorithm: Algorithm, defaults: Defaults) -> Run:
    has_eps = algorithm.has_eps
    usual = defaults.min_samples if has_eps else request.min_cluster_size
    return Run(
        request.algo,
        "full",
        eps=request.eps if has_eps else None,
        eps_auto=has_eps and request.eps is None,
        min_samples=usual if request.min_samples is None else request.min_samples,
        min_cluster_size=0 if has_eps else request.min_cluster_size,
    )


def _continues(state: ClusterState, wanted: Run, algorithm: Algorithm) -> bool:
    before = state.run
    if before is None or not algorithm.has_eps or not state.core.any():
        return False
    parameters = (before.algo, before.eps_auto, before.min_samples)
    same = parameters == (wanted.algo, wanted.eps_auto, wanted.min_samples)
    return same and (wanted.eps_auto or before.eps == wanted.eps)


def _nobody(state: ClusterState, held: Constraints, wanted: Run) -> Outcome:
    """Fewer samples than min_samples: only groups that people joined by hand remain."""
    few = f"not needed: {state.n} samples are fewer than min_samples, {wanted.min_samples}"
    return _bound(state, held, replace(wanted, eps_reason=few), np.full(state.n, NOISE), np.zeros(state.n, bool))


def _full(
    state: ClusterState, held: Constraints, wanted: Run, algorithm: Algorithm, rates: MatchRates
) -> Outcome:
    """Cluster everything."""
    parameters = Parameters(wanted.eps, wanted.min_samples, wanted.min_cluster_size, rates)
    found = algorithm.cluster(state.labelled.vectors, parameters)
    return _bound(state, held, replace(wanted, eps=found.eps, eps_reason=found.reason), found.labels, found.core)


def _bound(state: ClusterState, held: Constraints, run: Run, labels: Ids, core: Mask) -> Outcome:
    """Labels bound to what people decided, in the numbers of the clusters that they continue."""
    bound = _bind(state, held, run, labels, core, np.arange(state.n))
    matched = match_clusters(bound.labels, state.labels, next_id=state.next_cluster)
    return _outcome(state, held, run, replace(bound, labels=matched), core)


def _incremental(state: ClusterState, held: Constraints, run: Run) -> Outcome:
    """Attach what is new, and keep the decisions made since."""
    labels, core, bridges = _attached(state, run)
    rows = _touched(labels, held)
    if not len(rows):
        return _outcome(state, held, run, Constrained(labels, (), ()), core, bridges)
    part = _bind(state, held, run, labels[rows], core[rows], rows)
    next_id = max(state.next_cluster, int(labels.max(initial=NOISE)) + 1)
    labels[rows] = match_clusters(part.labels, state.labels[rows], next_id=next_id)
    joined, parted = (_of_rows(pairs, rows) for pairs in (part.joined, part.parted))
    return _outcome(state, held, run, Constrained(labels, joined, parted), core, bridges)


def _bind(
    state: ClusterState, held: Constraints, run: Run, labels: Ids, core: Mask, rows: Rows
) -> Constrained:
    held = held.of(rows)
    bound = constrain(
        state.labelled.vectors[rows],
        DensityClusters(labels, core),
        eps=run.eps,
        must_link=held.must[held.names[held.must[:, 0]] == NO_ID],  # names join their samples by themselves
        cannot_link=held.cannot,
        confirmed=held.names,
    )
    return bound if run.min_samples == 1 else replace(bound, labels=_without_lone_samples(bound.labels))


def _attached(state: ClusterState, run: Run) -> tuple[Ids, Mask, tuple[tuple[int, ...], ...]]:
    """Labels and cores of all samples (n,) after the core-point rule, and clusters that new cores bridge."""
    labels, core = state.labels.copy(), state.core.copy()
    new, vectors = np.flatnonzero(~state.seen), state.labelled.vectors
    if not len(new):
        return labels, core, ()
    assert run.eps is not None
    firm = core & (labels != NOISE)
    cores, loose = np.flatnonzero(state.seen & firm), np.flatnonzero(state.seen & ~firm)
    found = attach(
        vectors[cores],
        labels[cores],
        vectors[new],
        eps=run.eps,
        min_samples=run.min_samples,
        loose_vectors=vectors[loose],
    )
    top = int(labels[cores].max(initial=NOISE))
    labels[new], core[new] = _fresh(found.labels, top, state.next_cluster), found.core
    drawn_in = (labels[loose] == NOISE) & (found.loose_labels != NOISE)
    labels[loose[drawn_in]] = _fresh(found.loose_labels[drawn_in], top, state.next_cluster)
    core[loose] |= found.loose_core
    return labels, core, found.bridges


def _outcome(
    state: ClusterState,
    held: Constraints,
    run: Run,
    bound: Constrained,
    core: Mask,
    bridges: tuple[tuple[int, ...], ...] = (),
) -> Outcome:
    labels = bound.labels
    counted = replace(
        run,
        n_samples=state.n,
        n_clusters=len(np.unique(labels[labels != NOISE])),
        n_noise=int((labels == NOISE).sum()),
        next_cluster=max(state.next_cluster, int(labels.max(initial=NOISE)) + 1),
    )
    return Outcome(counted, labels, core, held, bound.joined, bound.parted, _open_bridges(bridges, labels, held))


def _without_lone_samples(labels: Ids) -> Ids:
    """A sample that a decision parted from all others is alone, though its place is a dense one."""
    sizes = np.bincount(labels[labels != NOISE], minlength=1)
    alone = (labels != NOISE) & (sizes[np.maximum(labels, 0)] == 1)
    return np.where(alone, NOISE, labels)


def _fresh(labels: Ids, top: int, next_cluster: int) -> Ids:
    """New clusters, which attaching numbers above the largest core's, in numbers that were never used."""
    return np.where(labels > top, labels - top - 1 + next_cluster, labels)


def _touched(labels: Ids, held: Constraints) -> Rows:
    """All rows of the clusters and units that break a constraint, and of those they reach."""
    inside = np.zeros(len(labels), bool)
    inside[broken_rows(labels, held)] = True
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
