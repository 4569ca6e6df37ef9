"""The figures we state are the ones scikit-learn and plain counting state."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from identity.core import metrics

score_lists = st.lists(st.integers(0, 20), min_size=1, max_size=60).map(lambda values: np.array(values, np.float64))


@given(score_lists, score_lists)
def test_auroc_equals_scikit_learn_with_ties(known: np.ndarray, unknown: np.ndarray) -> None:
    truth = np.repeat([1, 0], [len(known), len(unknown)])
    assert metrics.auroc(known, unknown) == pytest.approx(roc_auc_score(truth, np.concatenate([known, unknown])))


@given(score_lists, score_lists)
def test_fpr95_threshold_accepts_95_percent_and_no_higher_one_does(known: np.ndarray, unknown: np.ndarray) -> None:
    thresholds = [t for t in np.unique(known) if (known >= t).mean() >= 0.95 - 1e-9]
    assert metrics.fpr_at_tpr(known, unknown) == pytest.approx((unknown >= max(thresholds)).mean())


@given(score_lists, score_lists, st.sampled_from([1e-3, 1e-2, 0.1, 0.5, 1.0]), st.integers(0, 2**31))
def test_ccr_is_the_best_over_all_thresholds_within_the_fpr(
    known: np.ndarray, unknown: np.ndarray, fpr: float, seed: int
) -> None:
    correct = np.random.default_rng(seed).random(len(known)) < 0.8
    candidates = [*np.unique(known), np.inf]
    best = max((correct & (known >= t)).mean() for t in candidates if (unknown >= t).mean() <= fpr + 1e-12)
    assert metrics.ccr_at_fpr(known, correct, unknown, fpr=fpr) == pytest.approx(best)


@given(score_lists, score_lists)
def test_oscr_of_a_perfect_classifier_is_its_auroc(known: np.ndarray, unknown: np.ndarray) -> None:
    every = np.ones(len(known), bool)
    assert metrics.oscr(known, every, unknown) == pytest.approx(metrics.auroc(known, unknown))
    assert metrics.oscr(known, ~every, unknown) == 0.0


@given(score_lists, score_lists)
def test_area_under_our_curve_is_our_auroc(known: np.ndarray, unknown: np.ndarray) -> None:
    fpr, tpr = metrics.roc_curve(known, unknown)
    assert np.trapezoid(tpr, fpr) == pytest.approx(metrics.auroc(known, unknown))
