"""The decision rules there are: a new one is a file beside this one and a line here."""

from __future__ import annotations

from identity.core.calibration import Calibration
from identity.core.errors import UsageError
from identity.core.rules.chosen import Chosen
from identity.core.rules.conformal import Conformal
from identity.core.rules.own_pairs import OwnPairs
from identity.core.rules.published import AsPublished
from identity.core.rules.reference import FromReference
from identity.core.rules.rule import Rule
from identity.core.rules.target_far import TargetFar

RULES: dict[str, Rule] = {
    rule.name: rule for rule in (Conformal(), TargetFar(), OwnPairs(), FromReference(), AsPublished(), Chosen())
}


def rule_named(name: str) -> Rule:
    """The rule of this name. Raises `UsageError` where there is none."""
    if name not in RULES:
        raise UsageError(f"there is no decision rule '{name}': choose one of {', '.join(RULES)}")
    return RULES[name]


def rule_of(calibration: Calibration) -> Rule:
    """The rule that made a calibration."""
    return rule_named(calibration.rule)
