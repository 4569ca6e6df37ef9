"""What a decision rule is, what it may be told, and what a gallery offers it to decide by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from identity.core.calibration import Calibration, Facts
from identity.core.errors import UsageError
from identity.core.model import OperatingPoint, Recommendation
from identity.core.types import Distances, Ids, Labelled, Vectors
from identity.core.verdict import Decisions


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What a rule may be told; None leaves it to the rule. `negatives` says whether images of strangers were given."""

    alpha: float | None = None
    k: int | None = None
    target_far: float | None = None
    negatives: bool | None = None
    target_fmr: float | None = None
    target_fpir: float | None = None
    threshold: float | None = None

    @property
    def names_given(self) -> list[str]:
        """Names of what was told."""
        return [field.name for field in fields(self) if getattr(self, field.name) is not None]


class Evidence(Protocol):
    """What a gallery offers a rule. Nothing is read or embedded before the rule asks for it."""

    @property
    def gallery(self) -> str:
        """The gallery's name, for messages."""
        ...

    @property
    def space(self) -> str:
        """The space of all vectors."""
        ...

    @property
    def rng(self) -> np.random.Generator:
        """The only source of randomness."""
        ...

    @property
    def points(self) -> Sequence[OperatingPoint]:
        """The network's reference points, none where nobody measured any."""
        ...

    @property
    def recommended(self) -> Recommendation | None:
        """What the network's publisher recommends, None where that is nothing."""
        ...

    @property
    def people(self) -> int:
        """How many identities a search meets; no vector is read for it."""
        ...

    @property
    def photographs_of_people(self) -> int:
        """How many samples of them it meets; no vector is read for it."""
        ...

    def gallery_samples(self) -> Labelled:
        """All samples that are searched."""
        ...

    def photographs(self) -> Ids:
        """Which image each of the searched samples was seen in (n,)."""
        ...

    def calibration_samples(self) -> Labelled:
        """The calibration samples of identities that are searched; they are in neither training nor gallery."""
        ...

    def negatives(self) -> list[tuple[str, Vectors]]:
        """Vectors (n, dim) of strangers, by the person they show; what is no person stands for itself."""
        ...

    def own_distances(self, labelled: Labelled, *, k: int) -> Distances:
        """Distances (n, k) of samples to the k nearest searched samples of their own identity; inf: none."""
        ...

    def decisions(self, probes: Vectors, calibration: Calibration) -> Iterator[Decisions]:
        """Verdicts by a calibration, in parts small enough for memory, in order."""
        ...

    def scores(self, probes: Vectors, calibration: Calibration) -> NDArray[np.float32]:
        """How surely each probe is known by a calibration (n,): `Decisions.scores`."""
        ...


class Rule(Protocol):
    """One way to set thresholds, with what it promises. A stateless value; a new one is a line in `table.RULES`."""

    @property
    def name(self) -> str:
        """Its name, in the table, in commands, documents and databases."""
        ...

    @property
    def about(self) -> str:
        """Whom it is for and what it promises, for people who choose."""
        ...

    @property
    def options(self) -> frozenset[str]:
        """Fields of `RuleOptions` that it understands."""
        ...

    @property
    def ages(self) -> bool:
        """Whether its figures are stale once samples are added."""
        ...

    def calibrate(self, evidence: Evidence, options: RuleOptions) -> Calibration:
        """Thresholds. Raises `UsageError` for options out of range, `NotCalibratedError` for too little evidence."""
        ...

    def summary(self, calibration: Calibration) -> str:
        """What was asked of it, in two words: `alpha 0.01`."""
        ...

    def promise(self, calibration: Calibration) -> list[str]:
        """What may be promised, sentence by sentence."""
        ...

    def fields(self, calibration: Calibration) -> dict[str, Any]:
        """What its JSON has beyond that of every calibration."""
        ...

    def identity_fields(self, calibration: Calibration, identity: int, samples: int, /) -> dict[str, Any]:
        """What the JSON of an identity with so many samples has beyond its threshold, or in place of it."""
        ...

    def facts_to_json(self, facts: Facts) -> Mapping[str, Any]:
        """Facts as a store keeps them."""
        ...

    def facts_from_json(self, stored: Mapping[str, Any]) -> Facts:
        """Facts as they were."""
        ...


def check_options(rule: Rule, options: RuleOptions) -> None:
    """Raise `UsageError` for an option that the rule does not understand."""
    strange = [_option(name) for name in options.names_given if name not in rule.options]
    if strange:
        known = ", ".join(_option(field.name) for field in fields(options) if field.name in rule.options) or "none"
        raise UsageError(f"rule '{rule.name}' does not understand {', '.join(strange)}: its options are {known}")


def check_rate(option: str, value: float, *, most: float = 1.0) -> None:
    """Raise `UsageError` for what is no error rate."""
    if not 0 < value < most:
        raise UsageError(f"--{option} must be between 0 and {most:g}, got {value:g}")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
