"""What people have decided binds every run: who belongs together, who does not, and who somebody is.

Applied to a DBSCAN result, in one fixed order. Must-links, and samples confirmed as the same identity, join their
clusters first. A component in which a cannot-link, or two confirmed identities, then meet is taken apart and linked
again by `constrained_linkage`; every other component is left as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from identity.clustering.checks import check_eps, check_vectors
from identity.clustering.constrained_linkage import Rules, relink
from identity.clustering.dbscan.components import NOISE, Indices, Labels, merge_components
from identity.clustering.dbscan.density import DensityClusters
from identity.core.errors import ClusteringError

NO_NAME = -1
Pair = tuple[int, int]
Links = NDArray[np.int64]  # (p, 2) row numbers


@dataclass(frozen=True, slots=True)
class Constrained:
    """Labels (n,) that keep every constraint, and the constraints that changed something, as pairs of rows.

    `joined` are must-links, or two samples confirmed as one identity, that DBSCAN had apart; `parted` are
    cannot-links, or two samples confirmed as different identities, that would have been in one cluster.
    """

    labels: Labels
    joined: tuple[Pair, ...]
    parted: tuple[Pair, ...]


def constrain(
    vectors: ArrayLike,
    clusters: DensityClusters,
    *,
    eps: float | None,
    must_link: ArrayLike = (),
    cannot_link: ArrayLike = (),
    confirmed: ArrayLike | None = None,
) -> Constrained:
    """Apply people's decisions to `clusters` of `vectors` (n, dim): a DBSCAN at `eps`, or None: no distance is too far.

    `must_link` (p, 2) and `cannot_link` (q, 2) are pairs of row numbers; `confirmed` (n,) is an identity's number per
    row, -1 where nobody said. Clusters are numbered by their lowest core; a sample left alone that is no core is
    noise. Raises `ClusteringError` for rows that do not exist and for decisions that contradict each other.
    """
    rows, n = check_vectors(vectors), len(clusters.labels)
    eps = None if eps is None else check_eps(eps)
    names = np.full(n, NO_NAME, np.int64) if confirmed is None else np.asarray(confirmed, np.int64)
    if len(rows) != n or names.shape != (n,):
        raise ClusteringError(f"{len(rows)} vectors, {n} labels, {names.shape} names: give one of each per sample")
    must = np.concatenate([_check_links(must_link, n), _name_links(names)])
    cannot = _check_links(cannot_link, n)
    rules = Rules(cannot, names)
    units = _join(np.arange(n, dtype=np.int32), must)
    _refuse_contradictions(units, rules)
    component = _join(_own_components(clusters.labels), must)
    parted = _violations(component, rules)
    groups = component.copy()
    for at in np.unique(component[parted[:, 0]]):
        members = np.flatnonzero(component == at)
        groups[members] = members[relink(rows, members, clusters.core, units, rules, eps=eps)]
    labels = _number_clusters(groups, clusters.core)
    return Constrained(labels, _separated_pairs(clusters.labels, must), _as_pairs(parted))


def _check_links(links: ArrayLike, n: int) -> Links:
    pairs = np.asarray(links, np.int64).reshape(-1, 2)
    if len(pairs) and (pairs.min() < 0 or pairs.max() >= n):
        raise ClusteringError(f"a constraint names row {int(pairs.max())} of {n}: give row numbers of the vectors")
    if (pairs[:, 0] == pairs[:, 1]).any():
        raise ClusteringError("a constraint names one row twice: give two different rows")
    return np.unique(np.sort(pairs, axis=1), axis=0)


def _name_links(names: NDArray[np.int64]) -> Links:
    """Links that join all samples of each confirmed identity."""
    named = np.flatnonzero(names != NO_NAME)
    order = named[np.argsort(names[named], kind="stable")]
    same = names[order[1:]] == names[order[:-1]]
    return np.stack([order[:-1][same], order[1:][same]], axis=1).astype(np.int64)


def _join(component: Indices, links: Links) -> Indices:
    return merge_components(component, links[:, 0].astype(np.int32), links[:, 1].astype(np.int32))


def _own_components(labels: Labels) -> Indices:
    """Every cluster named by its lowest sample, every noise sample by itself."""
    component = np.arange(len(labels), dtype=np.int32)
    clustered = labels != NOISE
    _, first, inverse = np.unique(labels[clustered], return_index=True, return_inverse=True)
    component[clustered] = np.flatnonzero(clustered)[first][inverse]
    return component


def _violations(component: Indices, rules: Rules) -> Links:
    """Pairs of rows that may not be together and are: cannot-links, and one pair per two names in a component."""
    together = component[rules.cannot[:, 0]] == component[rules.cannot[:, 1]]
    named = np.flatnonzero(rules.names != NO_NAME)
    cells, first = np.unique(np.stack([component[named], rules.names[named]], axis=1), axis=0, return_index=True)
    meet = np.flatnonzero(cells[1:, 0] == cells[:-1, 0])
    different = np.stack([named[first[meet]], named[first[meet + 1]]], axis=1).astype(np.int64)
    return np.unique(np.concatenate([rules.cannot[together], np.sort(different, axis=1)]), axis=0)


def _refuse_contradictions(units: Indices, rules: Rules) -> None:
    violated = _violations(units, rules)
    if len(violated):
        i, j = violated[0].tolist()
        raise ClusteringError(
            f"rows {i} and {j} are both linked and kept apart by people's decisions: take one of them back"
        )


def _separated_pairs(labels: Labels, must: Links) -> tuple[Pair, ...]:
    first, second = labels[must[:, 0]], labels[must[:, 1]]
    return _as_pairs(np.sort(must[(first != second) | (first == NOISE)], axis=1))


def _as_pairs(links: Links) -> tuple[Pair, ...]:
    return tuple((int(i), int(j)) for i, j in links.tolist())


def _number_clusters(groups: NDArray[np.integer], core: NDArray[np.bool_]) -> Labels:
    """Labels from 0 in the order of the lowest core, then of the lowest sample; lone samples that are no core: -1."""
    n = len(groups)
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    key = np.where(core, np.arange(n), np.arange(n) + n)
    lowest = np.full(len(sizes), 2 * n)
    np.minimum.at(lowest, group, key)
    is_cluster = (sizes > 1) | (lowest < n)
    numbers = np.full(len(sizes), NOISE, np.int64)
    in_order = np.argsort(np.where(is_cluster, lowest, 3 * n), kind="stable")[: np.count_nonzero(is_cluster)]
    numbers[in_order] = np.arange(len(in_order))
    return np.asarray(numbers[group])
