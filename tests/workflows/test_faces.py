"""Galleries of people over a real store, with a detector that finds every lit square: what is taken and decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from worlds import BlackIsNothing, PixelsAsVector, World, open_gallery, world

from identity.core.calibration import Method
from identity.core.choosing import FaceRules, Faces
from identity.core.errors import ModelError, NoFaceError, NotCalibratedError, UnreadableImageError
from identity.core.model import InputSpec, ModelManifest, OperatingPoint
from identity.core.types import Box, Image, Region, SourceImage, Verdict
from identity.imaging.sources import content_of
from identity.store.galleries import Galleries
from identity.workflows.describe import Pipeline
from identity.workflows.pairs import Sameness

SIDE = 4
POINTS = tuple(OperatingPoint(fmr, at) for fmr, at in ((1e-2, 0.12), (1e-3, 0.08), (1e-5, 0.04)))
MODEL = ModelManifest(
    "pixels", "face", "m.onnx", "0" * 64, 1, 16, InputSpec("NCHW", 4, "grey", (0.0,), 1.0), "whole/1",
    operating_points=POINTS,
)  # fmt: skip
RULES = FaceRules(min_face_px=2, min_sharpness=0)


class EverySquare:
    """A photograph is a row of 4 x 4 squares; each that is not black is a face, less sure where it is dark."""

    fingerprint = "squares"

    def detect(self, images: Sequence[Image]) -> list[list[Region]]:
        return [[found for x in range(0, image.shape[1], SIDE) for found in self._face(image, x)] for image in images]

    def _face(self, image: Image, x: int) -> list[Region]:
        square = image[:SIDE, x : x + SIDE]
        return [Region(Box(x, 0, x + SIDE, SIDE), float(square.max()) / 255)] if square.any() else []


class Cut(BlackIsNothing):
    def align(self, image: Image, region: Region) -> Image | None:
        return image[region.box.y1 : region.box.y2, region.box.x1 : region.box.x2]


def people(home: Path, *, model: ModelManifest | None = MODEL) -> World:
    """A world whose gallery `faces` shows people."""
    made = world(home)
    pipeline = Pipeline(EverySquare(), Cut(), PixelsAsVector())
    Galleries(made.database).delete("test")
    Galleries(made.database).create("test", model="pixels", detector="squares", space=pipeline.space, dim=16)
    opened = open_gallery(made.database, home, made.embedder)
    opened.load_pipeline = lambda: Pipeline(EverySquare(), Cut(), made.embedder)
    opened.model = lambda: model
    return replace(made, opened=opened)


def face(person: int, shot: int = 0, *, spread: float = 14.0) -> Image:
    pattern = np.random.default_rng(person).integers(40, 215, (SIDE, SIDE))
    noisy = pattern + np.random.default_rng((person, shot)).normal(0, spread, pattern.shape)
    return np.clip(noisy, 1, 255).astype(np.uint8)


def photograph(*faces: Image, label: str | None = None, path: str = "p.jpg") -> SourceImage:
    pixels = np.concatenate(faces, axis=1)
    return SourceImage("given", path, None, label, pixels, None, content_of(pixels), pixels.shape[1], SIDE)


def album(count: int, each: int, *, first: int = 0) -> list[SourceImage]:
    return [
        photograph(face(person, shot), label=f"p{person}", path=f"{person}-{shot}.jpg")
        for person in range(first, first + count)
        for shot in range(each)
    ]


NOTHING = np.zeros((SIDE, SIDE), np.uint8)


def test_of_a_labelled_photograph_one_face_is_taken_and_the_others_are_counted_and_recorded(tmp_path: Path) -> None:
    made = people(tmp_path)
    report = made.opened.enroll([photograph(face(1), face(2), face(3), label="Ada", path="three.jpg")], faces=RULES)
    assert (report.gallery, dict(report.skipped)) == (1, {"not the largest face": 2})
    assert made.opened.store.skipped() == [("three.jpg", None, "not the largest face")]
    assert made.embedder.embedded == 1


def test_of_a_photograph_without_a_name_all_faces_are_samples_without_identity(tmp_path: Path) -> None:
    made = people(tmp_path)
    report = made.opened.enroll([photograph(face(1), face(2))], faces=RULES)
    assert report.gallery == 2
    assert [sample.identity for sample in made.opened.store.find()] == [None, None]


def test_of_all_faces_of_a_labelled_photograph_only_one_bears_the_name(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll([photograph(face(1), face(2), label="Ada")], faces=replace(RULES, faces=Faces.ALL))
    assert sorted(str(sample.identity) for sample in made.opened.store.find()) == ["Ada", "None"]


def test_no_face_too_many_and_too_poor_ones_are_said_with_their_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    made = people(tmp_path)
    dark = (face(4) // 8).clip(1)
    images = [
        photograph(NOTHING, label="A", path="none.jpg"),
        photograph(face(1), face(2), label="A", path="two.jpg"),
        photograph(dark, label="A", path="dark.jpg"),
        photograph(face(3), label="A", path="one.jpg"),
    ]
    rules = replace(RULES, faces=Faces.REQUIRE_ONE, min_score=0.3)
    report = made.opened.enroll(images, faces=rules)
    assert report.gallery == 1
    recorded = {path: reason for path, _, reason in made.opened.store.skipped()}
    assert recorded == {
        "none.jpg": "no face found",
        "two.jpg": "more than one face where one is required",
        "dark.jpg": "face with a score under 0.3",
    }


def test_a_blurred_face_is_left_out_and_not_embedded(tmp_path: Path) -> None:
    made = people(tmp_path)
    flat = np.full((SIDE, SIDE), 90, np.uint8)
    rules = replace(RULES, min_sharpness=0.001)
    report = made.opened.enroll([photograph(flat, label="A"), photograph(face(1), label="A")], faces=rules)
    assert dict(report.skipped) == {"blurred face, sharpness under 0.001": 1}
    assert (report.gallery, made.embedder.embedded) == (1, 1)


def test_what_a_rule_left_out_is_looked_at_again_under_other_rules(tmp_path: Path) -> None:
    made = people(tmp_path)
    images = [
        photograph(NOTHING, label="A", path="none.jpg"),
        photograph(face(1), face(2), label="A", path="two.jpg"),
        photograph((face(4) // 8).clip(1), label="A", path="dark.jpg"),
        photograph(face(3), label="A", path="one.jpg"),
    ]
    strict = replace(RULES, faces=Faces.REQUIRE_ONE, min_score=0.3)
    first, same = (made.opened.enroll(images, faces=strict) for _ in range(2))
    assert (first.gallery, first.duplicates, first.skipped.total()) == (1, 0, 3)
    assert (same.gallery, same.duplicates, same.skipped.total()) == (0, 2, 2)
    looser = made.opened.enroll(images, faces=RULES)
    assert (looser.gallery, looser.duplicates) == (2, 2)
    assert {path: why for path, _, why in made.opened.store.skipped()} == {
        "none.jpg": "no face found",
        "two.jpg": "not the largest face",
    }
    again = made.opened.enroll(images, faces=RULES)
    assert (again.gallery, again.duplicates, again.skipped.total()) == (0, 4, 0)
    assert made.embedder.embedded == 3


def test_an_image_twice_in_one_run_is_left_out_once(tmp_path: Path) -> None:
    made = people(tmp_path)
    two = photograph(face(1), face(2), label="A")
    report = made.opened.enroll([two, *album(600, 2), two], faces=replace(RULES, faces=Faces.REQUIRE_ONE))
    assert (report.skipped.total(), report.duplicates) == (1, 1)


def test_a_run_interrupted_and_taken_up_under_other_rules_embeds_nothing_twice(tmp_path: Path) -> None:
    made = people(tmp_path)
    images = [photograph(face(one), face(one, 1), label=f"p{one}") if one % 3 else album(1, 1, first=one)[0]
              for one in range(1200)]  # fmt: skip

    def stop(_count: int) -> None:
        raise KeyboardInterrupt

    strict = replace(RULES, faces=Faces.REQUIRE_ONE)
    with pytest.raises(KeyboardInterrupt):
        made.opened.enroll(images, faces=strict, on_progress=stop)
    assert 0 < made.embedder.embedded < 400
    made.opened.enroll(images, faces=strict)
    assert made.embedder.embedded == 400
    made.opened.enroll(images, faces=RULES)
    assert made.embedder.embedded == 1200


def test_several_threads_store_the_same_as_one(tmp_path: Path) -> None:
    alone, crew = people(tmp_path / "alone"), people(tmp_path / "crew")
    load = crew.opened.load_pipeline
    crew.opened.load_crew = lambda: (load(), 3)
    images = album(400, 3)
    for made in (alone, crew):
        made.opened.enroll([*images, *images[:50]], faces=RULES)
    stored = [[(s.identity, s.source) for s in made.opened.store.find(limit=2000)] for made in (alone, crew)]
    assert stored[0] == stored[1]
    assert len(stored[0]) == 1200
    assert crew.embedder.embedded == 1200


def test_vectors_without_a_direction_stop_the_run_in_one_line_and_lose_nothing(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(2, 2), faces=RULES)

    def broken(crops: Sequence[Image]) -> np.ndarray:
        from identity.core.distance import normalised

        return normalised(np.full((len(crops), 16), np.nan, np.float32))

    made.embedder.embed = broken
    with pytest.raises(ModelError, match="zero or NaN"):
        made.opened.enroll(album(2, 2, first=9), faces=RULES)
    assert len(made.opened.store.find()) == 4


def test_people_are_known_by_their_own_pairs_and_strangers_are_not(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(60, 4), faces=RULES)
    calibration = made.opened.calibrate_people(target_fpir=0.05)
    assert calibration.method is Method.OWN_PAIRS
    stored = made.opened.store.calibration()
    assert stored is not None
    assert stored.people == calibration.people
    known = [answer.regions[0] for answer in made.opened.query([photograph(face(p, 77)) for p in range(60)])]
    assert sum(region.identity == f"p{person}" for person, region in enumerate(known)) > 50
    strangers = [answer.regions[0] for answer in made.opened.query([photograph(face(p)) for p in range(900, 1000)])]
    low, high = calibration.people.search.low, calibration.people.search.high
    assert low <= np.mean([region.verdict is not Verdict.UNKNOWN for region in strangers]) <= high


def test_adding_people_makes_the_search_figures_stale_and_calibrating_again_does_not(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(40, 3), faces=RULES)
    assert not made.opened.calibrate_people().stale
    assert not made.opened.calibration().stale
    made.opened.enroll(album(1, 1, first=500), faces=RULES)
    assert made.opened.calibration().stale
    made.opened.calibrate_people()
    assert not made.opened.calibration().stale


def test_a_gallery_never_calibrated_answers_by_what_was_published(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(3, 3), faces=RULES)
    calibration = made.opened.calibration()
    assert (calibration.method, calibration.stale) == (Method.PUBLISHED, False)
    (answer,) = made.opened.query([photograph(face(1, 1))])
    assert answer.regions[0].identity == "p1"
    assert np.isnan(answer.regions[0].candidates[0].p_value)
    assert made.opened.calibrate_people().method is Method.PUBLISHED


def test_a_gallery_never_calibrated_reads_no_vector_to_say_what_was_published(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(3, 3), faces=RULES)
    with made.database.write() as connection:
        connection.exec_driver_sql("DROP TABLE vector")
    assert made.opened.calibration().people.search.n == 0
    assert made.opened.calibration().pooled.threshold < 0.12


def test_without_published_points_it_says_how_to_calibrate(tmp_path: Path) -> None:
    made = people(tmp_path, model=replace(MODEL, operating_points=()))
    made.opened.enroll(album(3, 3), faces=RULES)
    with pytest.raises(NotCalibratedError, match="identity calibrate -g test"):
        made.opened.query([photograph(face(1))])
    with pytest.raises(NotCalibratedError, match="enroll at least 30 people"):
        made.opened.calibrate_people()


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
    with pytest.raises(NoFaceError, match="shows no face"):
        opened.verify(photograph(face(1)), photograph(NOTHING, path="dark.jpg"))
    with pytest.raises(UnreadableImageError, match="truncated"):
        opened.verify(SourceImage("given", "b.jpg", error="b.jpg is truncated"), photograph(face(1)))


def test_evaluation_counts_pairs_and_searches_by_hand(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll(album(40, 3), faces=RULES)
    made.opened.calibrate_people(target_fpir=0.05)
    probes = [photograph(face(p, shot), label=f"p{p}") for p in range(40) for shot in (8, 9)]
    groups = tmp_path / "groups.csv"
    groups.write_text("identity,group\n" + "".join(f"p{p},{'even' if p % 2 == 0 else 'odd'}\n" for p in range(40)))
    strangers = [photograph(face(p)) for p in range(900, 980)]
    made.opened.read = lambda images: iter(strangers if images == ["strangers"] else images)
    found = made.opened.evaluate_people([*probes, *album(1, 2)], ["strangers"], groups=groups)
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
