"""How well known and unknown are told apart. Known is the positive class throughout; higher scores are more known.

AUROC and FPR95 as in Hendrycks & Gimpel 2017; CCR at FPR and OSCR as in Dhamija, Günther & Boult, "Reducing Network
Agnostophobia", 2018. Pure numpy; tests compare with scikit-learn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.floating]


def auroc(known: Scores, unknown: Scores) -> float:
    """Probability that a known probe scores above an unknown one, ties counted half."""
    ordered = np.sort(unknown)
    below = np.searchsorted(ordered, known, side="left")
    not_above = np.searchsorted(ordered, known, side="right")
    return float((below + not_above).mean() / 2 / len(unknown))


def fpr_at_tpr(known: Scores, unknown: Scores, *, tpr: float = 0.95) -> float:
    """Share of unknown probes accepted at the threshold that accepts at least `tpr` of the known ones (FPR95)."""
    rank = min(int(np.floor((1 - tpr) * len(known) + 1e-9)), len(known) - 1)
    return float((unknown >= np.sort(known)[rank]).mean())


def ccr_at_fpr(known: Scores, correct: NDArray[np.bool_], unknown: Scores, *, fpr: float) -> float:
    """Share of known probes classified correctly and accepted where at most `fpr` of the unknown are accepted."""
    allowed = int(np.floor(fpr * len(unknown) + 1e-9))
    barrier = np.sort(unknown)[::-1][allowed] if allowed < len(unknown) else -np.inf
    return float((correct & (known > barrier)).mean())


def oscr(known: Scores, correct: NDArray[np.bool_], unknown: Scores) -> float:
    """Area under the curve of the correct classification rate over the false positive rate."""
    right = known[correct]
    if not len(right):
        return 0.0
    return auroc(right, unknown) * len(right) / len(known)


def roc_curve(known: Scores, unknown: Scores) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """False and true positive rates (m,), both ascending, at every distinct score."""
    levels = np.unique(np.concatenate([known, unknown]))[::-1]
    positives = len(known) - np.searchsorted(np.sort(known), levels, side="left")
    negatives = len(unknown) - np.searchsorted(np.sort(unknown), levels, side="left")
    return np.append(0, negatives / len(unknown)), np.append(0, positives / len(known))
