"""Class-conditional split-conformal thresholds, from samples that are in neither training nor gallery.

Method: Mondrian conformal prediction (Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World", 2005).
With the score s_c(x), the distance from x to its k-th nearest sample of identity c, and n_c calibration scores
of c, the threshold T_c is the ceil((n_c + 1)(1 - alpha))-th smallest of them. Then, averaged over calibration
draws and for probes exchangeable with the calibration images, c is refused on its own with probability <= alpha.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import ceil
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from identity.core.calibration import Calibration, ClassCalibration, Facts, Scores
from identity.core.errors import NotCalibratedError, UsageError
from identity.core.rules.rule import Evidence, RuleOptions, check_rate
from identity.core.types import NO_ID, Labelled
from identity.core.verdict import cheapest_ratio

NAME = "conformal"
ALPHA = 0.01  # unless told otherwise
LARGE_CLASS = 50  # samples from which one mislabelled neighbour must not decide
K_OF_LARGE = 5


@dataclass(frozen=True, slots=True)
class ConformalFacts:
    """The probability with which the true identity may be refused."""

    pools_scores: ClassVar[bool] = False
    remark: ClassVar[str] = ""
    alpha: float


class Conformal:
    """The rule for galleries with enough images of each identity to keep some of them for calibration."""

    name = NAME
    about = (
        "For galleries that keep some images for calibration: at most the share alpha of images like those is "
        "refused as their own identity. Nothing is promised about strangers."
    )
    options = frozenset({"alpha", "k"})
    ages = False  # adding samples only brings probes nearer: alpha holds

    def calibrate(self, evidence: Evidence, options: RuleOptions) -> Calibration:
        """Thresholds from the calibration samples. Raises `UsageError`, and `NotCalibratedError` where there are none.

        An identity with too few of them for alpha has the pooled threshold.
        """
        alpha = ALPHA if options.alpha is None else options.alpha
        check_rate("alpha", alpha)
        if options.k is not None and options.k < 1:
            raise UsageError(f"--k must be at least 1, got {options.k}")
        held_out = evidence.calibration_samples()
        if not len(held_out.ids):
            raise NotCalibratedError(
                f"gallery '{evidence.gallery}' has no calibration samples: "
                "enroll labelled images with --calibration-fraction"
            )
        k = _usual_k(evidence.gallery_samples()) if options.k is None else options.k
        own = _own_scores(held_out, evidence, k)
        if not any(np.isfinite(scores).any() for scores in own.values()):
            name = evidence.gallery
            raise UsageError(f"no identity of gallery '{name}' has {k} samples: give a smaller --k, or enroll more")
        made = calibrate(own, space=evidence.space, k=k, alpha=alpha)
        return replace(made, ratio=_ratio(held_out, evidence, made))

    def summary(self, calibration: Calibration) -> str:
        """The alpha."""
        return f"alpha {calibration.facts_as(ConformalFacts).alpha:g}"

    def promise(self, calibration: Calibration) -> list[str]:
        """The promise of split-conformal prediction, and what it leaves out."""
        alpha = calibration.facts_as(ConformalFacts).alpha
        return [
            f"averaged over calibration draws, for probes exchangeable with the {calibration.pooled.n} calibration "
            f"images, the true identity is refused with probability at most {alpha:g}.",
            "Nothing is promised about strangers, other cameras or other writers.",
        ]

    def fields(self, calibration: Calibration) -> dict[str, Any]:
        """The alpha."""
        return dict(self.facts_to_json(calibration.facts))

    def identity_fields(self, _calibration: Calibration, _identity: int, _samples: int, /) -> dict[str, Any]:
        """None: an identity's threshold says all."""
        return {}

    def facts_to_json(self, facts: Facts) -> Mapping[str, Any]:
        """As a store keeps them."""
        assert isinstance(facts, ConformalFacts)
        return asdict(facts)

    def facts_from_json(self, stored: Mapping[str, Any]) -> Facts:
        """As they were."""
        return ConformalFacts(**stored)


def conformal_threshold(scores: Scores, alpha: float) -> float | None:
    """The ceil((n + 1)(1 - alpha))-th smallest of ascending scores (n,), None where n is too small for alpha."""
    rank = ceil(round((len(scores) + 1) * (1 - alpha), 9))
    return float(scores[rank - 1]) if 1 <= rank <= len(scores) else None


def calibrate(
    scores: Mapping[int, NDArray[np.float32]], *, space: str, k: int, alpha: float, created_at: str = ""
) -> Calibration:
    """Thresholds from each identity's own calibration scores (n_c,), its distances to its k-th nearest sample.

    Infinite scores (fewer than k samples enrolled) stay infinite: such an identity is never accepted.
    Raises `UsageError` for an alpha outside 0..1 and where no identity has a calibration sample.
    """
    check_rate("alpha", alpha)
    ordered = {identity: np.sort(values) for identity, values in scores.items()}
    pooled_scores = np.sort(np.concatenate(list(ordered.values()))) if ordered else np.empty(0, np.float32)
    pooled_threshold = conformal_threshold(pooled_scores, alpha)
    if pooled_threshold is None:
        raise UsageError(
            f"{len(pooled_scores)} calibration samples are too few for alpha {alpha:g}: enroll at least "
            f"{ceil(1 / alpha) - 1} with --calibration-fraction, or ask for a larger --alpha"
        )
    pooled = ClassCalibration(pooled_scores, pooled_threshold)
    classes = {identity: _of_class(values, alpha, pooled) for identity, values in ordered.items()}
    return Calibration(space, k, NAME, ConformalFacts(alpha), classes, pooled, ratio=1.0, created_at=created_at)


def _of_class(scores: Scores, alpha: float, pooled: ClassCalibration) -> ClassCalibration:
    threshold = conformal_threshold(scores, alpha)
    if threshold is None:
        return ClassCalibration(scores, pooled.threshold, enough=False)
    return ClassCalibration(scores, threshold)


def _usual_k(searched: Labelled) -> int:
    _, sizes = np.unique(searched.identities[searched.identities != NO_ID], return_counts=True)
    return K_OF_LARGE if len(sizes) and np.median(sizes) >= LARGE_CLASS else 1


def _own_scores(held_out: Labelled, evidence: Evidence, k: int) -> dict[int, NDArray[np.float32]]:
    """Distance of each calibration sample to the k-th nearest sample of its own identity, by identity."""
    own = evidence.own_distances(held_out, k=k)[:, k - 1]
    return {int(one): own[held_out.identities == one] for one in np.unique(held_out.identities)}


def _ratio(held_out: Labelled, evidence: Evidence, calibration: Calibration) -> float:
    decided = list(evidence.decisions(held_out.vectors, calibration))
    lead = np.concatenate([part.lead for part in decided])
    meant = np.concatenate([part.identities[part.best] for part in decided])
    several = ~np.isnan(lead)
    return cheapest_ratio(lead[several], (meant != held_out.identities)[several])
