"""Recipe classic: endless valid triplets, and the coursework's loss inside the model."""

from itertools import islice

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

import keras  # noqa: E402

from identity.training.classic import identity_loss, triplet_model, triplets  # noqa: E402

LABELS = np.repeat(np.arange(5), 4)
IMAGES = np.broadcast_to((10 * LABELS + 1)[:, None, None], (20, 28, 28)).astype(np.uint8)  # grey tells the class


def classes(images: np.ndarray) -> np.ndarray:
    return np.round((images[:, 0, 0, 0] * 255 - 1) / 10).astype(int)


def test_every_triplet_has_its_positive_in_and_its_negative_outside_the_class():
    for anchor, positive, negative in islice(triplets(IMAGES, LABELS, batch=16, rng=np.random.default_rng(0)), 50):
        assert (classes(anchor) == classes(positive)).all()
        assert (classes(anchor) != classes(negative)).all()


def test_the_generator_outlives_the_corpus_and_meets_every_pair_of_classes():
    drawn = islice(triplets(IMAGES, LABELS, batch=16, rng=np.random.default_rng(0)), 200)
    met = {pair for a, _, n in drawn for pair in zip(classes(a).tolist(), classes(n).tolist(), strict=True)}
    assert len(met) == 5 * 4


def test_the_model_puts_out_the_triplet_loss_of_the_shared_embedding():
    keras.utils.set_random_seed(0)
    embed = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(4)])
    rng = np.random.default_rng(1)
    images = [rng.random((6, 28, 28, 1), np.float32) for _ in range(3)]
    a, p, n = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (np.asarray(embed(one)) for one in images))
    wanted = np.maximum(np.linalg.norm(a - p, axis=1) - np.linalg.norm(a - n, axis=1) + 0.5, 0)
    found = np.asarray(triplet_model(embed, margin=0.5)(images))[:, 0]
    assert found == pytest.approx(wanted, abs=1e-4)


def test_the_loss_function_only_averages_what_the_model_predicts():
    predicted = tf.constant([[0.2], [0.0], [1.0]])
    assert float(identity_loss(tf.constant([[9.0], [9.0], [9.0]]), predicted)) == pytest.approx(0.4)
