"""How far a scan's similarities can be wrong, proven, so that what it does not list is farther than it says.

A scan gives e, an estimate of x.y for a probe x and a gallery vector y of dimension d. Beside each y stands y~ = S c,
c its 8-bit integers and S a diagonal of float32 scales, and the probe is asked as q k, k 8-bit integers and q > 0; a
scan of the stored vectors themselves has y~ = y and is asked with x. Let gamma_n(u) = n u / (1 - n u) (Higham,
"Accuracy and Stability of Numerical Algorithms", 2nd ed. 2002, section 3.1).

1. Storage. |x.y - x.y~| <= ||x|| r, r = max ||y - y~|| (Cauchy-Schwarz).
2. The probe. x.y~ = (S x).c, and |(S x).c - q k.c| <= ||S x - q k|| m, m = max ||c||. These norms, r and m are
   measured in float64 from the numbers that were stored, and raised by (1 + SAFETY).
3. The sum. Of integers it is exact in 32 bits, and rounded once at most; of float32 numbers it is wrong by no more than
   gamma_d(2^-24) sum |x_i y_i| in any order, with or without fused multiply-add, and 2^-126 for each product and sum
   that is flushed to zero. So gamma_d(2^-24) ||q k|| m, or gamma_d(2^-24) ||x|| l + d 2^-125, l = max ||y||, covers
   it whichever way it is summed.
4. Scoring. A listed y is scored by s = fl32(t), t the sum in float64: |t - x.y| <= gamma_d(2^-53) ||x|| l. Its
   distance is max(fl32(1 - s), 0).

E is the sum of these. Where e <= b, t <= b + E; rounding is monotone, so the distance is at least
max(fl32(1 - fl32(b + E)), 0): one float32 number below that is a horizon. Where a scan lists its K best, b is the K-th
estimate; where it lists what is above a radius, the radius. The other way round, fl32(1 - s) <= D needs
1 - s <= D + 2^-23 and t >= s - 2^-22 for distances up to 2: the radius for a distance D is 1 - D - E - 2^-20, which
leaves room for rounding that sum.

Probes are finite. E is computed in float64 and raised by (1 + SAFETY), which exceeds the rounding of its own terms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.core.types import Distances, Vectors

FLOAT32_ROUNDOFF = 2.0**-24
FLOAT64_ROUNDOFF = 2.0**-53
FLUSHED = 2.0**-125
SAFETY = 2.0**-30  # more than d 2^-53 for every d that there is
RADIUS_MARGIN = 2.0**-20
STEPS = 127  # on each side of 0
PORTION_ROWS = 8192

Errors = NDArray[np.float64]  # (n,) E of each probe


def gamma(n: int, roundoff: float) -> float:
    """Higham's gamma_n = n u / (1 - n u)."""
    return n * roundoff / (1 - n * roundoff)


@dataclass(frozen=True, slots=True)
class ScanBound:
    """What the proof needs to know of the stored vectors."""

    dim: int
    length: float  # l, of the vectors themselves
    residual: float = 0.0  # r
    integers: float = 0.0  # m

    @classmethod
    def of_codes(cls, vectors: Vectors, codes: NDArray[np.int8], scales: Vectors) -> ScanBound:
        """Of vectors (n, dim), and of what is scanned in their place: codes (n, dim) times scales (dim,)."""
        most = np.zeros(3)
        for low in range(0, len(vectors), PORTION_ROWS):
            rows = vectors[low : low + PORTION_ROWS].astype(np.float64)
            integers = codes[low : low + PORTION_ROWS].astype(np.float64)
            of_these = [_longest(rows), _longest(rows - integers * scales.astype(np.float64)), _longest(integers)]
            most = np.maximum(most, of_these)
        length, residual, integers_length = (most * (1 + SAFETY)).tolist()
        return cls(vectors.shape[1], length, residual, integers_length)

    @classmethod
    def of_vectors(cls, vectors: Vectors) -> ScanBound:
        """Of vectors (n, dim) that are scanned themselves; squares summed in float32 are wrong by gamma_d at most."""
        dim = vectors.shape[1]
        squared = float(np.einsum("nd,nd->n", vectors, vectors).max(initial=0)) + dim * FLUSHED
        return cls(dim, float(np.sqrt(squared)) * (1 + 2 * gamma(dim + 4, FLOAT32_ROUNDOFF)))

    def errors(self, probes: Vectors) -> Errors:
        """E for each probe (n,) where the vectors themselves are scanned."""
        lengths = np.linalg.norm(probes.astype(np.float64), axis=1)
        summed = lengths * gamma(self.dim, FLOAT32_ROUNDOFF) * self.length + self.dim * FLUSHED
        return np.asarray((summed + lengths * self._scored) * (1 + SAFETY))

    def errors_of_codes(self, probes: Vectors, question: Question) -> Errors:
        """E for each probe (n,) where codes are scanned, asked this question."""
        lengths = np.linalg.norm(probes.astype(np.float64), axis=1)
        asked = question.steps * np.linalg.norm(question.integers.astype(np.float64), axis=1)
        summed = gamma(self.dim, FLOAT32_ROUNDOFF) * asked
        total = lengths * (self.residual + self._scored) + (question.residuals + summed) * self.integers
        return np.asarray(total * (1 + SAFETY))

    @property
    def _scored(self) -> float:
        return gamma(self.dim, FLOAT64_ROUNDOFF) * self.length


