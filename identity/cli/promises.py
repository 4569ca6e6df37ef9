"""What a calibration is and what it promises, for every command that mentions one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from identity.core.calibration import Calibration


def calibration_fields(made: Calibration) -> dict[str, Any]:
    """What a calibration is bound to and promises, for every document that mentions one."""
    return {
        "space": made.space,
        "metric": "cosine",
        "method": made.method.value,
        "alpha": made.alpha,
        "k": made.k,
        "ambiguity_ratio": made.ratio,
        "n": made.pooled.n,
        "pooled_threshold": made.pooled.threshold,
        "created_at": made.created_at,
        "far_bound": made.far_bound,
        "fnmr": made.fnmr,
        "stale": made.stale,
        "promise": promise(made),
    }


def promise(made: Calibration) -> str:
    """What may be promised, in these words."""
    if made.far_bound is not None:
        return (
            f"at most {made.far_bound:.3%} of strangers like the negatives given are accepted (95 % confidence); "
            f"{made.fnmr or 0.0:.2%} of the calibration samples are refused for it. This replaces the promise of alpha."
        )
    return (
        f"averaged over calibration draws, for probes exchangeable with the {made.pooled.n} calibration images, the "
        f"true identity is refused with probability at most {made.alpha:g}. Nothing is promised about strangers, "
        "other cameras or other writers."
    )
