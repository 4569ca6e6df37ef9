"""DBSCAN's graph, fed with neighbour pairs as they are found and never larger than it has to be.

Of every pair only three things matter: it counts for both degrees; between two cores it joins their clusters; between
a core and another sample it makes that one a border point. A sample known to be a core needs no pair with another core
of its own component, and a sample not yet known to be one has seen fewer than min_samples neighbours. So pairs are
buffered, and when the buffer is full those between known cores are merged into components and dropped: what stays is
below n * min_samples pairs, however dense the samples lie. And pairs inside a component need not be found at all: both
samples are cores, whose degrees matter no more.

Samples that may be no cores, however many neighbours they have, keep one pair for each component that they touch.
"""

from __future__ import annotations

from threading import Lock

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Indices = NDArray[np.int32]
Labels = NDArray[np.int64]
NOISE = -1
BUFFERED_PAIRS = 1 << 18  # at least; a few per sample, so that merging stays a small part of the work


class CoreGraph:
    """Degrees, components of cores and the pairs still needed, of n samples. Safe to feed from several threads."""

    def __init__(self, n: int, *, min_samples: int, barred: NDArray[np.bool_] | None = None) -> None:
        """`barred` (n,) are the samples that are no cores whatever their degree."""
        self.degree = np.ones(n, np.int64)  # a sample is its own neighbour; of a core, those that were looked for
        self.component = np.arange(n, dtype=np.int32)  # the lowest core known to be in it, for a core
        self._min_samples = min_samples
        self._barred = np.zeros(n, np.bool_) if barred is None else barred
        self._buffered_pairs = self._room = max(BUFFERED_PAIRS, 2 * n)
        self._pairs: list[tuple[Indices, Indices]] = []
        self._lock = Lock()

    @property
    def core(self) -> NDArray[np.bool_]:
        """Which samples are cores (n,), by the neighbours seen so far; none ever stops being one."""
        return np.asarray((self.degree >= self._min_samples) & ~self._barred)

    def add(self, rows: slice, columns: slice, i: NDArray[np.intp], j: NDArray[np.intp]) -> None:
        """Take the pairs (rows.start + i, columns.start + j) of one tile, each pair of samples exactly once.

        Those inside one `component` may be left out.
        """
        in_rows = np.bincount(i, minlength=rows.stop - rows.start)
        in_columns = np.bincount(j, minlength=columns.stop - columns.start)
        a, b = (i + rows.start).astype(np.int32), (j + columns.start).astype(np.int32)
        with self._lock:
            self.degree[rows] += in_rows
            self.degree[columns] += in_columns
            needed = self.component[a] != self.component[b]  # equal only for cores that are joined already
            needed &= ~(self._barred[a] & self._barred[b])
            self._pairs.append((a[needed], b[needed]))
            self._room -= int(np.count_nonzero(needed))
            if self._room < 0:
                self._compress()

    def components(self) -> tuple[NDArray[np.bool_], Indices, Indices, Indices]:
        """Core mask (n,), component of every sample (n,), and the border pairs (b,), (b,): a core, its neighbour."""
        with self._lock:
            self._compress()
            core = self.core
            a, b = self._buffer_arrays()
        core_first, core_second = core[a] & ~core[b], core[b] & ~core[a]
        cores = np.concatenate([a[core_first], b[core_second]])
        borders = np.concatenate([b[core_first], a[core_second]])
        return core, self.component, cores, borders

    def _buffer_arrays(self) -> tuple[Indices, Indices]:
        empty = np.empty(0, np.int32)
        first, second = [empty, *(a for a, _ in self._pairs)], [empty, *(b for _, b in self._pairs)]
        return np.concatenate(first), np.concatenate(second)

    def _compress(self) -> None:
        core = self.core
        a, b = self._buffer_arrays()
        joins = core[a] & core[b]
        self.component = merge_components(self.component, a[joins], b[joins])
        kept = self._once_for_each_component(core, a[~joins], b[~joins])
        self._pairs = [kept]
        self._room = max(self._buffered_pairs, len(kept[0]))  # at least doubles: the work stays linear in the pairs

    def _once_for_each_component(self, core: NDArray[np.bool_], a: Indices, b: Indices) -> tuple[Indices, Indices]:
        """The pairs without those by which a barred sample touches a component again."""
        settled = (self._barred[a] & core[b]) | (self._barred[b] & core[a])
        if not settled.any():
            return a, b
        swapped = self._barred[b[settled]]
        barred, to = np.where(swapped, (b[settled], a[settled]), (a[settled], b[settled]))
        touched = barred.astype(np.int64) * len(core) + self.component[to]
        first = np.unique(touched, return_index=True)[1]
        return np.concatenate([a[~settled], barred[first]]), np.concatenate([b[~settled], to[first]])


def merge_components(component: Indices, a: Indices, b: Indices) -> Indices:
    """Components (n,), named by their lowest member, after joining those of a (m,) with those of b (m,)."""
    if not len(a):
        return component
    n = len(component)
    links = coo_array((np.ones(len(a), np.int8), (component[a], component[b])), shape=(n, n)).tocsr()
    count, joined = connected_components(links, directed=False)
    lowest = np.empty(count, np.int32)
    lowest[joined[::-1]] = np.arange(n - 1, -1, -1, dtype=np.int32)
    return np.asarray(lowest[joined[component]], dtype=np.int32)


def dbscan_labels(core: NDArray[np.bool_], component: Indices, cores: Indices, borders: Indices) -> Labels:
    """Labels (n,) as scikit-learn numbers them: by lowest core; a border point takes its lowest-numbered cluster."""
    labels = np.full(len(core), NOISE, np.int64)
    _, labels[core] = np.unique(component[core], return_inverse=True)
    nearest = np.full(len(core), len(core), np.int64)
    np.minimum.at(nearest, borders, labels[cores])
    reached = nearest < len(core)
    labels[reached] = nearest[reached]
    return labels
