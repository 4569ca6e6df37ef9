"""The split: what calibrates is never trained on, and it is the same for everybody, always."""

import numpy as np
import pytest

from identity.training.corpus import split

LABELS = np.random.default_rng(3).integers(0, 10, 60_000)


def test_mnist_is_split_into_54000_and_6000():
    training, calibration = split(LABELS)
    assert (len(training), len(calibration)) == (54_000, 6_000)


def test_every_image_is_in_exactly_one_part():
    training, calibration = split(LABELS)
    assert np.array_equal(np.sort(np.concatenate([training, calibration])), np.arange(60_000))


@pytest.mark.parametrize("label", range(10))
def test_every_class_gives_a_tenth(label):
    _, calibration = split(LABELS)
    assert (LABELS[calibration] == label).sum() == pytest.approx((label == LABELS).sum() / 10, abs=1)


def test_the_split_is_the_same_tomorrow():
    _, calibration = split(np.arange(1000) % 10)
    assert calibration[:8].tolist() == [7, 10, 31, 55, 61, 62, 76, 79]

