"""Enrolment: each image once, nothing lost, nothing embedded twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from worlds import SIDE_PX, around, picture, world

from identity.core.errors import SpaceMismatchError, UsageError
from identity.core.types import Role, SourceImage
from identity.workflows.describe import Pipeline


def test_the_same_images_again_are_not_embedded_again(tmp_path: Path) -> None:
    made = world(tmp_path)
    images = list(around("a", count=700, seed=1))
    first = made.opened.enroll(images)
    again = made.opened.enroll([*images, *around("b", count=5, seed=2)])
    assert (first.gallery, first.duplicates) == (700, 0)
    assert (again.gallery, again.duplicates) == (5, 700)
    assert made.embedder.embedded == 705


def test_an_image_twice_in_one_run_counts_once(tmp_path: Path) -> None:
    made = world(tmp_path)
    one = next(around("a", count=1, seed=1))
    report = made.opened.enroll([one, one, one])
    assert (report.gallery, report.duplicates, made.embedder.embedded) == (1, 2, 1)


def test_an_interrupted_run_goes_on_where_it_stopped_with_the_same_split(tmp_path: Path) -> None:
    images = list(around("a", count=1200, seed=1))

    def stop(_count: int) -> None:
        raise KeyboardInterrupt

    broken, whole = world(tmp_path / "broken"), world(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        broken.opened.enroll(images, calibration_fraction=0.3, on_progress=stop)
    half = broken.embedder.embedded
    broken.opened.enroll(images, calibration_fraction=0.3)
    whole.opened.enroll(images, calibration_fraction=0.3)
    assert 0 < half < 1200
    assert broken.embedder.embedded == 1200
    for role in Role:
        one, other = (made.opened.store.all_vectors(role)[1] for made in (broken, whole))
        np.testing.assert_array_equal(one.vectors, other.vectors)
    assert 250 < len(whole.opened.store.all_vectors(Role.CALIBRATION)[1].ids) < 470


def test_images_without_a_name_never_calibrate(tmp_path: Path) -> None:
    made = world(tmp_path)
    nameless = [picture(np.full((SIDE_PX, SIDE_PX), grey, np.uint8)) for grey in range(1, 100)]
    report = made.opened.enroll(nameless, calibration_fraction=0.9)
    assert (report.gallery, report.calibration) == (99, 0)


def test_what_cannot_be_read_or_shows_nothing_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    made = world(tmp_path)
    broken = SourceImage("given", "broken.png", error="broken.png is truncated")
    blank = picture(np.zeros((SIDE_PX, SIDE_PX), np.uint8), path="blank.png")
    report = made.opened.enroll([broken, blank, *around("a", count=3, seed=1)])
    assert report.failed == [("broken.png", "broken.png is truncated")]
    assert report.gallery == 3
    assert list(report.skipped.values()) == [1]
    assert [path for path, _, _ in made.opened.store.skipped_images()] == ["blank.png"]


def test_another_label_can_be_given_for_all(tmp_path: Path) -> None:
    made = world(tmp_path)
    made.opened.enroll(list(around("a", count=2, seed=1)), label="Ada")
    assert set(made.opened.store.identities().values()) == {"Ada"}


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 7])
def test_a_share_that_is_none_is_refused(tmp_path: Path, fraction: float) -> None:
    with pytest.raises(UsageError, match="fraction"):
        world(tmp_path).opened.enroll([], calibration_fraction=fraction)


def test_a_model_of_another_space_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    made = world(tmp_path)

    class Other:
        fingerprint = "another network"
        dim = 16

        def embed(self, crops: object) -> np.ndarray:
            raise AssertionError("never asked")

    pipeline = made.opened.pipeline
    opened = made.reopened()
    opened.load_pipeline = lambda: Pipeline(pipeline.detector, pipeline.aligner, Other())
    with pytest.raises(SpaceMismatchError, match="another version"):
        opened.enroll(list(around("a", count=2, seed=1)))
    assert opened.store.gallery.changes == 0
