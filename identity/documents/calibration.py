"""The fields of a calibration, in every document that mentions one; those of one rule are the rule's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from identity.core.calibration import Calibration

HALF_OWN = 30  # samples from which an identity's threshold is half its own, and half the pooled one


def calibration_fields(made: Calibration) -> dict[str, Any]:
    """What a calibration is bound to and promises."""
    from identity.core.rules.table import rule_of  # numpy: too slow for `--help`

    rule = rule_of(made)
    return {
        "space": made.space,
        "metric": "cosine",
        "rule": made.rule,
        "k": made.k,
        "ambiguity_ratio": made.ratio,
        "n": made.pooled.n,
        "pooled_threshold": made.pooled.threshold,
        "created_at": made.created_at,
        "stale": made.stale,
        **rule.fields(made),
        "promise": " ".join(rule.promise(made)),
    }


def identity_fields(
    names: Mapping[int, str], counts: Mapping[int, int], made: Calibration, identity: int
) -> Mapping[str, Any]:
    """One identity's threshold; where it leans on the pooled one, by how much."""
    from identity.core.rules.people_points import people_thresholds

    entry, points = made.classes[identity], people_thresholds(made)
    fields = {"identity": names[identity], "n": entry.n, "threshold": entry.threshold, "enough": entry.enough}
    if points is None:
        return fields
    return fields | {
        "n": counts[identity],
        "own_comparisons": entry.n,
        "own_weight": own_weight(counts[identity]),
        "fpir_interval": [points.search.low, points.search.high],
        "insufficient_data": not entry.enough,
    }


def own_weight(samples: int) -> float:
    """How much of an identity's threshold is its own: the rest is the pooled one."""
    return samples / (HALF_OWN + samples)
