"""Runs stripes of tiles on all cores: each thread one tile at a time with one BLAS thread and memory of its own.

So the scan of one tile hides behind the product of another, which one product on two threads would not give.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import local

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from identity.core.types import Vectors

CHUNK_VALUES = 1 << 16  # float32 values at once where rows are rounded: 256 KiB, inside a core's cache
CHUNKS_A_TASK = 32  # a chunk takes a twentieth of a millisecond: handing each one out would cost as much


@dataclass(frozen=True, slots=True)
class Scratch:
    """One thread's memory: a tile of products and what survives its threshold."""

    tile: NDArray[np.float32]
    mask: NDArray[np.bool_]


def slices(start: int, stop: int, step: int) -> list[slice]:
    """Consecutive slices of at most `step` that cover start..stop."""
    return [slice(at, min(at + step, stop)) for at in range(start, stop, step)]


def run_longest_first(
    work: Callable[[slice, Scratch], None], stripes: Iterable[slice], *, tile: int, threads: int | None = None
) -> None:
    """Run `work` on every stripe, the last (longest in a triangle) first; the first failure stops them all."""
    memory = local()

    def prepare() -> None:
        memory.scratch = Scratch(np.empty(tile, np.float32), np.empty(tile, np.bool_))

    def run(stripe: slice) -> None:
        work(stripe, memory.scratch)

    with threadpool_limits(1), ThreadPoolExecutor(threads or usable_cores(), initializer=prepare) as pool:
        futures = [pool.submit(run, stripe) for stripe in reversed(list(stripes))]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def largest_of(work: Callable[[slice], float], vectors: Vectors) -> float:
    """The largest that `work` finds in any part of the rows (n, dim), n >= 1, the parts shared out to all cores."""
    step = max(1, CHUNK_VALUES // vectors.shape[1])

    def run(part: slice) -> float:
        return max(work(chunk) for chunk in slices(part.start, part.stop, step))

    with ThreadPoolExecutor(usable_cores()) as pool:
        return max(pool.map(run, slices(0, len(vectors), step * CHUNKS_A_TASK)))


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
