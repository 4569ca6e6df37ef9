"""Which faces of a photograph become samples, what is left out and why, and that no face is embedded twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from face_worlds import NOTHING, RULES, SIDE, album, face, people, photograph

from identity.core.errors import ModelError
from identity.core.face_count import FaceCount
from identity.core.types import Image


def test_of_a_labelled_photograph_one_face_is_taken_and_the_others_are_counted_and_recorded(tmp_path: Path) -> None:
    made = people(tmp_path)
    report = made.opened.enroll([photograph(face(1), face(2), face(3), label="Ada", path="three.jpg")], faces=RULES)
    assert (report.gallery, dict(report.skipped)) == (1, {"not the largest face": 2})
    assert made.opened.store.skipped_images() == [("three.jpg", None, "not the largest face")]
    assert made.embedder.embedded == 1


def test_of_a_photograph_without_a_name_all_faces_are_samples_without_identity(tmp_path: Path) -> None:
    made = people(tmp_path)
    report = made.opened.enroll([photograph(face(1), face(2))], faces=RULES)
    assert report.gallery == 2
    assert [sample.identity for sample in made.opened.store.find()] == [None, None]


def test_of_all_faces_of_a_labelled_photograph_only_one_bears_the_name(tmp_path: Path) -> None:
    made = people(tmp_path)
    made.opened.enroll([photograph(face(1), face(2), label="Ada")], faces=replace(RULES, faces=FaceCount.ALL))
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
    rules = replace(RULES, faces=FaceCount.REQUIRE_ONE, min_score=0.3)
    report = made.opened.enroll(images, faces=rules)
    assert report.gallery == 1
    recorded = {path: reason for path, _, reason in made.opened.store.skipped_images()}
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
    strict = replace(RULES, faces=FaceCount.REQUIRE_ONE, min_score=0.3)
    first, same = (made.opened.enroll(images, faces=strict) for _ in range(2))
    assert (first.gallery, first.duplicates, first.skipped.total()) == (1, 0, 3)
    assert (same.gallery, same.duplicates, same.skipped.total()) == (0, 2, 2)
    looser = made.opened.enroll(images, faces=RULES)
    assert (looser.gallery, looser.duplicates) == (2, 2)
    assert {path: why for path, _, why in made.opened.store.skipped_images()} == {
        "none.jpg": "no face found",
        "two.jpg": "not the largest face",
    }
    again = made.opened.enroll(images, faces=RULES)
    assert (again.gallery, again.duplicates, again.skipped.total()) == (0, 4, 0)
    assert made.embedder.embedded == 3


def test_an_image_twice_in_one_run_is_left_out_once(tmp_path: Path) -> None:
    made = people(tmp_path)
    two = photograph(face(1), face(2), label="A")
    report = made.opened.enroll([two, *album(600, 2), two], faces=replace(RULES, faces=FaceCount.REQUIRE_ONE))
    assert (report.skipped.total(), report.duplicates) == (1, 1)


def test_a_run_interrupted_and_taken_up_under_other_rules_embeds_nothing_twice(tmp_path: Path) -> None:
    made = people(tmp_path)
    images = [photograph(face(one), face(one, 1), label=f"p{one}") if one % 3 else album(1, 1, first=one)[0]
              for one in range(1200)]  # fmt: skip

    def stop(_count: int) -> None:
        raise KeyboardInterrupt

    strict = replace(RULES, faces=FaceCount.REQUIRE_ONE)
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
    crew.opened.load_parallel_pipeline = lambda: (load(), 3)
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
        from identity.core.distance import unit_vectors

        return unit_vectors(np.full((len(crops), 16), np.nan, np.float32))

    made.embedder.embed = broken
    with pytest.raises(ModelError, match="zero or NaN"):
        made.opened.enroll(album(2, 2, first=9), faces=RULES)
    assert len(made.opened.store.find()) == 4
