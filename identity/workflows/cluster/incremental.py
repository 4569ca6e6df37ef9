"""An incremental run: new samples are attached by the core-point rule, and decisions made since are kept.

It touches no cluster that neither the new samples nor such a decision touch.
"""

from __future__ import annotations

import numpy as np

from identity.clustering.cluster_ids import match_clusters
from identity.clustering.constraints import Constrained
from identity.clustering.incremental import attach
from identity.core.clusters import NOISE, ClusterState, Mask, Run
from identity.core.types import Ids
from identity.workflows.cluster.constraints import Constraints, Rows, broken_rows
from identity.workflows.cluster.outcome import Bridges, Outcome, Pairs, bind, outcome_of, without_lone_samples
from identity.workflows.cluster.poor import poor_rows


def attach_samples(state: ClusterState, held: Constraints, run: Run) -> Outcome:
    """Attach what is new, and keep the decisions made since."""
    labels, core, bridges = _attach_new(state, run)
    rows = _affected_rows(labels, held)
    if not len(rows):
        return outcome_of(state, held, run, Constrained(labels, (), ()), core, bridges)
    part = bind(state, held, run, labels[rows], core[rows], rows)
    next_id = max(state.next_cluster, int(labels.max(initial=NOISE)) + 1)
    labels[rows] = match_clusters(part.labels, state.labels[rows], next_id=next_id)
    joined, parted = (_of_rows(pairs, rows) for pairs in (part.joined, part.parted))
    return outcome_of(state, held, run, Constrained(labels, joined, parted), core, bridges)


def _attach_new(state: ClusterState, run: Run) -> tuple[Ids, Mask, Bridges]:
    """Labels and cores of all samples (n,) after the core-point rule, and clusters that new cores bridge."""
    labels, core = state.labels.copy(), state.core.copy()
    new, vectors = np.flatnonzero(~state.seen), state.vectors
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
        barred=poor_rows(state, run.min_quality)[np.concatenate([new, loose])],
    )
    top = int(labels[cores].max(initial=NOISE))
    labels[new], core[new] = _renumber_new(found.labels, top, state.next_cluster), found.core
    drawn_in = (labels[loose] == NOISE) & (found.loose_labels != NOISE)
    labels[loose[drawn_in]] = _renumber_new(found.loose_labels[drawn_in], top, state.next_cluster)
    core[loose] |= found.loose_core
    return _without_lone_founders(labels, state, run), core, found.bridges


def _without_lone_founders(labels: Ids, state: ClusterState, run: Run) -> Ids:
    """A new core all of whose neighbours joined other clusters, as poor faces do, is alone."""
    if run.min_samples == 1:
        return labels
    founded = labels >= state.next_cluster
    return np.where(founded, without_lone_samples(labels), labels)


def _renumber_new(labels: Ids, top: int, next_cluster: int) -> Ids:
    """New clusters, which attaching numbers above the largest core's, in numbers that were never used."""
    return np.where(labels > top, labels - top - 1 + next_cluster, labels)


def _affected_rows(labels: Ids, held: Constraints) -> Rows:
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
