"""All pairs within eps, exactly, streamed tile by tile to whoever needs them.

A pair is a neighbour iff ||x - y||^2 <= 2 eps, evaluated in float64 on the stored float32 rows. A tile's products
decide every pair outside the band of `rounding`; the few inside are evaluated one by one (where a tile holds many, a
float64 GEMM goes first). Tiles run in two threads that each use one BLAS thread: so the scan of one tile hides behind
the product of another.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from threading import local

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from identity.clustering.tiles import Float32Tiles, Float64Tiles, Tiles
from identity.core.types import Vectors

TILE_ROWS = 1024
TILE_COLUMNS = 1024
EVALUATED_VALUES = 1 << 18  # float64 values at once where pairs are evaluated: 2 MiB, inside the cache
MANY = 1 / 64  # of a tile's pairs: from there a float64 GEMM is cheaper than evaluating one by one

Hits = tuple[NDArray[np.intp], NDArray[np.intp]]
Sink = Callable[[slice, slice, NDArray[np.intp], NDArray[np.intp]], None]


def squared_distances(x: Vectors, y: Vectors) -> NDArray[np.float64]:
    """||x - y||^2 (m,) of rows x (m, dim) with rows y (m, dim) in float64: the definition everything agrees with."""
    difference = x.astype(np.float64)
    difference -= y
    difference *= difference
    return np.asarray(difference.sum(axis=-1))


@dataclass(frozen=True, slots=True)
class Relation:
    """Who is a neighbour of whom between rows (n, dim) and columns (m, dim), decided exactly."""

    rows: Vectors
    columns: Vectors
    eps: float
    tiles: Tiles
    wide: Float64Tiles

    @classmethod
    def between(cls, rows: Vectors, columns: Vectors, *, eps: float, tiles: Tiles | None = None) -> Relation:
        """The relation at cosine distance eps on checked vectors."""
        narrow = Float32Tiles.over(rows, columns)
        wide = Float64Tiles(rows, columns, narrow.spreads)
        return cls(rows, columns, eps, tiles or narrow, wide)

    def neighbours(self, rows: slice, columns: slice, out: NDArray[np.float32]) -> Hits:
        """Row and column numbers, inside the tile, of its neighbours; row-major order."""
        hits = self._decided(self.tiles, rows, columns, out)
        return np.divmod(hits, columns.stop - columns.start)

    def _decided(self, tiles: Tiles, rows: slice, columns: slice, out: NDArray[np.float32]) -> NDArray[np.intp]:
        undecided = tiles.band(self.eps)
        products = tiles.products(rows, columns, out).ravel()
        near = np.flatnonzero(products >= products.dtype.type(undecided.low))
        unsure = products[near] < products.dtype.type(undecided.high)
        if not unsure.any():
            return near
        accepted = ~unsure
        accepted[unsure] = self._settled(near[unsure], tiles, rows, columns, out)
        return near[accepted]

    def _settled(
        self, pairs: NDArray[np.intp], tiles: Tiles, rows: slice, columns: slice, out: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        """Which of these pairs of a tile are neighbours, beyond all rounding."""
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if tiles is not self.wide and len(pairs) > MANY * height * width:
            return np.isin(pairs, self._decided(self.wide, rows, columns, out), assume_unique=True)
        i, j = np.divmod(pairs, width)
        step = max(1, EVALUATED_VALUES // self.rows.shape[1])
        chunks = [slice(at, at + step) for at in range(0, len(pairs), step)]
        x, y = self.rows[rows], self.columns[columns]
        return np.concatenate([squared_distances(x[i[c]], y[j[c]]) <= 2 * self.eps for c in chunks])


def stream_pairs(relation: Relation, sink: Sink, *, threads: int | None = None) -> None:
    """Feed `sink` every neighbour pair i < j of one set of samples (rows are columns), each exactly once."""
    n = len(relation.rows)

    def stripe(rows: slice, out: NDArray[np.float32]) -> None:
        for columns in slices(rows.start, n, TILE_COLUMNS):
            i, j = relation.neighbours(rows, columns, out)
            if columns.start < rows.stop:
                above = i + rows.start < j + columns.start
                i, j = i[above], j[above]
            if len(i):
                sink(rows, columns, i, j)

    run_stripes(stripe, slices(0, n, TILE_ROWS), threads=threads)


def stream_cross(relation: Relation, sink: Sink, *, threads: int | None = None) -> None:
    """Feed `sink` every neighbour pair between rows and columns, each exactly once."""

    def stripe(rows: slice, out: NDArray[np.float32]) -> None:
        for columns in slices(0, len(relation.columns), TILE_COLUMNS):
            i, j = relation.neighbours(rows, columns, out)
            if len(i):
                sink(rows, columns, i, j)

    run_stripes(stripe, slices(0, len(relation.rows), TILE_ROWS), threads=threads)


def slices(start: int, stop: int, step: int) -> Iterator[slice]:
    """Consecutive slices of at most `step` that cover start..stop."""
    return (slice(at, min(at + step, stop)) for at in range(start, stop, step))


def run_stripes(
    stripe: Callable[[slice, NDArray[np.float32]], None], stripes: Iterator[slice], *, threads: int | None
) -> None:
    """Run every stripe of tiles, each thread with a tile's memory of its own; the first failure stops them all."""
    memory = local()

    def prepare() -> None:
        memory.tile = np.empty(TILE_ROWS * TILE_COLUMNS, np.float32)

    def run(rows: slice) -> None:
        stripe(rows, memory.tile)

    with threadpool_limits(1), ThreadPoolExecutor(threads or usable_cores(), initializer=prepare) as pool:
        futures = [pool.submit(partial(run, rows)) for rows in stripes]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
