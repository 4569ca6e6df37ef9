"""Constrained single linkage of one component: its core pairs, nearest first, each joined unless it is forbidden.

A pair is forbidden where the two groups hold a cannot-link between them or are confirmed as different identities.
Groups only grow, so what is forbidden once stays so. Border samples come after the cores and join one group each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.clustering.core_neighbours import Pairs, pairs_among, pairs_between
from identity.clustering.dbscan.components import Indices
from identity.clustering.dbscan.neighbours import squared_distances
from identity.core.types import Vectors

NO_NAME = -1
FIRST_PAIRS = 1024  # looked at between two clean-ups of what is joined already; doubles every time


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may not be together: cannot-links (q, 2) as rows, and a confirmed identity (n,) per row or -1."""

    cannot: NDArray[np.int64]
    names: NDArray[np.int64]


class Groups:
    """Groups of the members of one component, named by a member each, that keep the rules while they join."""

    def __init__(self, units: NDArray[np.intp], names: NDArray[np.int64], cannot: NDArray[np.int64]) -> None:
        self.of = units  # (k,)
        self._name = np.full(len(units), NO_NAME, np.int64)  # by group
        self._name[units[names != NO_NAME]] = names[names != NO_NAME]
        self._cannot = cannot

    def join(self, i: int, j: int) -> bool:
        """Join the groups of two members; False where they are one already or may not be."""
        a, b = sorted((int(self.of[i]), int(self.of[j])))
        if a == b or self._is_forbidden(a, b):
            return False
        self.of[self.of == b] = a
        self._name[a] = max(self._name[a], self._name[b])
        return True

    def _is_forbidden(self, a: int, b: int) -> bool:
        if NO_NAME not in {int(self._name[a]), int(self._name[b])} and self._name[a] != self._name[b]:
            return True
        first, second = self.of[self._cannot[:, 0]], self.of[self._cannot[:, 1]]
        return bool((((first == a) & (second == b)) | ((first == b) & (second == a))).any())


def relink(
    vectors: Vectors,
    members: NDArray[np.intp],
    core: NDArray[np.bool_],
    units: Indices,
    rules: Rules,
    *,
    eps: float | None,
) -> NDArray[np.intp]:
    """The group (k,) of every member (k,) of a component, as a position in `members`; `units` (n,) stay whole.

    Without `eps` no distance is too far.
    """
    groups = Groups(*_of_members(members, units, rules))
    cores, others = np.flatnonzero(core[members]), np.flatnonzero(~core[members])
    rows = vectors[members]
    links = _open_pairs(rows, cores, named=rules.names[members] != NO_NAME, eps=eps)
    _join_nearest_first(groups, rows, links.first, links.second)
    borders = pairs_between(rows[others], rows[cores], eps=eps, precision="auto")
    _attach_nearest_first(groups, rows, Pairs(others[borders.first], cores[borders.second]), cores)
    return groups.of


def _open_pairs(
    rows: Vectors, cores: NDArray[np.intp], *, named: NDArray[np.bool_], eps: float | None
) -> Pairs:
    """Neighbour pairs among the cores, but for those of two named ones: of one name they are one unit, else forbidden.

    A gallery that people named throughout has a great many of those, and no others.
    """
    free, told = cores[~named[cores]], cores[named[cores]]
    among = pairs_among(rows[free], eps=eps, precision="auto") if len(free) else Pairs.of_parts([])
    between = pairs_between(rows[free], rows[told], eps=eps, precision="auto")
    first = np.concatenate([free[among.first], free[between.first]])
    second = np.concatenate([free[among.second], told[between.second]])
    return Pairs(np.minimum(first, second), np.maximum(first, second))


def _of_members(
    members: NDArray[np.intp], units: Indices, rules: Rules
) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
    """The members' units, names and the cannot-links among them, as positions in `members`."""
    _, first, unit = np.unique(units[members], return_index=True, return_inverse=True)
    inside = np.isin(rules.cannot, members).all(axis=1)
    return first[unit], rules.names[members], np.searchsorted(members, rules.cannot[inside])


def _nearest_first(rows: Vectors, first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.intp]:
    """The order of pairs by distance, then by row numbers."""
    step = max(1, (1 << 18) // rows.shape[1])
    parts = [slice(at, at + step) for at in range(0, len(first), step)]
    distances = [squared_distances(rows[first[part]], rows[second[part]]) for part in parts]
    return np.lexsort((second, first, np.concatenate([np.empty(0), *distances])))


def _join_nearest_first(groups: Groups, rows: Vectors, first: NDArray[np.intp], second: NDArray[np.intp]) -> None:
    order = _nearest_first(rows, first, second)
    taken, step = 0, FIRST_PAIRS
    while taken < len(order):
        part = order[taken : taken + step]
        for at in part[groups.of[first[part]] != groups.of[second[part]]].tolist():
            groups.join(int(first[at]), int(second[at]))
        taken, step = taken + step, 2 * step


def _attach_nearest_first(groups: Groups, rows: Vectors, borders: Pairs, cores: NDArray[np.intp]) -> None:
    """Border samples, with whoever is linked to them, join the nearest group that may have them."""
    settled = set(groups.of[cores].tolist())
    for at in _nearest_first(rows, borders.first, borders.second).tolist():
        i, j = int(borders.first[at]), int(borders.second[at])
        if int(groups.of[i]) not in settled and groups.join(i, j):
            settled.add(int(groups.of[j]))
