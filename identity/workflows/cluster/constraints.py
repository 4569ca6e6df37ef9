"""People's decisions as constraints on rows: who is one person with whom, and who may never be.

A *unit* is a set of samples that are one person by somebody's word: the samples of an identity, with the parties that
hold exactly that identity, or else a party. A party whose samples were later given different names binds only those
that have none: the later word counts. So units never overlap and never contradict each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.core.clusters import ClusterPlaces, Links, no_links
from identity.core.types import NO_ID, Ids

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Constraints:
    """What binds a run: pairs of rows, and an identity's id per row (NO_ID where nobody said).

    `overruled` pairs of rows may not be together and are one person by somebody's word all the same: the word counts.
    """

    units: Ids  # (n,) equal for rows of one unit
    names: Ids  # (n,)
    must: Links
    cannot: Links
    overruled: Links

    def of(self, rows: Rows) -> Constraints:
        """The constraints among some rows, in their numbers."""
        place = np.full(len(self.units), -1, np.int64)
        place[rows] = np.arange(len(rows))
        must, cannot = (_links_inside(place[links]) for links in (self.must, self.cannot))
        return Constraints(self.units[rows], self.names[rows], must, cannot, no_links())


def constraints_of(state: ClusterPlaces) -> Constraints:
    """All that people decided, and that two regions of one photograph are not one person."""
    names = _names(state)
    units = _units(state, names)
    pairs = np.concatenate([same_photograph(state.images), _refused_links(state, names)])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    one = units[pairs[:, 0]] == units[pairs[:, 1]]
    return Constraints(units, names, _chains(units), pairs[~one], pairs[one])


def broken_rows(labels: Ids, held: Constraints) -> Rows:
    """Rows of every constraint that the labels do not keep."""
    must, cannot = held.must, held.cannot
    apart = must[(labels[must[:, 0]] != labels[must[:, 1]]) | (labels[must[:, 0]] < 0)]
    together = cannot[(labels[cannot[:, 0]] == labels[cannot[:, 1]]) & (labels[cannot[:, 0]] >= 0)]
    return np.unique(np.concatenate([apart.ravel(), together.ravel(), _two_names(labels, held.names)]))


def _two_names(labels: Ids, names: Ids) -> Rows:
    """Named rows of clusters that hold more than one name."""
    rows = np.flatnonzero((names != NO_ID) & (labels >= 0))
    cells = np.unique(np.stack([labels[rows], names[rows]], axis=1), axis=0)
    clusters, counts = np.unique(cells[:, 0], return_counts=True)
    return rows[np.isin(labels[rows], clusters[counts > 1])]


def _names(state: ClusterPlaces) -> Ids:
    """The identity of every row, by its own name or that of its party, where the party has exactly one."""
    own = state.identities
    told = np.flatnonzero((state.parties != NO_ID) & (own != NO_ID))
    cells = np.unique(np.stack([state.parties[told], own[told]], axis=1), axis=0)
    parties, first, counts = np.unique(cells[:, 0], return_index=True, return_counts=True)
    one = counts == 1
    given = np.full(int(state.parties.max(initial=0)) + 1, NO_ID, np.int64)
    given[parties[one]] = cells[first[one], 1]
    of_party = np.where(state.parties == NO_ID, NO_ID, given[np.maximum(state.parties, 0)])
    return np.where(own != NO_ID, own, of_party)


def _units(state: ClusterPlaces, names: Ids) -> Ids:
    """Numbers from 0: equal for one identity, else for one party, else a row's own."""
    kind = np.where(names != NO_ID, 0, np.where(state.parties != NO_ID, 1, 2))
    which = np.choose(kind, [names, state.parties, np.arange(state.n)])
    return np.unique(np.stack([kind, which], axis=1), axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _chains(units: Ids) -> Links:
    """Links between consecutive rows of every unit."""
    order = np.argsort(units, kind="stable")
    same = units[order[1:]] == units[order[:-1]]
    return np.stack([order[:-1][same], order[1:][same]], axis=1).astype(np.int64)


def same_photograph(images: Ids) -> Links:
    """Every pair of rows that are two regions of one image."""
    order = np.argsort(images, kind="stable")
    starts = np.flatnonzero(np.diff(images[order], prepend=-2))
    groups = np.split(order, starts[1:]) if len(order) else []
    pairs = [np.stack(np.triu_indices(len(group), 1), axis=1) for group in groups if len(group) > 1]
    crowded = [group for group in groups if len(group) > 1]
    return np.concatenate([no_links(), *(g[pair] for g, pair in zip(crowded, pairs, strict=True))]).astype(np.int64)


def _refused_links(state: ClusterPlaces, names: Ids) -> Links:
    """Rejected pairings as pairs of rows: one row stands for its whole party, one for its identity."""
    party = _spokesmen(state.parties, unnamed_first=names == NO_ID)
    sample = dict(zip(state.ids.tolist(), range(state.n), strict=True))
    identity = _spokesmen(names, unnamed_first=np.zeros(state.n, bool))
    pairs = [(party.get(p), sample.get(s)) for p, s in state.refused_samples.tolist()]
    pairs += [(party.get(p), identity.get(i)) for p, i in state.refused_identities.tolist()]
    known = [(a, b) for a, b in pairs if a is not None and b is not None and a != b]
    return np.array(known, np.int64).reshape(-1, 2)


def _spokesmen(groups: Ids, *, unnamed_first: NDArray[np.bool_]) -> dict[int, int]:
    """One row of every group: the first that nobody named, else the first."""
    found: dict[int, int] = {}
    rows = np.flatnonzero(groups != NO_ID)
    for row in [*rows[unnamed_first[rows]].tolist(), *rows[~unnamed_first[rows]].tolist()]:
        found.setdefault(int(groups[row]), row)
    return found


def _links_inside(links: Links) -> Links:
    return links[(links >= 0).all(axis=1)]
