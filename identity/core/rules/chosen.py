"""A distance that a person chose: it decides, and nothing is promised of it."""

from __future__ import annotations

from identity.core.calibration import Basis, Calibration, Reference
from identity.core.errors import UsageError
from identity.core.rules.people_points import PeopleRule, single_point
from identity.core.rules.reference import one_for_all
from identity.core.rules.rule import Evidence, RuleOptions

NAME = "chosen"
LARGEST_DISTANCE = 2.0


class Chosen(PeopleRule):
    """The rule for people who want to choose. It knows nothing of people: a gallery of digits may have it too."""

    name = NAME
    about = "A distance that you choose. Nothing is measured, and no error rate is known."
    options = frozenset({"threshold"})
    ages = False

    def calibrate(self, evidence: Evidence, options: RuleOptions) -> Calibration:
        """That distance for everybody. Raises `UsageError` where none is given, or it is no cosine distance."""
        if options.threshold is None:
            raise UsageError("a threshold that you choose must be given: add --threshold DISTANCE")
        return chosen_calibration(options.threshold, space=evidence.space)

    def promise(self, calibration: Calibration) -> list[str]:
        """None."""
        threshold = calibration.pooled.threshold
        return [f"{threshold:.3f} was chosen by you: nothing was measured, and no error rate is known."]


def chosen_calibration(threshold: float, *, space: str) -> Calibration:
    """One distance for pairs and searches. Raises `UsageError` for what is no cosine distance."""
    if not 0 <= threshold <= LARGEST_DISTANCE:
        raise UsageError(f"--threshold must be a cosine distance from 0 to 2, got {threshold:g}")
    return one_for_all(NAME, single_point(threshold, Reference(basis=Basis.CHOSEN)), space=space)
