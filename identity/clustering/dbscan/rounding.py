"""How far a tile's dot products can be wrong, proven, so that every pair near the threshold is decided again.

The relation is D^ <= 2 eps, D^ the float64 evaluation of D = ||x - y||^2 on the stored float32 rows. A tile gives
s^, a rounded s = x.y, and D = p + q - 2 s with p = ||x||^2, q = ||y||^2. All bounds below hold for any order of
summation, with or without fused multiply-add (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed.
2002, section 3.1), with gamma_n(u) = n u / (1 - n u) and d the dimension.

1. The oracle's own rounding. Differences, squares and sums of non-negative terms: D^ = D (1 + t),
   |t| <= g := gamma_{d+16}(2^-53). So D <= 2 eps (1 - g) makes the pair a neighbour for
   certain, and D > 2 eps (1 + 2 g) for certain not, since 1/(1 + g) >= 1 - g and 1/(1 - g) <= 1 + 2 g for g <= 1/2.
2. The lengths. p, q are sums of squares, of relative error at most gamma_d(u) in the type they are summed in: the
   extremes over all rows are summed in float32 and moved outwards by that much, those of a float64 tile in float64.
3. The tile. |s^ - s| <= gamma_d(u) |x|.|y| <= gamma_d(u) ||x|| ||y|| ((3.5) there, and Cauchy-Schwarz), plus at most
   2^-126 for each of the 2d operations whose result is flushed to zero: d 2^-125. float32: u = 2^-24, float64:
   u = 2^-53.
4. Rounded rows, to bfloat16 or to scale * k in 8 bits. With x~ = x + e, |x~.y~ - x.y| = |e_x.y~ + x.e_y| <=
   r_x ||y~|| + ||x|| r_y, where r = ||e|| is measured row by row in float32, too small by at most
   gamma_{d+4}(2^-24) r + 2^-23 ||x||; an input that is flushed to zero, below 2^-126, is covered by the latter.
   Products of 8-bit integers are summed exactly: u = 0. A product of bfloat16 has 16 significant bits, so it is exact
   in float32 and only its sums round: float32 sums in any order, zeros that fill a row up included, give 3 with x~, y~
   for x, y. They are to nearest (VDPBF16PS, TDPBF16PS, float32's own operations) or to odd (BFDOT, BFMOPA, an error
   of one unit in the last place): u = 2^-23 covers both. That a compiled kernel does sum in float32 is what
   `bfloat16_tiles.sums_in_float32` tries before it is trusted.

5. Heads (`rotation`). V has h nearly orthonormal columns, V'V = 1 + E, and a is V'x as it was computed in float64 and
   stored in float32, so a = V'x + e. What is left, w = x - V a, has V'w = -e - E a, hence
       x.y = (V a + w).(V b + z) <= a.b + |w| |z| + |E| |a| |b| + |a| (|f| + |E| |b|) + |b| (|e| + |E| |a|)
   and |w|^2 = |x|^2 - |a|^2 + 2 e.a + a'E a. With |a| <= 1.02, what follows |w| |z| is at most T := 3.2 |E| + 2.1 |e|,
   and |w|^2 <= |x|^2 - |a|^2 + T. So the heads (a, r), r^2 >= |x|^2 - |a|^2 + 2 T in float64 (the second T is far
   above the rounding of these sums, gamma_d(2^-53) x 4), r rounded up to float32, have a product of at least x.y - T.
   |e| <= 1.02 x 2^-24 + sqrt(h) (1.03 gamma_d(2^-53) + 2^-149): float32, then the float64 product. |E| is at most the
   Frobenius norm of V'V - 1 as computed, plus 1.1 d gamma_d(2^-53) for its own rounding.
   Heads that are float32 rows themselves are multiplied by tiles as any rows are: 3 and 4 with their dimension and
   lengths, 1 with that of the vectors. Lengths p, q stay those of the vectors. Nothing above a threshold is certain.

A pair is a neighbour iff s >= (p + q)/2 - eps. Taken over all rows, or those of a tile:

    s^ >= (max p + max q)/2 - eps + slack   => neighbour
    s^ <  (min p + min q)/2 - eps - slack   => no neighbour
    slack = 3 and 4 above + g (max p + max q) + 2 g eps

and everything between the two is decided in float64. Lengths are within 1 % of 1 and eps <= 2, so the half dozen
float64 operations that compute these lines err by less than 24 x 2^-53: g (max p + max q), of which 1 needs nothing,
covers them. The thresholds are rounded outwards to the tile's type.
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
    def of(cls, rows: NDArray[np.floating]) -> Spread:
        """The spread of rows (n, dim), n >= 1, summed in their own type."""
        squared = np.einsum("ij,ij->i", rows, rows)
        slack = gamma(rows.shape[1] + 4, float(np.finfo(rows.dtype).eps) / 2)
        return cls(float(squared.min()) * (1 - slack), float(squared.max()) * (1 + 2 * slack))


@dataclass(frozen=True, slots=True)
class Band:
    """Dot products below `low` are no neighbours, from `high` on they are; between, float64 decides."""

    low: float
    high: float


def residual_bound(measured: float, *, dim: int) -> float:
    """An upper bound of max ||x~ - x|| given its largest float32 measurement (4 above), lengths within 1 % of 1."""
    return measured * (1 + 2 * gamma(dim + 4, FLOAT32_ROUNDOFF)) + 1.01 * BFLOAT16_SUM_ROUNDOFF


def tile_error(rows: Spread, columns: Spread, *, dim: int, roundoff: float) -> float:
    """Bound of |s^ - s| for a tile between rows and columns that sums with this unit roundoff (3 and 4 above)."""
    residual_x, residual_y = rows.residual, columns.residual
    x, y = rows.most**0.5 + residual_x, columns.most**0.5 + residual_y
    return float(gamma(dim, roundoff) * x * y + 2 * dim * FLUSHED + residual_x * y + x * residual_y)


def band(rows: Spread, columns: Spread, *, eps: float, dim: int, roundoff: float) -> Band:
    """The dot products that a tile cannot decide at cosine distance eps, as float64 numbers."""
    g = gamma(dim + 16, FLOAT64_ROUNDOFF)
    slack = tile_error(rows, columns, dim=dim, roundoff=roundoff) + g * (rows.most + columns.most) + 2 * g * eps
    return Band(
        low=(rows.least + columns.least) / 2 - eps - slack, high=(rows.most + columns.most) / 2 - eps + slack
    )


def round_outward(undecided: Band) -> Band:
    """The band with both ends moved outwards onto float32 numbers, so that a float32 comparison is safe."""
    low = np.nextafter(np.float32(undecided.low), np.float32(-np.inf))
    high = np.nextafter(np.float32(undecided.high), np.float32(np.inf))
    return Band(float(low), float(high))


def skew_bound(axes: NDArray[np.float64]) -> float:
    """A bound of the spectral norm of V'V - 1 for axes V (dim, dim) whose columns are within 1 % of unit length."""
    dim = len(axes)
    computed = float(np.linalg.norm(axes.T @ axes - np.eye(axes.shape[1])))
    return float(computed * (1 + 2.0**-20) + 1.1 * dim * gamma(dim, FLOAT64_ROUNDOFF))


def head_error(skew: float, *, dim: int, length: int) -> float:
    """T of 5 above: the product of two heads of this length is at least that of their vectors less this."""
    stored = 1.02 * FLOAT32_ROUNDOFF + length**0.5 * (1.03 * gamma(dim, FLOAT64_ROUNDOFF) + 2.0**-149)
    return float(3.2 * skew + 2.1 * stored)


def oracle_error(*, dim: int, eps: float, most: float) -> float:
    """What 1 above takes off the threshold, for vectors of this dimension and greatest squared length."""
    return 2 * gamma(dim + 16, FLOAT64_ROUNDOFF) * (most + eps)


def rounded_up(numbers: NDArray[np.float64]) -> NDArray[np.float32]:
    """The next float32 numbers above these."""
    return np.asarray(np.nextafter(numbers.astype(np.float32), np.float32(np.inf)))
