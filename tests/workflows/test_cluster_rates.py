"""Which false match rates choose eps: the gallery's own where they can be trusted, else the reference ones."""

from dataclasses import replace

import numpy as np
import pytest

from identity.core.calibration import Calibration, ChosenPoint, ClassCalibration, Reference
from identity.core.rules.people_points import PeopleThresholds
from identity.workflows.cluster.defaults import own_rates

VERIFY = ChosenPoint(1e-3, 0.63, 0.0009, 0.0005, 0.0017, 1_700_000, 158, enough=True)
UNCERTAIN = ChosenPoint(1e-2, 0.74, 0.0099, 0.008, 0.012, 1_700_000, 158, enough=True)


def calibrated(verify: ChosenPoint, uncertain: ChosenPoint) -> Calibration:
    people = PeopleThresholds(verify, uncertain, search=replace(VERIFY, target=0.01))
    pooled = ClassCalibration(np.array([0.1], np.float32), 0.35)
    return Calibration("space", 1, "own-pairs", people, {}, pooled, ratio=1.0)


def test_a_gallery_calibrated_on_its_own_pairs_lends_their_rates():
    assert own_rates(calibrated(VERIFY, UNCERTAIN)).points == [(0.0009, 0.63), (0.0099, 0.74)]


@pytest.mark.parametrize("weak", [{"enough": False}, {"reference": Reference()}])
def test_too_few_pairs_and_reference_points_lend_nothing(weak):
    assert not own_rates(calibrated(replace(VERIFY, **weak), UNCERTAIN))


def test_no_calibration_lends_nothing():
    assert not own_rates(None)
