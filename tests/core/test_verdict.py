"""The decision rule, against its definition in words and counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.core.answers import Verdict
from identity.core.calibration import p_values
from identity.core.errors import UsageError
from identity.core.nearest import Nearest
from identity.core.rules.conformal import calibrate, conformal_threshold
from identity.core.rules.target_far import scale_thresholds
from identity.core.types import NO_ID
from identity.core.verdict import cheapest_ratio, decide

SCORES = {1: np.linspace(0.01, 0.2, 199, dtype=np.float32), 2: np.linspace(0.01, 0.4, 199, dtype=np.float32)}
CALIBRATION = calibrate(SCORES, space="s", k=1, alpha=0.01)


def found(*rows: tuple[float, float], identities: tuple[int, int] = (1, 2)) -> Nearest:
    distances = np.array(rows, np.float32)[:, :, None]
    return Nearest.everything(np.array(identities), distances, np.ones(distances.shape, np.int64))


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ((0.3, 0.5), Verdict.UNKNOWN),
        ((0.1, 0.5), Verdict.KNOWN),
        ((0.3, 0.35), Verdict.KNOWN),  # 1 is nearer, but beyond its own threshold
        ((np.inf, np.inf), Verdict.UNKNOWN),
    ],
)
def test_one_accepted_identity_is_known_and_none_is_unknown(row: tuple[float, float], verdict: Verdict) -> None:
    assert decide(found(row), CALIBRATION).verdict(0) is verdict


def test_of_several_accepted_the_clearly_nearer_is_meant_and_the_rest_is_ambiguous() -> None:
    from dataclasses import replace

    decisions = decide(found((0.1, 0.3), (0.1, 0.12)), replace(CALIBRATION, ratio=0.7))
    assert [decisions.verdict(0), decisions.verdict(1)] == [Verdict.KNOWN, Verdict.AMBIGUOUS]
    assert decisions.identities[decisions.best].tolist() == [1, 1]


def test_samples_without_identity_never_decide() -> None:
    decisions = decide(found((0.0, 0.3), identities=(NO_ID, 2)), CALIBRATION)
    assert decisions.identities.tolist() == [2]
    assert decisions.verdict(0) is Verdict.KNOWN


def test_identity_with_fewer_than_k_samples_is_never_accepted() -> None:
    unreachable = calibrate({1: SCORES[1], 2: np.full(199, np.inf, np.float32)}, space="s", k=1, alpha=0.01)
    assert decide(found((0.5, 0.0)), unreachable).verdict(0) is Verdict.UNKNOWN


@given(st.integers(1, 400), st.sampled_from([0.01, 0.05, 0.1, 0.2]), st.integers(0, 2**31))
def test_accepted_means_p_above_alpha(n: int, alpha: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = np.sort(rng.choice(50, n).astype(np.float32))
    probes = rng.choice(60, 40).astype(np.float32)
    threshold = conformal_threshold(scores, alpha)
    counted = np.array([(1 + (scores >= probe).sum()) / (n + 1) for probe in probes])
    np.testing.assert_allclose(p_values(scores, probes), counted)
    if threshold is None:
        assert n < 1 / alpha - 1 + 1e-9
    else:
        assert ((probes <= threshold) == (counted > alpha + 1e-12)).all()


def test_promise_holds_on_average_over_calibration_draws() -> None:
    rng = np.random.default_rng(0)
    draws = [conformal_threshold(np.sort(rng.random(99).astype(np.float32)), 0.1) for _ in range(4000)]
    refused = 1 - np.mean(np.array(draws, float))  # uniform scores: the share beyond a threshold is 1 - threshold
    assert 0.09 < refused <= 0.102


def test_too_few_samples_of_a_class_use_the_pooled_threshold_and_say_so() -> None:
    calibration = calibrate({1: SCORES[1], 2: SCORES[2][:5]}, space="s", k=1, alpha=0.01)
    assert calibration.classes[1].enough
    assert not calibration.classes[2].enough
    assert calibration.classes[2].threshold == calibration.pooled.threshold


def test_too_few_samples_in_all_is_an_error_with_its_cure() -> None:
    with pytest.raises(UsageError, match="at least 99"):
        calibrate({1: SCORES[1][:5]}, space="s", k=1, alpha=0.01)


def test_lowered_thresholds_lower_everything_and_change_the_promise() -> None:
    half = scale_thresholds(CALIBRATION, 0.5)
    assert half.classes[1].threshold == pytest.approx(CALIBRATION.classes[1].threshold / 2)
    assert half.rule != CALIBRATION.rule


def test_scores_rank_probes_by_how_far_inside_a_threshold_they_are() -> None:
    decisions = decide(found((0.1, 0.9), (0.5, 0.1), (0.9, 0.9)), CALIBRATION)
    assert decisions.scores().argsort().tolist() == [2, 0, 1]


@given(st.integers(0, 2**31), st.sampled_from([0.0, 2.0, 10.0]))
def test_no_other_ratio_costs_less(seed: int, cost: float) -> None:
    rng = np.random.default_rng(seed)
    distances = rng.random((60, 3)).astype(np.float32)
    accepted = rng.random((60, 3)) < 0.8
    truth = distances.argmin(axis=1)
    truth[:6] = (truth[:6] + 1) % 3
    masked = np.where(accepted, distances, np.float32(np.inf))
    two = np.sort(masked, axis=1)[:, :2]
    several = accepted.sum(axis=1) > 1
    lead = np.divide(two[:, 0], two[:, 1], out=np.ones(60, np.float32), where=several)
    wrong = masked.argmin(axis=1) != truth

    def cost_at(ratio: float) -> float:
        named = several & (lead < np.float32(ratio))
        return float((several & ~named).sum() + cost * (named & wrong).sum())

    chosen = cheapest_ratio(lead[several], wrong[several], cost_of_wrong=cost)
    assert 0 <= chosen <= 1
    assert all(cost_at(chosen) <= cost_at(ratio) for ratio in np.linspace(0, 1, 101))
