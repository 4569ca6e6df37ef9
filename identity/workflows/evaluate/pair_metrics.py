"""Error rates of pairs and of searches among people, in the terms of ISO/IEC 19795.

Verification: FMR, the share of pairs of different people that match; FNMR, the share of one person's pairs that do
not; TAR = 1 - FNMR at a given FMR. Search: FPIR, the share of strangers that are accepted as anyone; TPIR, the share of
known people who are accepted under their own name and nearest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.core.metrics import ccr_at_fpr
from identity.core.pair_distances import BINS, count_pairs, faces_of
from identity.core.types import Labelled, Vectors

FARS = (1e-2, 1e-3)
FPIRS = (1e-1, 1e-2, 1e-3)
CURVE_STEPS = 400
SEED = 0


@dataclass(frozen=True, slots=True)
class Curve:
    """FMR and FNMR (m,) at ascending cosine distances (m,)."""

    distances: NDArray[np.float64]
    fmr: NDArray[np.float64]
    fnmr: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PairFigures:
    """What all pairs among some photographs show; NaN where there are none."""

    photographs: int
    people: int
    mated_pairs: int
    other_pairs: int
    tar_at_far: Mapping[str, float]
    distance_at_far: Mapping[str, float]
    threshold: float  # the gallery's own
    fmr: float
    fnmr: float


@dataclass(frozen=True, slots=True)
class SearchFigures:
    """What searches found. Without strangers of their own, every known person asks once more, left out."""

    known: int
    strangers: int
    left_out: bool
    rank_1: float
    tpir: float  # at the gallery's own thresholds
    fpir: float
    tpir_at_fpir: Mapping[str, float]


def pair_figures(vectors: Vectors, labels: NDArray[np.str_], *, threshold: float) -> tuple[PairFigures, Curve]:
    """Every photograph (n, dim) against every other; `labels` (n,) say whom they show."""
    names, who = np.unique(labels.astype(str), return_inverse=True)
    labelled = Labelled(np.arange(len(who)), who.astype(np.int64), vectors)
    seen = count_pairs(faces_of(labelled, np.arange(len(who)), np.random.default_rng(SEED)))
    mated, other = (np.append(0, np.cumsum(one)) for one in (seen.mated_histogram, seen.histogram))
    fmr, fnmr = _share(other), _share(mated[-1] - mated, of=mated)
    edges = np.arange(BINS + 1) * (2 / BINS)
    last = {f"{far:g}": int(np.searchsorted(fmr, far, side="right")) - 1 for far in FARS} if other[-1] else {}
    own = min(int(threshold / 2 * BINS) + 1, BINS)
    figures = PairFigures(
        photographs=len(who),
        people=len(names),
        mated_pairs=int(mated[-1]),
        other_pairs=int(other[-1]),
        tar_at_far={far: float(1 - fnmr[place]) for far, place in last.items()},
        distance_at_far={far: float(edges[place]) for far, place in last.items()},
        threshold=threshold,
        fmr=float(fmr[own]),
        fnmr=float(fnmr[own]),
    )
    step = max(1, BINS // CURVE_STEPS)
    return figures, Curve(*(np.asarray(one[::step], np.float64) for one in (edges, fmr, fnmr)))


def _share(counts: NDArray[np.int64], of: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
    total = (counts if of is None else of)[-1]
    shares: NDArray[np.float64] = counts.astype(np.float64) / total if total else np.full(len(counts), np.nan)
    return shares


def search_figures(
    known: NDArray[np.float64],
    correct: NDArray[np.bool_],
    strangers: NDArray[np.float64],
    *,
    left_out: bool,
) -> SearchFigures:
    """From scores: -1 is the threshold itself, above it a probe is accepted."""
    at = {f"{fpir:g}": ccr_at_fpr(known, correct, strangers, fpr=fpir) for fpir in FPIRS} if len(strangers) else {}
    return SearchFigures(
        known=len(known),
        strangers=len(strangers),
        left_out=left_out,
        rank_1=_mean(correct),
        tpir=_mean(correct & (known >= -1)),
        fpir=_mean(strangers >= -1),
        tpir_at_fpir=at,
    )


def _mean(hits: NDArray[np.bool_]) -> float:
    return float(hits.mean()) if len(hits) else float("nan")
