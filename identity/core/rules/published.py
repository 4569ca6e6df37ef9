"""The distance that a network's publisher recommends, where nobody has measured the network: better than no answer.

It has no error rate that anybody states, so none is promised, and everything that shows it says so. The next
`identity models measure` replaces it.
"""

from __future__ import annotations

from identity.core.calibration import Basis, Calibration, Reference
from identity.core.errors import NotCalibratedError
from identity.core.model import Recommendation
from identity.core.rules.people_points import PeopleRule, single_point
from identity.core.rules.reference import one_for_all
from identity.core.rules.rule import Evidence, RuleOptions

NAME = "published"


class AsPublished(PeopleRule):
    """The rule for a network that nobody has measured."""

    name = NAME
    about = "The distance that the publisher of the network recommends. No error rate is known."
    options: frozenset[str] = frozenset()
    ages = False  # nothing is promised that could grow old

    def calibrate(self, evidence: Evidence, _options: RuleOptions) -> Calibration:
        """The recommended distance. Raises `NotCalibratedError` where nobody recommends one."""
        if evidence.recommended is None:
            raise NotCalibratedError(
                f"nobody published a threshold for the network of gallery '{evidence.gallery}': give another --rule, "
                "or measure it with 'identity models measure'"
            )
        return published_calibration(evidence.recommended, space=evidence.space)


def published_calibration(recommended: Recommendation, *, space: str) -> Calibration:
    """One distance for pairs and searches, as its publisher says it."""
    reference = Reference(basis=Basis.PUBLISHED, stated=recommended.stated)
    return one_for_all(NAME, single_point(recommended.distance, reference), space=space)
