"""Galleries of people over a real store: who is known, who is a stranger, and whether two faces are one person's."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from face_worlds import MODEL, NOTHING, RULES, SIDE, album, face, people, photograph

from identity.core.answers import Verdict
from identity.core.errors import NotCalibratedError, NothingFoundError, UnreadableImageError
from identity.core.types import Image, SourceImage
from identity.documents.calibration import calibration_fields, identity_fields
from identity.workflows.verify import Sameness


def test_people_are_known_by_their_own_pairs_and_strangers_are_not(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(60, 4), faces=RULES)
    calibration = made.opened.calibrate(target_fpir=0.05)
    assert calibration.rule == "own-pairs"
    stored = made.opened.store.calibration()
    assert stored is not None
    assert stored.facts == calibration.facts
    known = [answer.regions[0] for answer in made.opened.query([photograph(face(p, 77)) for p in range(60)])]
    assert sum(region.identity == f"p{person}" for person, region in enumerate(known)) > 50
    strangers = [answer.regions[0] for answer in made.opened.query([photograph(face(p)) for p in range(900, 1000)])]
    low, high = calibration.facts.search.low, calibration.facts.search.high
    assert low <= np.mean([region.verdict is not Verdict.UNKNOWN for region in strangers]) <= high


def test_a_calibration_by_own_pairs_can_be_written_as_json_at_once(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(60, 4), faces=RULES)
    calibration = made.opened.calibrate(target_fpir=0.05)
    assert calibration.rule == "own-pairs"
    names = {identity: str(identity) for identity in calibration.classes}
    fields = [identity_fields(names, Counter(), calibration, identity) for identity in names]
    assert len(json.loads(json.dumps([calibration_fields(calibration), *fields]))) == 61


def test_adding_people_makes_the_search_figures_stale_and_calibrating_again_does_not(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(40, 3), faces=RULES)
    assert not made.opened.calibrate().stale
    assert not made.opened.calibration().stale
    made.opened.enroll(album(1, 1, first=500), faces=RULES)
    assert made.opened.calibration().stale
    made.opened.calibrate()
    assert not made.opened.calibration().stale


def test_a_gallery_never_calibrated_answers_by_reference_points(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(3, 3), faces=RULES)
    calibration = made.opened.calibration()
    assert (calibration.rule, calibration.stale) == ("reference", False)
    (answer,) = made.opened.query([photograph(face(1, 1))])
    assert answer.regions[0].identity == "p1"
    assert np.isnan(answer.regions[0].candidates[0].p_value)
    assert made.opened.calibrate().rule == "reference"


def test_a_gallery_never_calibrated_reads_no_vector_to_answer_by_reference_points(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(3, 3), faces=RULES)
    with made.database.write() as connection:
        connection.exec_driver_sql("DROP TABLE vector")
    assert made.opened.calibration().facts.search.n == 0
    assert made.opened.calibration().pooled.threshold < 0.12


def test_without_reference_points_it_says_how_to_calibrate(tmp_path: Path) -> None:
    made = people(tmp_path, model=replace(MODEL, operating_points=()))
    made.opened.enroll(album(3, 3), faces=RULES)
    with pytest.raises(NotCalibratedError, match="identity calibrate -g test"):
        made.opened.query([photograph(face(1))])
    with pytest.raises(NotCalibratedError, match="enroll at least 30 people"):
        made.opened.calibrate()


def test_two_faces_of_one_photograph_are_never_the_same_person(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(3, 3), faces=RULES)
    (answer,) = made.opened.query([photograph(face(1, 0), face(1, 50), face(2, 1))])
    first, second, third = answer.regions
    assert (first.identity, third.identity) == ("p1", "p2")
    assert (second.verdict, second.identity) == (Verdict.AMBIGUOUS, None)
    assert second.reason == "another face of this photograph is nearer to p1"


def test_a_pair_is_the_same_uncertain_or_different_between_two_points(tmp_path: Path) -> None:
    opened = people(tmp_path).opened
    base = np.zeros((SIDE, SIDE), np.uint8)
    base[0, 0], base[1, 1] = 200, 1

    def at(distance: float) -> Image:
        turned = base.copy()
        turned[2, 2] = round(200 * np.sqrt(1 - (1 - distance) ** 2) / (1 - distance))
        return turned

    said = {
        distance: opened_verdict(opened, photograph(base), photograph(at(distance))) for distance in (0.02, 0.1, 0.2)
    }
    assert said == {0.02: Sameness.SAME, 0.1: Sameness.UNCERTAIN, 0.2: Sameness.DIFFERENT}


def opened_verdict(opened, first: SourceImage, second: SourceImage) -> Sameness:
    opened.read = lambda images: iter(images)
    return opened.verify(first, second).verdict


def test_a_pair_without_a_face_or_without_an_image_is_an_error(tmp_path: Path) -> None:
    opened = people(tmp_path).opened
    opened.read = lambda images: iter(images)
    with pytest.raises(NothingFoundError, match="shows no face"):
        opened.verify(photograph(face(1)), photograph(NOTHING, path="dark.jpg"))
    with pytest.raises(UnreadableImageError, match="truncated"):
        opened.verify(SourceImage("given", "b.jpg", error="b.jpg is truncated"), photograph(face(1)))


def test_evaluation_counts_pairs_and_searches_by_hand(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(40, 3), faces=RULES)
    made.opened.calibrate(target_fpir=0.05)
    probes = [photograph(face(p, shot), label=f"p{p}") for p in range(40) for shot in (8, 9)]
    groups = tmp_path / "groups.csv"
    groups.write_text("identity,group\n" + "".join(f"p{p},{'even' if p % 2 == 0 else 'odd'}\n" for p in range(40)))
    strangers = [photograph(face(p)) for p in range(900, 980)]
    made.opened.read = lambda images: iter(strangers if images == ["strangers"] else images)
    found = made.opened.evaluate([*probes, *album(1, 2)], ["strangers"], groups=groups)
    assert found.enrolled == 2
    assert (found.pairs.mated_pairs, found.pairs.other_pairs) == (40, 80 * 79 // 2 - 40)
    vectors = found.known.vectors.astype(np.float64)
    own = np.repeat(np.arange(40), 2)
    distances = (1 - vectors @ vectors.T)[np.triu_indices(80, 1)]
    mated = (own[:, None] == own)[np.triu_indices(80, 1)]
    threshold = found.pairs.threshold
    assert found.pairs.fmr == pytest.approx((distances[~mated] <= threshold).mean(), abs=2e-3)
    assert found.pairs.fnmr == pytest.approx((distances[mated] > threshold).mean(), abs=0.03)
    answers = [answer.regions[0] for answer in made.opened.query(probes)]
    right = sum(region.verdict is not Verdict.UNKNOWN and region.matches[0].identity == image.label
                for region, image in zip(answers, probes, strict=True))  # fmt: skip
    assert found.search.tpir == pytest.approx(right / 80, abs=0.02)
    unknown = [answer.regions[0].verdict is not Verdict.UNKNOWN for answer in made.opened.query(strangers)]
    assert found.search.fpir == pytest.approx(np.mean(unknown))
    assert set(found.groups) == {"even", "odd"}
    assert sum(pairs.photographs for pairs, _ in found.groups.values()) == 80
