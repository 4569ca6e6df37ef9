"""Thresholds between reference points follow the rate and the number of people, and say what photographs may cost."""

from __future__ import annotations

import pytest

from identity.core.calibration import Basis, Reference
from identity.core.model import OperatingPoint, Recommendation
from identity.core.rules.people_points import Targets
from identity.core.rules.published import published_calibration
from identity.core.rules.reference import Enrolled, reference_calibration, search_at, threshold_at
from identity.core.rules.table import rule_of

POINTS = tuple(OperatingPoint(fmr, at) for fmr, at in ((1e-2, 0.75), (1e-3, 0.65), (1e-4, 0.57), (1e-5, 0.49)))


def test_between_reference_points_the_logarithm_of_the_rate_decides_and_beyond_them_nothing_is_made_up() -> None:
    assert threshold_at(POINTS, 1e-3).threshold == 0.65
    assert threshold_at(POINTS, 10**-3.5).threshold == pytest.approx(0.61)
    strictest = threshold_at(POINTS, 1e-9)
    assert (strictest.threshold, strictest.target) == (0.49, pytest.approx(1e-5))


def test_a_larger_gallery_searches_by_a_stricter_reference_point() -> None:
    small, large, huge = (search_at(POINTS, 0.01, enrolled=Enrolled(n, n), most=1e-3) for n in (12, 500, 10**6))
    assert small.threshold > large.threshold > huge.threshold
    assert (small.target, large.target) == (0.01, 0.01)
    assert huge.target > 0.99  # a million comparisons at FMR 1e-5


def test_more_photographs_of_the_same_people_leave_the_search_where_it_was_and_raise_what_it_may_cost() -> None:
    one, three, ten = (search_at(POINTS, 0.01, enrolled=Enrolled(40, 40 * each), most=1e-3) for each in (1, 3, 10))
    assert one.threshold == three.threshold == ten.threshold
    assert one.target == three.target == ten.target == 0.01
    assert one.high == pytest.approx(0.01)
    assert one.high < three.high < ten.high < 0.1
    assert one.threshold < 0.65


def test_a_search_calls_nobody_known_whom_a_pair_would_leave_uncertain() -> None:
    made = reference_calibration(POINTS, space="s", enrolled=Enrolled(1, 6), targets=Targets())
    assert made.facts.search.threshold == made.facts.verify.threshold == 0.65
    assert made.facts.search.target == pytest.approx(1e-3)
    assert made.facts.search.high == pytest.approx(6e-3, rel=0.01)
    assert made.facts.targets == Targets()


def test_the_rates_asked_for_are_kept_where_no_point_reaches_them() -> None:
    made = reference_calibration(POINTS, space="s", enrolled=Enrolled(10**6, 10**6), targets=Targets(1e-7, 0.02))
    again = rule_of(made).facts_from_json(rule_of(made).facts_to_json(made.facts))
    assert again.targets == Targets(1e-7, 0.02)
    assert again.verify.target == pytest.approx(1e-5)


def test_a_published_recommendation_has_no_rate_and_says_so() -> None:
    made = published_calibration(Recommendation(0.637, "OpenCV: best accuracy on LFW"), space="s")
    assert made.facts.search.target is None
    assert made.facts.search.reference == Reference(basis=Basis.PUBLISHED, stated="OpenCV: best accuracy on LFW")
    promise = " ".join(rule_of(made).promise(made))
    assert promise.count("published recommendation, no stated error rate (OpenCV: best accuracy on LFW)") == 2
    assert "probability" not in promise
    assert rule_of(made).summary(made) == "0.637, published recommendation, no stated error rate"
