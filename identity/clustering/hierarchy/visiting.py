"""Prim's tree in the order in which the `hdbscan` library visits samples, of the few edges that matter.

The library starts at sample 0, goes on to the lowest of the nearest samples that are not in the tree yet, and keeps of
equal edges the one whose end came first. Every edge that it could take then is one of `spanning_edges`.
"""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from identity.clustering.hierarchy.distances import Distances
from identity.clustering.hierarchy.outsiders import Edges

Tree = NDArray[np.float64]  # (n - 1, 3): from where, to where, how far; in the order of the visits


def visits(edges: Edges, n: int) -> Tree:
    """The library's minimum spanning tree of n samples."""
    first, to, weight = _adjacency(edges, n)
    nearest, source = [np.inf] * n, [0] * n
    visited, at = [False] * n, 0
    tree, frontier = np.empty((n - 1, 3)), list[tuple[float, int]]()
    for step in range(n - 1):
        visited[at] = True
        for k in range(first[at], first[at + 1]):
            j, far = to[k], weight[k]
            if not visited[j] and far < nearest[j]:
                nearest[j], source[j] = far, at
                heappush(frontier, (far, j))
        at = _next(frontier, visited)
        tree[step] = source[at], at, nearest[at]
    return tree


def _next(frontier: list[tuple[float, int]], visited: list[bool]) -> int:
    while True:
        _, j = heappop(frontier)
        if not visited[j]:
            return j


def _adjacency(edges: Edges, n: int) -> tuple[list[int], list[int], list[float]]:
    """Where each sample's edges start (n + 1,), where they lead, and how far."""
    ends = np.concatenate([edges.first, edges.second]), np.concatenate([edges.second, edges.first])
    weight: Distances = np.concatenate([edges.weight, edges.weight])
    order = np.argsort(ends[0], kind="stable")
    first = np.searchsorted(ends[0][order], np.arange(n + 1))
    return first.tolist(), ends[1][order].tolist(), weight[order].tolist()
