"""How far a tile's dot products can be wrong, proven, so that every pair near the threshold is decided again.

The relation is D^ <= 2 eps, D^ the float64 evaluation of D = ||x - y||^2 on the stored float32 rows. A tile gives
s^, a rounded s = x.y, and D = p + q - 2 s with p = ||x||^2, q = ||y||^2. All bounds below hold for any order of
summation, with or without fused multiply-add (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed.
2002, section 3.1), with gamma_n(u) = n u / (1 - n u) and d the dimension.

1. The oracle's own rounding. Differences, squares and sums of non-negative terms: D^ = D (1 + t),
   |t| <= gamma_{d+2}(2^-53) <= g := gamma_{d+16}(2^-53). So D <= 2 eps (1 - g) makes the pair a neighbour for
   certain, and D > 2 eps (1 + 2 g) for certain not, since 1/(1 + g) >= 1 - g and 1/(1 - g) <= 1 + 2 g for g <= 1/2.
2. The lengths. p, q are summed in float64: relative error at most g as well.
3. The tile. |s^ - s| <= gamma_d(u) |x|.|y| <= gamma_d(u) ||x|| ||y|| ((3.5) there, and Cauchy-Schwarz), plus at most
   2^-126 for each of the 2d operations whose result is flushed to zero: d 2^-125. float32: u = 2^-24, float64:
   u = 2^-53.
4. bfloat16 tiles. Rows are first rounded to x~ = x + e. Then |x~.y~ - x.y| = |e_x.y~ + x.e_y| <= r_x ||y~|| +
   ||x|| r_y, with r = ||e|| measured row by row in float64 (at most 2^-8 ||x||, about half of it in practice; an
   input that is flushed to zero, below 2^-126, is covered by adding sqrt(d) 2^-126 to r). Products of bfloat16 are
   exact in float32; they are summed in float32 by instructions that round to nearest (VDPBF16PS, TDPBF16PS) or to
   odd (BFDOT, an error of one unit in the last place): u = 2^-23 covers both.

A pair is a neighbour iff s >= (p + q)/2 - eps. Taken over all rows, with P = max p, and p >= min p likewise:

    s^ >= (max p + max q)/2 - eps + slack   => neighbour
    s^ <  (min p + min q)/2 - eps - slack   => no neighbour
    slack = 3 and 4 above + g (max p + max q) + 2 g eps      (2 and 1)

and everything between the two is decided in float64. Lengths are within 1 % of 1 and eps <= 2, so the half dozen
float64 operations that compute these lines err by less than 24 x 2^-53: the 14 units by which g exceeds
gamma_{d+2}, taken max p + max q >= 1.9 times, cover them. The thresholds are rounded outwards to the tile's type.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOAT32_ROUNDOFF = 2.0**-24
FLOAT64_ROUNDOFF = 2.0**-53
BFLOAT16_SUM_ROUNDOFF = 2.0**-23  # nearest or odd: see 4
FLUSHED = 2.0**-126


def gamma(n: int, roundoff: float) -> float:
    """Higham's gamma_n = n u / (1 - n u)."""
    return n * roundoff / (1 - n * roundoff)


@dataclass(frozen=True, slots=True)
class Spread:
    """What the bound needs to know of a set of rows: extreme squared lengths, and how far storage moved a row."""

    least: float  # min ||x||^2
    most: float  # max ||x||^2
    residual: float = 0.0  # max ||x~ - x||, 0 where tiles read the stored rows themselves

    @classmethod
    def of(cls, squared_lengths: NDArray[np.float64], *, residual: float = 0.0) -> Spread:
        """The spread of rows with these squared lengths (n,), n >= 1."""
        return cls(float(squared_lengths.min()), float(squared_lengths.max()), residual)


@dataclass(frozen=True, slots=True)
class Band:
    """Dot products below `low` are no neighbours, from `high` on they are; between, float64 decides."""

    low: float
    high: float


def tile_error(rows: Spread, columns: Spread, *, dim: int, roundoff: float) -> float:
    """Bound of |s^ - s| for a tile between rows and columns that sums with this unit roundoff (3 and 4 above)."""
    residual_x = rows.residual and rows.residual + dim**0.5 * FLUSHED
    residual_y = columns.residual and columns.residual + dim**0.5 * FLUSHED
    x, y = rows.most**0.5 + residual_x, columns.most**0.5 + residual_y
    return float(gamma(dim, roundoff) * x * y + 2 * dim * FLUSHED + residual_x * y + x * residual_y)


def band(rows: Spread, columns: Spread, *, eps: float, dim: int, roundoff: float) -> Band:
    """The dot products that a tile cannot decide at cosine distance eps, as float64 numbers."""
    g = gamma(dim + 16, FLOAT64_ROUNDOFF)
    slack = tile_error(rows, columns, dim=dim, roundoff=roundoff) + g * (rows.most + columns.most) + 2 * g * eps
    return Band(
        low=(rows.least + columns.least) / 2 - eps - slack, high=(rows.most + columns.most) / 2 - eps + slack
    )


def outward(undecided: Band) -> Band:
    """The band with both ends moved outwards onto float32 numbers, so that a float32 comparison is safe."""
    low = np.nextafter(np.float32(undecided.low), np.float32(-np.inf))
    high = np.nextafter(np.float32(undecided.high), np.float32(np.inf))
    return Band(float(low), float(high))
