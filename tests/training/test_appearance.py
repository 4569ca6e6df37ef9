"""The appearance beside the embedding: what it measures, and that it leaves the embedding as it was."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

pytest.importorskip("tensorflow")

from identity.training.appearance import Appearance, gaussian, with_appearance
from identity.training.network import embedding_network, scale_pixels
from identity.training.synthetic import textures

EVERY_AXIS = 784


@pytest.fixture(scope="module")
def images():
    inked = np.zeros((900, 28, 28), np.uint8)
    inked[:, 9:19, 9:19] = textures(900, rng=np.random.default_rng(0))[:, 9:19, 9:19]
    return inked[inked.any(axis=(1, 2))]


@pytest.fixture(scope="module")
def network():
    return embedding_network(dim=4)


def vectors(model, images):
    return np.asarray(model(scale_pixels(images), training=False))


def test_a_vector_has_unit_length_and_begins_with_the_embedding(network, images):
    joined = vectors(with_appearance(network, images, appearance=Appearance(dim=8, weight=3.0)), images)
    assert np.linalg.norm(joined, axis=1) == pytest.approx(1, abs=1e-5)
    assert 2 * joined[:, :4] == pytest.approx(vectors(network, images), abs=1e-5)  # weights 1 and 3: sqrt(1 / 4)


def test_on_every_axis_its_distance_is_the_cosine_distance_of_the_blurred_images(network, images):
    appearance = Appearance(dim=EVERY_AXIS, sigma_px=1.5)
    seen = vectors(with_appearance(network, images, appearance=appearance), images)[:, 4:] * 2**0.5
    blurred = gaussian_filter(images.astype(float), (0, 1.5, 1.5), mode="constant").reshape(len(images), -1)
    blurred /= np.linalg.norm(blurred, axis=1, keepdims=True)
    assert seen[:50] @ seen[:50].T == pytest.approx(blurred[:50] @ blurred[:50].T, abs=1e-3)


def test_blur_keeps_the_ink():
    assert gaussian(2.0).sum() == pytest.approx(1, abs=1e-6)
