"""What a run would do to a gallery's clusters, computed and not yet applied: full, or new samples attached.

A full run clusters everything, binds the result to people's decisions and continues the cluster numbers that overlap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from identity.clustering.algorithms import ALGORITHMS, NO_RATES, Algorithm, MatchRates, Parameters
from identity.clustering.cluster_ids import match_clusters
from identity.core.clusters import NOISE, ClusterState, Mask, Run
from identity.core.errors import ClusteringError
from identity.core.types import Ids
from identity.workflows.cluster.constraints import Constraints, constraints_of
from identity.workflows.cluster.incremental import attach_samples
from identity.workflows.cluster.outcome import Outcome, bind, outcome_of
from identity.workflows.cluster.poor import poor_rows
from identity.workflows.cluster.request import ClusterRequest


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a gallery's kind and its error rates say where a request says nothing."""

    min_samples: int
    rates: MatchRates = NO_RATES


def compute_run(state: ClusterState, request: ClusterRequest, defaults: Defaults) -> Outcome:
    """The run that was asked for; incremental wherever the run in force had the same parameters.

    Raises `ClusteringError` for parameters that cannot be meant.
    """
    if not state.n:
        raise ClusteringError("there is nothing to cluster: enroll samples first")
    algorithm = _algorithm(request.algo)
    wanted = _requested_run(request, algorithm, defaults, measured=bool(state.quality))
    held = constraints_of(state)
    if request.min_samples is None and state.n < wanted.min_samples:
        return _nobody(state, held, wanted)
    if request.full or not _continues(state, wanted, algorithm):
        return _cluster_all(state, held, wanted, algorithm, defaults.rates)
    assert state.run is not None
    run = replace(wanted, mode="incremental", eps=state.run.eps, eps_reason=state.run.eps_reason)
    return attach_samples(state, held, run)


def _algorithm(name: str) -> Algorithm:
    if name not in ALGORITHMS:
        raise ClusteringError(f"there is no algorithm '{name}': choose {' or '.join(ALGORITHMS)}")
    return ALGORITHMS[name]


def _requested_run(request: ClusterRequest, algorithm: Algorithm, defaults: Defaults, *, measured: bool) -> Run:
    has_eps = algorithm.has_eps
    usual = defaults.min_samples if has_eps else request.min_cluster_size
    return Run(
        request.algo,
        "full",
        eps=request.eps if has_eps else None,
        eps_auto=has_eps and request.eps is None,
        min_samples=usual if request.min_samples is None else request.min_samples,
        min_cluster_size=0 if has_eps else request.min_cluster_size,
        min_quality=request.min_quality if measured else 0.0,
    )


_KEPT = ("algo", "eps_auto", "min_samples", "min_quality")  # by a run that only attaches what is new


def _continues(state: ClusterState, wanted: Run, algorithm: Algorithm) -> bool:
    before = state.run
    if before is None or not algorithm.has_eps or not state.core.any():
        return False
    same = all(getattr(before, name) == getattr(wanted, name) for name in _KEPT)
    return same and (wanted.eps_auto or before.eps == wanted.eps)


def _nobody(state: ClusterState, held: Constraints, wanted: Run) -> Outcome:
    """Fewer samples than min_samples: only groups that people joined by hand remain."""
    few = f"not needed: {state.n} samples are fewer than min_samples, {wanted.min_samples}"
    return _bind_all(state, held, replace(wanted, eps_reason=few), np.full(state.n, NOISE), np.zeros(state.n, bool))


def _cluster_all(
    state: ClusterState, held: Constraints, wanted: Run, algorithm: Algorithm, rates: MatchRates
) -> Outcome:
    """Cluster everything."""
    poor = poor_rows(state, wanted.min_quality)
    barred = poor if poor.any() else None
    parameters = Parameters(wanted.eps, wanted.min_samples, wanted.min_cluster_size, rates, barred)
    found = algorithm.cluster(state.vectors, parameters)
    return _bind_all(state, held, replace(wanted, eps=found.eps, eps_reason=found.reason), found.labels, found.core)


def _bind_all(state: ClusterState, held: Constraints, run: Run, labels: Ids, core: Mask) -> Outcome:
    """Labels bound to what people decided, in the numbers of the clusters that they continue."""
    bound = bind(state, held, run, labels, core)
    matched = match_clusters(bound.labels, state.labels, next_id=state.next_cluster)
    return outcome_of(state, held, run, replace(bound, labels=matched), core)
