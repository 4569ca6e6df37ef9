"""Conformal thresholds, lowered until strangers like given negatives are accepted rarely enough, and what that costs.

The bound of the share accepted is that of Clopper & Pearson, "The use of confidence or fiducial limits illustrated in
the case of the binomial", Biometrika 26, 1934. Negatives of one person count once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import ceil, log
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from identity.core.calibration import Calibration, Facts
from identity.core.errors import UsageError
from identity.core.rules.conformal import Conformal, ConformalFacts
from identity.core.rules.rule import Evidence, RuleOptions, check_rate
from identity.core.types import Vectors

NAME = "target-far"
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class TargetFarFacts:
    """What was shown with the negatives, and what it cost."""

    pools_scores: ClassVar[bool] = False
    remark: ClassVar[str] = ""
    alpha: float  # of the conformal thresholds that were lowered
    far_bound: float  # one-sided 95 % upper bound of the share of negatives accepted
    fnmr: float  # share of the calibration samples refused for it


class TargetFar:
    """The rule where strangers matter more than misses, and images of strangers are at hand."""

    name = NAME
    about = (
        "For galleries with images of strangers at hand: strangers like those are accepted as anybody at most at "
        "the rate that was asked for. What that costs in refusals is measured."
    )
    options = frozenset({"alpha", "k", "target_far", "negatives"})
    ages = True  # more samples accept more strangers

    def calibrate(self, evidence: Evidence, options: RuleOptions) -> Calibration:
        """Conformal thresholds times one factor. Raises `UsageError` where the negatives cannot show the target."""
        target = options.target_far
        if target is None or not options.negatives:
            raise UsageError("a target FAR and negatives go together: give --target-far and --negatives")
        check_rate("target-far", target)
        start = Conformal().calibrate(evidence, options)
        factor, bound = safe_factor(_nearest(evidence, start), target_far=target)
        lower = scale_thresholds(start, factor)
        own = evidence.calibration_samples().vectors
        refused = np.concatenate([part.codes == 0 for part in evidence.decisions(own, lower)])
        alpha = start.facts_as(ConformalFacts).alpha
        return replace(lower, facts=TargetFarFacts(alpha, bound, float(refused.mean())))

    def summary(self, calibration: Calibration) -> str:
        """The bound that was shown."""
        return f"FAR under {calibration.facts_as(TargetFarFacts).far_bound:.2g}"

    def promise(self, calibration: Calibration) -> list[str]:
        """The bound, and what was paid for it."""
        facts = calibration.facts_as(TargetFarFacts)
        return [
            f"at most {facts.far_bound:.3%} of strangers like the negatives given are accepted (95 % confidence); "
            f"{facts.fnmr:.2%} of the calibration samples are refused for it.",
            "This replaces the promise of alpha.",
        ]

    def fields(self, calibration: Calibration) -> dict[str, Any]:
        """Alpha, bound and cost."""
        return dict(self.facts_to_json(calibration.facts))

    def identity_fields(self, _calibration: Calibration, _identity: int, _samples: int, /) -> dict[str, Any]:
        """None: an identity's threshold says all."""
        return {}

    def facts_to_json(self, facts: Facts) -> Mapping[str, Any]:
        """As a store keeps them."""
        assert isinstance(facts, TargetFarFacts)
        return asdict(facts)

    def facts_from_json(self, stored: Mapping[str, Any]) -> Facts:
        """As they were."""
        return TargetFarFacts(**stored)


def _nearest(evidence: Evidence, calibration: Calibration) -> NDArray[np.float64]:
    """How near each stranger comes to being accepted as anyone (p,): the smallest s_c/T_c of all their vectors."""
    found: list[tuple[str, Vectors]] = evidence.negatives()
    if not found:
        raise UsageError("no negative shows anything: give images of things that are not in the gallery")
    vectors = np.concatenate([vectors for _, vectors in found])
    persons = np.repeat([person for person, _ in found], [len(vectors) for _, vectors in found])
    relative = -evidence.scores(vectors, calibration)
    _, person_of = np.unique(persons, return_inverse=True)
    nearest = np.full(person_of.max() + 1, np.inf)
    np.minimum.at(nearest, person_of, relative)
    return nearest


def scale_thresholds(calibration: Calibration, factor: float) -> Calibration:
    """The same calibration with every threshold multiplied by `factor` (0..1)."""
    classes = {
        identity: replace(entry, threshold=entry.threshold * factor)
        for identity, entry in calibration.classes.items()
    }
    pooled = replace(calibration.pooled, threshold=calibration.pooled.threshold * factor)
    return replace(calibration, rule=NAME, classes=classes, pooled=pooled)


def safe_factor(relative: NDArray[np.floating], *, target_far: float) -> tuple[float, float]:
    """The largest factor (at most 1) on all thresholds that keeps the negatives' bound under the target, and the bound.

    `relative` (n,) is each negative's smallest s_c/T_c. The bound is the one-sided 95 % Clopper-Pearson bound of the
    share accepted. Raises `UsageError` where even accepting none of n negatives proves too little.
    """
    ordered, n = np.sort(relative), len(relative)
    if upper_bound(0, n) > target_far:
        raise UsageError(
            f"{n} negatives cannot show a FAR under {target_far:g} with 95 % confidence: "
            f"give at least {ceil(log(1 - CONFIDENCE) / log(1 - target_far))}"
        )
    allowed = max(count for count in range(n + 1) if count == 0 or upper_bound(count, n) <= target_far)
    accepted = int((ordered <= 1).sum())
    if accepted <= allowed:
        return 1.0, upper_bound(accepted, n)
    factor = float(np.nextafter(ordered[allowed], -np.inf)) * (1 - 1e-6)  # strictly below the first one too many
    return factor, upper_bound(int((ordered <= factor).sum()), n)


def upper_bound(count: int, n: int) -> float:
    """One-sided 95 % Clopper-Pearson upper bound of a share of which `count` in `n` were seen (1934)."""
    from scipy.special import betaincinv  # 0.2 s that no query needs

    return 1.0 if count >= n else float(betaincinv(count + 1, n - count, CONFIDENCE))