@dataclass(frozen=True, slots=True)
class Question:
    """Probes as integers (n, dim), in float32: q k, q the steps (n,), stands for S x, residuals (n,) away from it."""

    integers: Vectors
    steps: NDArray[np.float64]
    residuals: NDArray[np.float64]

    @classmethod
    def of(cls, probes: Vectors, scales: Vectors) -> Question:
        """Of probes (n, dim), for codes with these scales (dim,)."""
        wanted = probes.astype(np.float64) * scales.astype(np.float64)
        steps = np.abs(wanted).max(axis=1, initial=0) / STEPS
        steps = np.where(steps > 0, steps, 1.0)
        integers = np.clip(np.rint(wanted / steps[:, None]), -STEPS, STEPS)
        residuals = np.linalg.norm(wanted - steps[:, None] * integers, axis=1) * (1 + SAFETY)
        return cls(integers.astype(np.float32), steps, residuals)


def horizons(estimates: NDArray[np.floating], errors: Errors) -> Distances:
    """A distance (n,) below that of every vector whose estimate is at most the one given (n,)."""
    with np.errstate(over="ignore"):
        most = np.nextafter(estimates.astype(np.float64) + errors, np.inf).astype(np.float32)
    return np.asarray(np.nextafter(np.float32(1) - most, np.float32(-np.inf)), np.float32)


def radius(errors: Errors, distances: NDArray[np.floating] | float) -> NDArray[np.float32]:
    """Estimates (n,), float32 numbers, above which is all that lies within each distance."""
    exact = 1 - np.asarray(distances, np.float64) - errors - RADIUS_MARGIN
    return np.nextafter(exact.astype(np.float32), np.float32(-np.inf))


def floors(estimates: NDArray[np.floating], errors: Errors) -> NDArray[np.float32]:
    """Estimates (n,) above which is all that may be as near as a vector with an estimate of at least the one given.

    Its distance is at most 1 - e + E, with all rounding 2^-22 more, but never below 0.
    """
    return radius(errors, np.maximum(1 - estimates.astype(np.float64) + errors + 2.0**-22, 0))


def quantise(vectors: Vectors) -> tuple[NDArray[np.int8], Vectors]:
    """Codes (n, dim) and scales (dim,): each number as one of 255 steps of what its column needs."""
    most = np.abs(vectors).max(axis=0, initial=0).astype(np.float64)
    scales = (most / STEPS).astype(np.float32)
    divisors = np.where(scales > 0, scales, np.float32(1)).astype(np.float64)
    codes = np.empty(vectors.shape, np.int8)
    for low in range(0, len(vectors), PORTION_ROWS):
        part = slice(low, low + PORTION_ROWS)
        codes[part] = np.clip(np.rint(vectors[part] / divisors), -STEPS, STEPS)
    return codes, scales


def _longest(rows: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(rows, axis=1).max(initial=0))
