"""The three points that decide about people, with what they promise and their JSON: two rules set them.

`own-pairs` measures them on the gallery itself, `reference` takes them from measurements of the network elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from identity.core.calibration import REMARKS, Basis, Calibration, ChosenPoint, Facts, Reference
from identity.core.rules.rule import RuleOptions, check_rate

OWN_PAIRS = "own-pairs"  # the rule that measures them on the gallery
HALF_OWN = 30  # samples from which an identity's threshold is half its own, and half the pooled one
UNCERTAIN = 10  # between the threshold and that of a false match rate this many times larger, a pair is uncertain
NOTHING_ELSE = (
    "Nothing is promised about relatives and look-alikes, other cameras, or pictures of pictures: a verdict is no "
    "liveness check."
)


@dataclass(frozen=True, slots=True)
class Targets:
    """The error rates asked for."""

    fmr: float = 1e-3
    fpir: float = 0.01

    def __post_init__(self) -> None:
        """Raises `UsageError` for what is no error rate."""
        check_rate("target-fmr", self.fmr, most=1 / UNCERTAIN)
        check_rate("target-fpir", self.fpir)

    @classmethod
    def of(cls, options: RuleOptions) -> Targets:
        """Those of a rule's options, the usual ones where they say nothing."""
        given = {"fmr": options.target_fmr, "fpir": options.target_fpir}
        return cls(**{name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True, slots=True)
class PeopleThresholds:
    """The three points that decide about people: two for a pair of faces, one for a search through the gallery."""

    pools_scores: ClassVar[bool] = True  # a person's few photographs say too little by themselves
    verify: ChosenPoint  # a false match rate: up to here two faces are the same person
    uncertain: ChosenPoint  # a looser one: beyond it they are different people
    search: ChosenPoint  # a false positive identification rate at the gallery's size

    @property
    def remark(self) -> str:
        """What the threshold of a search rests on."""
        return "" if self.search.reference is None else REMARKS[self.search.reference.basis]

    @property
    def targets(self) -> Targets:
        """The rates that were asked for, the usual ones where nobody knows."""
        usual = Targets()
        return Targets(_asked(self.verify, usual.fmr, most=1 / UNCERTAIN), _asked(self.search, usual.fpir, most=1.0))


class PeopleRule:
    """What both rules have in common."""

    options = frozenset({"target_fmr", "target_fpir"})
    ages = True  # a larger gallery meets more strangers

    def summary(self, calibration: Calibration) -> str:
        """The rate of strangers that a search accepts."""
        search = calibration.facts_as(PeopleThresholds).search
        if search.target is None:
            return f"{search.threshold:.3f}, {calibration.facts.remark}"
        return f"FPIR {search.target:.2g}"

    def promise(self, calibration: Calibration) -> list[str]:
        """What may be promised of pairs, of searches, and what may not."""
        points = calibration.facts_as(PeopleThresholds)
        pairs = _unrated("pairs", points.verify) or _pair_promise(points.verify)
        return [pairs, _unrated("search", points.search) or _search_promise(points.search), NOTHING_ELSE]

    def fields(self, calibration: Calibration) -> dict[str, Any]:
        """The three points."""
        points = calibration.facts_as(PeopleThresholds)
        named = {"verify": points.verify, "uncertain": points.uncertain, "search": points.search}
        return {"people": {name: _point_fields(point) for name, point in named.items()}}

    def identity_fields(self, calibration: Calibration, identity: int, samples: int, /) -> dict[str, Any]:
        """How much of its threshold is its own, and what is known of the rate."""
        entry, search = calibration.classes[identity], calibration.facts_as(PeopleThresholds).search
        return {
            "n": samples,
            "own_comparisons": entry.n,
            "own_weight": own_weight(samples),
            "fpir_interval": [search.low, search.high],
            "insufficient_data": not entry.enough,
        }

    def facts_to_json(self, facts: Facts) -> Mapping[str, Any]:
        """As a store keeps them."""
        assert isinstance(facts, PeopleThresholds)
        return asdict(facts)

    def facts_from_json(self, stored: Mapping[str, Any]) -> Facts:
        """As they were."""
        return PeopleThresholds(**{name: _stored_point(point) for name, point in stored.items()})


def own_weight(samples: int) -> float:
    """How much of an identity's threshold is its own: the rest is the pooled one."""
    return samples / (HALF_OWN + samples)


def people_thresholds(calibration: Calibration | None) -> PeopleThresholds | None:
    """The points of a calibration, None where its rule sets none."""
    facts = None if calibration is None else calibration.facts
    return facts if isinstance(facts, PeopleThresholds) else None


def single_point(distance: float, reference: Reference) -> PeopleThresholds:
    """One distance for everything, of which nobody knows an error rate."""
    point = ChosenPoint(None, distance, 0.0, 0.0, 1.0, 0, 0, enough=False, reference=reference)
    return PeopleThresholds(point, point, point)


def _asked(point: ChosenPoint, usual: float, *, most: float) -> float:
    asked = point.target if point.asked is None else point.asked
    return asked if asked is not None and 0 < asked < most else usual


def _stored_point(stored: Mapping[str, Any]) -> ChosenPoint:
    reference = stored["reference"]
    if reference is not None:
        reference = Reference(**{**reference, "basis": Basis(reference.get("basis", Basis.MEASURED))})
    return ChosenPoint(**{**stored, "reference": reference})


def _point_fields(point: ChosenPoint) -> dict[str, Any]:
    return {
        "target": point.target,
        "threshold": point.threshold,
        "n": point.n,
        "people": point.people,
        "observed": None if point.reference else {"rate": point.rate, "interval": [point.low, point.high]},
        "expected": _expected(point),
        "insufficient_data": not point.enough,
        "reference": reference_fields(point.reference),
    }


def _expected(point: ChosenPoint) -> dict[str, float] | None:
    return None if point.reference is None or point.target is None else {"rate": point.low, "at_most": point.high}


def reference_fields(reference: Reference | None) -> dict[str, str] | None:
    """Who measured, recommended or chose a point, on what; None where it comes from the gallery."""
    return None if reference is None else {**asdict(reference), "remark": REMARKS[reference.basis]}


def _unrated(what: str, point: ChosenPoint) -> str:
    """Of a threshold of which nobody knows an error rate: that nobody does."""
    if point.target is not None or point.reference is None:
        return ""
    return f"{what}: {point.threshold:.3f} is {point.reference.origin}: how often strangers are nearer is not known."


def _pair_promise(point: ChosenPoint) -> str:
    if point.reference is not None:
        return (
            f"pairs: a reference point of the network, {point.reference.origin}: two different people were within "
            f"{point.threshold:.3f} at a rate of {point.target:.2g}."
        )
    return (
        f"pairs: {point.rate:.3%} of this gallery's {point.n:,} pairs of {point.people} different people are within "
        f"{point.threshold:.3f}; among other people like them it may be {point.low:.3%} to {point.high:.3%} "
        f"(95 %, bootstrapped by person){_shortage(point)}."
    )


def _search_promise(point: ChosenPoint) -> str:
    if point.reference is not None:
        return (
            f"search: from reference points of the network, {point.reference.origin}: if those rates hold here and "
            f"people are independent (look-alikes are not), a stranger is accepted with probability {point.low:.2g} "
            f"where each person has one photograph, and at most {point.high:.2g} with all there are (see "
            "docs/thresholds.md)."
        )
    return (
        f"search: {point.rate:.2%} of {point.people} people, each left out in turn, were accepted as somebody else "
        f"where {point.target:.2g} was asked for. Of new people like them, at most {point.promised_rate:.2%} are "
        f"accepted on average over galleries; of as many new people as these, {point.low:.2%} to {point.high:.2%} "
        f"(95 %){_shortage(point)} (see docs/thresholds.md)."
    )


def _shortage(point: ChosenPoint) -> str:
    return "" if point.enough else "; insufficient data by the rule of 30"
