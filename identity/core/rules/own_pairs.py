"""The rule for galleries of people: thresholds from the gallery's own pairs of photographs.

The arithmetic lies in `people_calibration.py` beside it, which a query, that only reads what this rule left, never
imports.
"""

from __future__ import annotations

from identity.core.calibration import Calibration
from identity.core.rules.people_points import OWN_PAIRS, PeopleRule, Targets
from identity.core.rules.rule import Evidence, RuleOptions


class OwnPairs(PeopleRule):
    """The rule for galleries of people, with a few photographs each."""

    name = OWN_PAIRS

    def calibrate(self, evidence: Evidence, options: RuleOptions) -> Calibration:
        """Thresholds from the gallery's own pairs, or from reference points where they are too few."""
        from identity.core.pair_distances import faces_of
        from identity.core.rules.people_calibration import calibrate_people

        return calibrate_people(
            faces_of(evidence.gallery_samples(), evidence.photographs(), evidence.rng),
            space=evidence.space,
            samples=evidence.samples,
            targets=Targets.of(options),
            points=evidence.points,
            rng=evidence.rng,
        )
