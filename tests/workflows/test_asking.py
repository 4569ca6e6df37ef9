"""Calibration, verdicts and evaluation on a gallery whose answers can be counted by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from worlds import LABELS, SIDE_PX, World, around, calibrated_world, picture, probes, world

from identity.core.answers import Verdict
from identity.core.errors import NotCalibratedError, UsageError
from identity.core.rules.target_far import safe_factor, upper_bound
from identity.core.types import Role, SourceImage


@pytest.fixture
def calibrated(tmp_path: Path) -> World:
    return calibrated_world(tmp_path)


def test_a_probe_of_an_enrolled_identity_is_known_by_its_name(calibrated: World) -> None:
    answers = list(calibrated.opened.query(probes("b", 40), k=3))
    known = [answer.regions[0] for answer in answers if answer.regions[0].verdict is Verdict.KNOWN]
    assert len(known) > 30
    assert {region.identity for region in known} == {"b"}
    assert all(match.identity == "b" for region in known for match in region.matches)
    assert all([m.rank for m in region.matches] == [1, 2, 3] for region in known)


def test_a_stranger_is_unknown_with_the_reason_why(calibrated: World) -> None:
    for answer in calibrated.opened.query(probes("stranger", 20)):
        region = answer.regions[0]
        assert region.verdict is Verdict.UNKNOWN
        assert region.identity is None
        assert region.candidates[0].distance > region.candidates[0].threshold


def test_an_image_without_ink_is_unknown_and_an_unreadable_one_has_no_answer(calibrated: World) -> None:
    blank = picture(np.zeros((SIDE_PX, SIDE_PX), np.uint8))
    broken = SourceImage("given", "broken.png", error="broken.png is truncated")
    first, second, third = calibrated.opened.query([blank, broken, *probes("a", 1)])
    assert (first.regions[0].verdict, first.regions[0].candidates) == (Verdict.UNKNOWN, ())
    assert second.regions == ()
    assert len(third.regions) == 1


def test_thresholds_are_the_conformal_quantile_counted_by_brute_force(calibrated: World) -> None:
    store = calibrated.opened.store
    calibration, names = store.calibration(), store.identities()
    assert calibration is not None
    _, held_out = store.all_vectors(Role.CALIBRATION)
    _, gallery = store.all_vectors(Role.GALLERY)
    for identity in names:
        own = gallery.vectors[gallery.identities == identity].astype(np.float64)
        asked = held_out.vectors[held_out.identities == identity].astype(np.float64)
        scores = np.sort(np.sort(1 - asked @ own.T, axis=1)[:, calibration.k - 1])
        rank = int(np.ceil((len(scores) + 1) * 0.95))
        assert calibration.classes[identity].threshold == pytest.approx(scores[rank - 1], abs=1e-6)


def test_the_promise_is_kept_on_fresh_probes(calibrated: World) -> None:
    made = calibrated.opened.evaluate([probe for label in LABELS for probe in probes(label, 400)])
    assert made.known.n == 1200
    assert 0.02 < made.known.refused.value < 0.085  # alpha 5 %, 200 calibration samples a class
    assert made.known.accuracy_1nn.value > 0.95


def test_evaluation_counts_what_the_answers_say(calibrated: World) -> None:
    known, strangers = [probe for label in LABELS for probe in probes(label, 30)], probes("stranger", 50)
    calibrated.opened.read = lambda images: iter(strangers if images == ["strangers"] else images)
    made = calibrated.opened.evaluate(known, ["strangers"])
    answers = [answer.regions[0] for answer in calibrated.opened.query(known)]
    assert made.known.unknown.count == sum(region.verdict is Verdict.UNKNOWN for region in answers)
    assert made.known.ambiguous.count == sum(region.verdict is Verdict.AMBIGUOUS for region in answers)
    truth = [probe.label for probe in known]
    wrong = sum(r.identity is not None and r.identity != t for r, t in zip(answers, truth, strict=True))
    assert made.known.wrong.count == wrong
    nearest = sum(r.matches[0].identity == t for r, t in zip(answers, truth, strict=True))
    assert made.known.accuracy_1nn.count == nearest
    assert made.unknown[0].n == 50
    assert made.unknown[0].auroc > 0.99
    low, value, high = (getattr(made.known.refused, name) for name in ("low", "value", "high"))
    assert low <= value <= high


def test_evaluation_tells_what_each_label_of_a_stranger_is_taken_for(calibrated: World) -> None:
    disguised = [replace(probe, label="z") for probe in probes("a", 60)]
    strangers = [*disguised, *(replace(one, label="s") for one in probes("stranger", 20))]
    calibrated.opened.read = lambda images: iter(strangers if images == ["strangers"] else images)
    made = calibrated.opened.evaluate(probes("b", 50), ["strangers"])
    answers = list(calibrated.opened.query(disguised))
    known = sum(answer.regions[0].verdict is Verdict.KNOWN for answer in answers)
    assert known > 40
    assert made.unknown[0].taken_for == {"s": {}, "z": {"a": pytest.approx(known / 60)}}
    assert made.unknown[0].taken_for["z"]["a"] == pytest.approx(made.unknown[0].accepted_per_label["z"].value)


def test_evaluation_without_usable_labels_is_refused(calibrated: World) -> None:
    nameless = [replace(probe, label=None) for probe in probes("a", 3)]
    with pytest.raises(UsageError, match="no label"):
        calibrated.opened.evaluate(nameless)


def test_a_gallery_never_calibrated_says_how_to(tmp_path: Path) -> None:
    made = world(tmp_path)
    made.opened.enroll(probes("a", 10))
    with pytest.raises(NotCalibratedError, match="identity calibrate -g test"):
        made.opened.query(probes("a", 1))
    with pytest.raises(NotCalibratedError, match="--calibration-fraction"):
        made.opened.calibrate()


def test_too_few_calibration_samples_for_alpha_are_named(tmp_path: Path) -> None:
    made = world(tmp_path)
    made.opened.enroll(list(around("a", count=30, seed=1)), calibration_fraction=0.5)
    with pytest.raises(UsageError, match="at least 99"):
        made.opened.calibrate(alpha=0.01)


def test_target_far_lowers_thresholds_until_the_bound_is_met_and_reports_the_price(calibrated: World) -> None:
    opened = calibrated.opened
    near = [replace(image, label=None, row=row) for row, image in enumerate(around("a", count=500, seed=77, spread=35))]
    before = opened.calibration()
    opened.read = lambda images: iter(images)
    broken, told = SourceImage("given", "broken.png", error="broken.png is truncated"), []
    made = opened.calibrate(alpha=0.05, target_far=0.02, negatives=[*near, broken], on_failure=told.append)
    assert told == [broken]
    assert made.rule == "target-far"
    assert made.facts.far_bound is not None
    assert made.facts.far_bound <= 0.02
    assert all(made.classes[i].threshold < before.classes[i].threshold for i in made.classes)
    verdicts = [answer.regions[0].verdict for answer in opened.query(near)]
    accepted = sum(verdict is not Verdict.UNKNOWN for verdict in verdicts)
    assert upper_bound(accepted, len(near)) == pytest.approx(made.facts.far_bound)
    assert made.facts.fnmr is not None
    assert 0 < made.facts.fnmr < 1


def test_too_few_negatives_for_a_target_say_how_many_are_needed() -> None:
    with pytest.raises(UsageError, match="at least 299"):
        safe_factor(np.full(100, 2.0), target_far=0.01)
    assert safe_factor(np.full(299, 2.0), target_far=0.01)[0] == 1.0


def test_clopper_pearson_is_scipys() -> None:
    from scipy.stats import binomtest

    for count, n in ((0, 10), (3, 50), (50, 50), (7, 1000)):
        interval = binomtest(count, n, alternative="less").proportion_ci(0.95, method="exact")
        assert upper_bound(count, n) == pytest.approx(interval.high)
