"""Tiles of heads: less work than the vectors' own tiles where a few turned numbers hold most of a vector.

They rule pairs out and never in. Whether they pay, and with how many numbers, is tried on a sample: the share of pairs
that they leave, each of which costs as much as many pairs of a tile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from identity.clustering.dbscan.integer_products import exact_product
from identity.clustering.dbscan.precision import coarsest_tiles, resolve
from identity.clustering.dbscan.rotation import Rotation, spread_sample
from identity.clustering.dbscan.rounding import Band, Spread, oracle_error
from identity.clustering.dbscan.tiles import Spreads, Stripe, Tiles
from identity.core.types import Vectors

SAMPLED = 1024  # rows whose pairs say how much a head leaves
LENGTHS = (15, 23, 31, 47, 63, 95, 127, 191, 255)  # with the length of the rest a multiple of 8
# What things cost, in float32 numbers of a pair that a tile could multiply instead (measured, as all here); where
# faster products multiply more numbers meanwhile, all of it costs more of them:
SCAN = 12.0  # looking at a pair's product
SINGLE = 2500.0, 8.0  # a pair that is left, and for each of its numbers
START = 1.1e10  # finding the axes and turning everything, shared out among n^2 pairs
TRIED = 1e11  # numbers: of less work a twentieth may go into a trial that finds nothing
GAIN = 0.7  # of the time without heads: a sample that promises less is not followed
ANYTHING = 2.0**31 - 1  # above every product, in any unit


@dataclass(frozen=True, slots=True)
class HeadTiles:
    """Products of heads, which are those of the vectors or more."""

    inner: Tiles
    dim: int  # of the vectors
    error: float
    most: float  # max ||x||^2 of the vectors

    @classmethod
    def over(
        cls, rows: Vectors, rotation: Rotation, length: int, spreads: Spreads, *, precision: str
    ) -> HeadTiles:
        """Heads of one set of vectors, given their spread."""
        heads = rotation.heads(rows, length)
        own, given = Spread.of(heads), spreads[0]
        spread = Spread(min(own.least, given.least), max(own.most, given.most))
        inner = coarsest_tiles(heads, heads, (spread, spread), precision=precision)
        return cls(inner, rows.shape[1], rotation.error(length), given.most)

    @property
    def unit(self) -> float:
        """As the tiles of heads have it."""
        return self.inner.unit

    def band(self, eps: float, rows: slice, columns: slice) -> Band:
        """From the least product of heads whose vectors may be neighbours on, everything is undecided."""
        lost = self.error + oracle_error(dim=self.dim, eps=eps, most=self.most)
        return Band(self.inner.band(eps + lost, rows, columns).low, ANYTHING)

    def stripe(self, columns: slice) -> Stripe:
        """That of the heads."""
        return self.inner.stripe(columns)

    def among(self, numbers: NDArray[np.intp]) -> Self:
        """As the tiles of heads have it."""
        return replace(self, inner=self.inner.among(numbers))


def head_tiles(rows: Vectors, spreads: Spreads, *, eps: float, precision: str) -> tuple[HeadTiles, ...]:
    """Heads of the length that promises most for rows (n, dim) at cosine distance eps, or none."""
    speed = speed_of(precision, dim=rows.shape[1])
    if len(rows) ** 2 * (rows.shape[1] + speed * SCAN) < speed * TRIED:
        return ()
    with threadpool_limits(1):  # these products are too small for two threads
        rotation = Rotation.of(rows)
        best = best_length(rows, rotation, spreads, eps=eps, precision=precision, speed=speed)
    return (HeadTiles.over(rows, rotation, best, spreads, precision=precision),) if best else ()


def speed_of(precision: str, *, dim: int) -> float:
    """How many numbers the tiles of this precision multiply while float32's multiply one."""
    if resolve(precision, dim=dim) != "int8":
        return 1.0
    product = exact_product()
    assert product is not None
    return product.speed


def best_length(
    rows: Vectors, rotation: Rotation, spreads: Spreads, *, eps: float, precision: str, speed: float = 1.0
) -> int:
    """How long the heads of rows (n, dim) had best be; 0 where none are worth their time."""
    dim, sample = rows.shape[1], spread_sample(rows, SAMPLED, start=1)  # others than the axes were fitted to
    whole = dim + speed * SCAN
    costs = {0: GAIN * whole}
    least = {length: length + speed * start_of(len(rows)) for length in reversed(LENGTHS)}
    for length in (length for length in least if least[length] < costs[0]):
        left = left_share(HeadTiles.over(sample, rotation, length, spreads, precision=precision), eps, len(sample))
        singly = min(speed * left * (SINGLE[0] + SINGLE[1] * dim), whole)
        if singly > min(costs.values()):
            break  # shorter ones leave no less
        costs[length] = least[length] + singly
    return min(costs, key=lambda length: costs[length])


def start_of(n: int) -> float:
    """What heads cost whatever their length and whatever they leave, of n rows."""
    return SCAN + START / n**2


def left_share(tiles: HeadTiles, eps: float, n: int) -> float:
    """The share of the pairs of n different rows that the tiles leave undecided."""
    every = slice(0, n)
    products = tiles.stripe(every)(every, np.empty(n * n, np.float32))
    return max(0.0, float(np.count_nonzero(products >= tiles.band(eps, every, every).low) - n) / (n * n))
