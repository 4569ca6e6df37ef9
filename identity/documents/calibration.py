"""The document `identity.calibrate/2`, and the fields of a calibration in every document that mentions one.

Those of one rule are the rule's own: here they may be there or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, NotRequired, cast

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from identity.core.calibration import Calibration



class ReferenceFields(TypedDict):
    """Who measured, recommended or chose a threshold, on what; `stated` is all that its publisher says of it."""

    measured_by: str
    measured_on: str
    basis: Literal["measured", "published", "chosen"]
    stated: str
    remark: str


class ObservedFields(TypedDict):
    """What the gallery's own comparisons showed at a threshold, with its 95 % interval."""

    rate: float
    interval: list[float]


class ExpectedFields(TypedDict):
    """What a reference point says of strangers in a search: with one photograph a person, and at most with all."""

    rate: float
    at_most: float


class PointFields(TypedDict):
    """A threshold chosen for an error rate, and what stands behind it; `target` is null where nobody knows one."""

    target: float | None
    threshold: float
    n: int
    people: int
    observed: ObservedFields | None
    expected: ExpectedFields | None
    insufficient_data: bool
    reference: ReferenceFields | None


class PeopleThresholdFields(TypedDict):
    """The three points that decide about people: two for a pair of faces, one for a search."""

    verify: PointFields
    uncertain: PointFields
    search: PointFields


class CalibrationFields(TypedDict):
    """What a calibration is bound to and promises."""

    space: str
    metric: str
    rule: str
    k: int
    ambiguity_ratio: float
    n: int
    pooled_threshold: float | None
    created_at: str
    stale: bool
    alpha: NotRequired[float]  # conformal and target-far
    far_bound: NotRequired[float]  # target-far
    fnmr: NotRequired[float]  # target-far
    people: NotRequired[PeopleThresholdFields]  # own-pairs, reference, published and chosen
    remark: str  # what every single threshold rests on, where that is not the gallery itself
    promise: str


class IdentityFields(TypedDict):
    """One identity's threshold; those of people lean on the pooled one."""

    identity: str
    n: int
    threshold: float | None
    enough: bool
    own_comparisons: NotRequired[int]
    own_weight: NotRequired[float]
    fpir_interval: NotRequired[list[float]]
    insufficient_data: NotRequired[bool]


class CalibrateFields(CalibrationFields):
    """A calibration that was just made."""

    gallery: str
    identities: list[IdentityFields]


class RuleFields(TypedDict):
    """A decision rule with the options that it understands; `usual` is the one of the gallery's kind."""

    rule: str
    about: str
    options: list[str]
    usual: bool


class RulesFields(TypedDict):
    """The rules that thresholds of a gallery can be set by."""

    gallery: str
    rules: list[RuleFields]


def rules_fields(gallery: str, *, usual: str, understood: Iterable[str]) -> RulesFields:
    """The rules that need nothing but options that are understood here."""
    from identity.core.rules.table import RULES

    known = frozenset(understood)
    found: list[RuleFields] = [
        {"rule": name, "about": rule.about, "options": sorted(rule.options), "usual": name == usual}
        for name, rule in RULES.items()
        if rule.options <= known
    ]
    return {"gallery": gallery, "rules": found}


def calibrate_fields(
    gallery: str, made: Calibration, *, names: Mapping[int, str], counts: Mapping[int, int]
) -> CalibrateFields:
    """The calibration with every identity's threshold; `counts` are its samples."""
    return {
        "gallery": gallery,
        **calibration_fields(made),
        "identities": [identity_fields(names, counts, made, identity) for identity in made.classes],
    }


def calibration_fields(made: Calibration) -> CalibrationFields:
    """What a calibration is bound to and promises."""
    from identity.core.rules.table import rule_of

    rule = rule_of(made)
    fields = {
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
        "remark": made.facts.remark,
        "promise": " ".join(promise_of(made)),
    }
    return cast("CalibrationFields", fields)  # what a rule adds is checked by the tests alone


def promise_of(made: Calibration) -> list[str]:
    """What the calibration promises, sentence by sentence."""
    from identity.core.rules.table import rule_of

    return rule_of(made).promise(made)


def identity_fields(
    names: Mapping[int, str], counts: Mapping[int, int], made: Calibration, identity: int
) -> IdentityFields:
    """One identity's threshold, and what its rule says of it."""
    from identity.core.rules.table import rule_of

    entry = made.classes[identity]
    fields = {
        "identity": names[identity],
        "n": entry.n,
        "threshold": entry.threshold,
        "enough": entry.enough,
        **rule_of(made).identity_fields(made, identity, counts[identity]),
    }
    return cast("IdentityFields", fields)
