"""What a calibration is and what it promises, for every command that mentions one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from identity.core.calibration import Calibration, ChosenPoint, PeopleThresholds


def calibration_fields(made: Calibration) -> dict[str, Any]:
    """What a calibration is bound to and promises, for every document that mentions one."""
    return {
        "space": made.space,
        "metric": "cosine",
        "method": made.method.value,
        "alpha": made.alpha if made.people is None else None,
        "k": made.k,
        "ambiguity_ratio": made.ratio,
        "n": made.pooled.n,
        "pooled_threshold": made.pooled.threshold,
        "created_at": made.created_at,
        "far_bound": made.far_bound,
        "fnmr": made.fnmr,
        "stale": made.stale,
        "people": None if made.people is None else _people_fields(made.people),
        "promise": promise(made),
    }


def _people_fields(people: PeopleThresholds) -> dict[str, Any]:
    points = {"verify": people.verify, "doubt": people.doubt, "search": people.search}
    return {name: _point_fields(point) for name, point in points.items()}


def _point_fields(point: ChosenPoint) -> dict[str, Any]:
    measured = None if point.published else {"rate": point.rate, "interval": [point.low, point.high]}
    return {
        "target": point.target,
        "threshold": point.threshold,
        "n": point.n,
        "people": point.people,
        "observed": measured,
        "insufficient_data": not point.enough,
        "published": point.published,
    }


def promise(made: Calibration) -> str:
    """What may be promised, in these words."""
    if made.people is not None:
        return " ".join(people_promises(made.people))
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


NOT_YOURS = "measured on other photographs than yours (who measured it, and on what: 'identity models show MODEL')"
NOTHING_ELSE = (
    "Nothing is promised about relatives and look-alikes, other cameras, or pictures of pictures: a verdict is no "
    "liveness check."
)


def people_promises(people: PeopleThresholds) -> list[str]:
    """What may be promised of pairs, of searches, and what may not."""
    return [_pair_promise(people), _search_promise(people.search), NOTHING_ELSE]


def _pair_promise(people: PeopleThresholds) -> str:
    point = people.verify
    if point.published:
        return (
            f"pairs: a reference point of the network, {NOT_YOURS}: two different people were within "
            f"{point.threshold:.3f} at a rate of {point.target:.2g}."
        )
    return (
        f"pairs: {point.rate:.3%} of this gallery's {point.n:,} pairs of {point.people} different people are within "
        f"{point.threshold:.3f}; among other people like them it may be {point.low:.3%} to {point.high:.3%} "
        f"(95 %, bootstrapped by person){_insufficient(point)}."
    )


def _search_promise(point: ChosenPoint) -> str:
    if point.published:
        return (
            f"search: from reference points of the network, {NOT_YOURS}: a stranger is accepted with probability "
            f"{point.target:.2g} if that rate holds here and comparisons are independent; those of look-alikes are not."
        )
    return (
        f"search: {point.rate:.2%} of {point.people} people, each left out in turn, were accepted as somebody else "
        f"where {point.target:.2g} was asked for. Of new people like them, at most {point.promised:.2%} are accepted "
        f"on average over galleries; of as many new people as these, {point.low:.2%} to {point.high:.2%} (95 %)"
        f"{_insufficient(point)}."
    )


def _insufficient(point: ChosenPoint) -> str:
    return "" if point.enough else "; insufficient data by the rule of 30"
