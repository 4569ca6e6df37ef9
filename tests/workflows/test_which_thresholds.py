"""Which thresholds decide: stored ones, the manifest's of today, what a publisher recommends, or a person's choice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from face_worlds import MODEL, POINTS, RULES, album, face, people, photograph

from identity.core.answers import Verdict
from identity.core.errors import NotCalibratedError, UsageError
from identity.core.model import OperatingPoint, Recommendation
from identity.documents.calibration import calibration_fields
from identity.documents.query import query_fields

UNMEASURED = replace(MODEL, operating_points=(), recommended=Recommendation(0.09, "somebody: best accuracy"))
REMEASURED = replace(MODEL, operating_points=tuple(OperatingPoint(p.fmr, p.distance / 2, "me") for p in POINTS))


def ask(opened, **options):
    (answer,) = opened.query([photograph(face(1, 77))], **options)
    return answer.regions[0]


def test_more_photographs_of_the_same_people_do_not_move_the_threshold_of_a_search(tmp_path: Path) -> None:
    opened = people(tmp_path).opened
    opened.enroll(album(16, 1), faces=RULES)
    before = opened.search_context().calibration
    opened.enroll(album(16, 4), faces=RULES)
    after = opened.search_context().calibration
    assert after.pooled.threshold == before.pooled.threshold
    assert after.facts.search.high > before.facts.search.high == pytest.approx(0.01)
    opened.enroll(album(8, 1, first=20), faces=RULES)
    assert opened.search_context().calibration.pooled.threshold < before.pooled.threshold


def test_a_network_that_nobody_measured_answers_by_its_recommendation_and_every_threshold_says_so(
    tmp_path: Path,
) -> None:
    opened = people(tmp_path, model=UNMEASURED).opened
    opened.enroll(album(8, 3), faces=RULES)
    stored = opened.calibrate()
    assert (stored.rule, stored.pooled.threshold) == ("published", 0.09)
    region = ask(opened)
    assert (region.verdict, region.candidates[0].threshold) == (Verdict.KNOWN, 0.09)
    remark = "published recommendation, no stated error rate"
    assert {one.remark for one in region.candidates} == {remark}
    fields = query_fields(opened.store.gallery, opened.calibration(), list(opened.query([photograph(face(1, 78))])))
    assert fields["probes"][0]["regions"][0]["threshold_remark"] == remark
    assert fields["calibration"]["remark"] == remark
    assert fields["calibration"]["people"]["search"]["target"] is None
    pair = opened.verify(photograph(face(1)), photograph(face(1, 5)))
    assert (pair.thresholds.verify.threshold, pair.thresholds.verify.target) == (0.09, None)


@pytest.mark.parametrize("rule", [None, "reference"])
def test_galleries_that_decide_by_reference_points_follow_new_ones(tmp_path: Path, rule: str | None) -> None:
    opened = people(tmp_path).opened
    opened.enroll(album(6, 2), faces=RULES)
    if rule is not None:
        opened.calibrate(rule=rule, target_fpir=0.02)
    before = opened.calibration()
    opened.model = lambda: REMEASURED
    after = opened.calibration()
    assert after.pooled.threshold == pytest.approx(before.pooled.threshold / 2)
    assert after.facts.search.reference.measured_by == "me"
    assert after.facts.targets == before.facts.targets
    assert not after.stale


def test_galleries_with_thresholds_of_their_own_or_chosen_ones_stay(tmp_path: Path) -> None:
    opened = people(tmp_path).opened
    opened.enroll(album(40, 4), faces=RULES)
    for options in ({}, {"threshold": 0.07}):
        made = opened.calibrate(**options)
        opened.model = lambda: REMEASURED
        assert made.rule in {"own-pairs", "chosen"}
        assert opened.calibration().pooled.threshold == made.pooled.threshold
        opened.model = lambda: MODEL


def test_a_recommendation_decides_until_somebody_measures(tmp_path: Path) -> None:
    opened = people(tmp_path, model=UNMEASURED).opened
    opened.enroll(album(6, 2), faces=RULES)
    opened.calibrate()
    opened.model = lambda: replace(UNMEASURED, operating_points=POINTS)
    assert opened.calibration().rule == "reference"


def test_a_chosen_threshold_decides_one_query_and_leaves_the_gallery_as_it_is(tmp_path: Path) -> None:
    opened = people(tmp_path).opened
    opened.enroll(album(6, 2), faces=RULES)
    usual = ask(opened)
    chosen = ask(opened, threshold=0.0)
    assert (usual.verdict, chosen.verdict) == (Verdict.KNOWN, Verdict.UNKNOWN)
    assert (chosen.candidates[0].threshold, chosen.candidates[0].remark) == (0.0, "chosen by you")
    assert (ask(opened).verdict, ask(opened).candidates[0].threshold) == (Verdict.KNOWN, usual.candidates[0].threshold)
    one, other = photograph(face(1)), photograph(face(2))
    assert opened.verify(one, other, threshold=2.0).verdict.value == "same"
    assert opened.verify(one, other).verdict.value == "different"


def test_a_chosen_threshold_answers_where_there_is_none_and_is_kept_by_calibrate(tmp_path: Path) -> None:
    world = people(tmp_path, model=replace(MODEL, operating_points=()))
    world.opened.enroll(album(6, 2), faces=RULES)
    with pytest.raises(NotCalibratedError):
        ask(world.opened)
    assert ask(world.opened, threshold=0.1).verdict is Verdict.KNOWN
    with pytest.raises(NotCalibratedError):
        ask(world.opened)
    fields = calibration_fields(world.opened.calibrate(threshold=0.1))
    assert (fields["rule"], fields["remark"], fields["pooled_threshold"]) == ("chosen", "chosen by you", 0.1)
    assert fields["promise"].startswith("0.100 was chosen by you: nothing was measured")
    assert world.reopened().calibration().facts.remark == "chosen by you"


@pytest.mark.parametrize("wrong", [-0.1, 2.1, float("nan")])
def test_what_is_no_distance_is_refused(tmp_path: Path, wrong: float) -> None:
    opened = people(tmp_path).opened
    opened.enroll(album(2, 1), faces=RULES)
    with pytest.raises(UsageError, match="--threshold must be a cosine distance from 0 to 2"):
        ask(opened, threshold=wrong)
    with pytest.raises(UsageError, match="does not understand --threshold"):
        opened.calibrate(rule="reference", threshold=0.5)
