"""All edges that any minimum spanning tree of mutual reachability may have (Boruvka 1926), never a matrix of pairs.

Mutual reachability of a and b is max(core(a), core(b), ||a - b||), so equal weights are the rule: a sample reaches each
of its nearest at its own core distance. Which of the equal edges a tree takes decides labels, so all of them are kept.

Each round every component but the largest collects all its lightest edges to the outside and merges along one of them.
That finds every edge e = (a, b) of any minimum spanning tree, which is one as light as the heaviest on the lightest way
from a to b. Take the round that joins the components A of a and B of b, and the way of chosen edges from A to B. Its
heaviest edge, chosen by one of its ends, weighs as much as e. Beyond that end all edges of the way must be as heavy,
since nothing lighter leaves it, and chosen by their far ends, since each chose only one: so does A or B itself, whose
lightest weighs as much as e, and e was collected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from identity.clustering.dbscan.tiles import Tiles
from identity.clustering.hierarchy.distances import Distances
from identity.clustering.hierarchy.nearest import Neighbourhoods
from identity.clustering.hierarchy.outsiders import Edges, Outsiders
from identity.core.types import Vectors

Components = NDArray[np.int32]  # (n,) numbered from 0


@dataclass(frozen=True, slots=True)
class Round:
    """What the components of a round know: who is in which, the largest, and edges that leave one."""

    component: Components
    leaving: Edges

    @property
    def largest(self) -> int:
        """The component that waits for the others."""
        return int(np.bincount(self.component).argmax())

    def least(self) -> Distances:
        """The lightest edge known of each component, inf where none is, -inf of the largest, which asks nobody."""
        lightest = np.full(int(self.component.max()) + 1, np.inf)
        for end in (self.leaving.first, self.leaving.second):
            np.minimum.at(lightest, self.component[end], self.leaving.weight)
        lightest[self.largest] = -np.inf
        return lightest

    def joined(self, lightest: Edges, least: Distances) -> Components:
        """The components after each has merged along the first of its lightest edges."""
        ends = self.component[np.stack([lightest.first, lightest.second])]
        chosen = np.full(len(least), -1, np.intp)
        numbers = np.arange(len(lightest.weight))
        for end in ends:
            mine = lightest.weight == least[end]
            chosen[end[mine][::-1]] = numbers[mine][::-1]
        a, b = ends[:, chosen[chosen >= 0]]
        graph = coo_array((np.ones(len(a), np.bool_), (a, b)), shape=(len(least), len(least)))
        joined = connected_components(graph.tocsr(), directed=False)[1]
        return np.asarray(joined[self.component], np.int32)


def spanning_edges(rows: Vectors, tiles: Tiles, nearest: Neighbourhoods, core: Distances) -> Edges:
    """Every edge of every minimum spanning tree of rows (n, dim), n >= 2, each at least once."""
    weight = np.maximum(nearest.distance, np.maximum(core[nearest.row], core[nearest.other]))
    known = Edges(nearest.row, nearest.other, weight)
    outsiders, searched = Outsiders(rows, tiles, core), nearest.reach.copy()  # no edge up to it is unknown
    component, kept = np.arange(len(rows), dtype=np.int32), list[Edges]()
    while component.any():
        known = known.only(component[known.first] != component[known.second])
        least = Round(component, known).least()
        asked = np.flatnonzero(searched <= least[component])
        if len(asked):
            found = outsiders.find(asked, component, least)
            searched[asked] = np.nextafter(least[component[asked]], np.inf)
            known = Edges.of_parts([known, found])
        ends = component[known.first], component[known.second]
        lightest = known.only((known.weight == least[ends[0]]) | (known.weight == least[ends[1]]))
        kept.append(lightest)
        component = Round(component, known).joined(lightest, least)
    return Edges.of_parts(kept)
