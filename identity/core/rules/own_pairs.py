"""The rule for galleries of people: thresholds from the gallery's own pairs of photographs.

The arithmetic lies in `people_calibration.py` beside it, which a query, that only reads what this rule left, never
imports.
"""

from __future__ import annotations

from identity.core.calibration import Calibration
from identity.core.rules.people_points import OWN_PAIRS, PeopleRule, Targets
from identity.core.rules.published import published_calibration
from identity.core.rules.reference import enrolled, reference_calibration
from identity.core.rules.rule import Evidence, RuleOptions


class OwnPairs(PeopleRule):
    """The rule for galleries of people, with a few photographs each."""

    name = OWN_PAIRS
    about = (
        "For photographs of people: error rates measured on this gallery's own pairs, with their intervals. "
        "Nothing is promised about relatives and look-alikes."
    )

    def calibrate(self, evidence: Evidence, options: RuleOptions) -> Calibration:
        """Thresholds from the gallery's own pairs, or from reference points where they are too few."""
        from identity.core.pair_distances import faces_of
        from identity.core.rules.people_calibration import calibrate_people

        targets = Targets.of(options)
        return calibrate_people(
            faces_of(evidence.gallery_samples(), evidence.photographs(), evidence.rng),
            space=evidence.space,
            targets=targets,
            given=_stand_in(evidence, targets),
            rng=evidence.rng,
        )


def _stand_in(evidence: Evidence, targets: Targets) -> Calibration | None:
    """What decides where pairs are too few: the network's reference points, else what its publisher recommends."""
    if evidence.points:
        counts = enrolled(evidence)
        return reference_calibration(evidence.points, space=evidence.space, enrolled=counts, targets=targets)
    if evidence.recommended is None:
        return None
    return published_calibration(evidence.recommended, space=evidence.space)
