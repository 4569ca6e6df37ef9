"""Mining: at a low temperature it is batch-hard, found by looking at every triplet."""

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

from identity.training.mining import hard_triplet_loss, pairs  # noqa: E402

MARGIN = 0.8


def unit(rows: int, dim: int = 6, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def batch_hard(vectors: np.ndarray, labels: np.ndarray) -> float:
    """Every anchor, every positive, every negative, in plain loops."""
    hinges = []
    for anchor, label in enumerate(labels):
        far = [float(((vectors[anchor] - other) ** 2).sum()) for other in vectors]
        positives = [far[i] for i, other in enumerate(labels) if other == label and i != anchor and label >= 0]
        negatives = [far[i] for i, other in enumerate(labels) if other != label]
        if positives:
            hinges.append(max(0.0, max(positives) - min(negatives) + MARGIN))
    return float(np.mean(hinges))


@pytest.mark.parametrize("seed", range(5))
def test_at_a_low_temperature_it_is_batch_hard(seed):
    labels = np.array([0, 0, 0, 1, 1, 1, 2, 2, -1, -2], np.int32)
    vectors = unit(10, seed=seed)
    found = hard_triplet_loss(tf.constant(vectors), tf.constant(labels), margin=MARGIN, temperature=1e-3)
    assert float(found) == pytest.approx(batch_hard(vectors, labels), abs=0.01)


def test_a_loner_pushes_but_is_no_anchor():
    positive, negative = pairs(tf.constant([0, 0, -1, -2]))
    assert positive.numpy().tolist() == [[False, True, False, False], [True, False, False, False]] + [[False] * 4] * 2
    assert negative.numpy().tolist() == [[False, False, True, True]] * 2 + [[False] * 4] * 2


def test_a_batch_of_loners_alone_costs_nothing():
    assert float(hard_triplet_loss(tf.constant(unit(3)), tf.constant([-1, -2, -3]), margin=1.0, temperature=0.1)) == 0.0


def test_a_higher_temperature_looks_at_more_than_the_hardest():
    vectors = tf.Variable(unit(8, seed=1))
    labels = tf.constant([0, 0, 0, 0, 1, 1, 1, 1])

    def touched(temperature: float) -> int:
        with tf.GradientTape() as tape:
            loss = hard_triplet_loss(vectors, labels, margin=MARGIN, temperature=temperature)
        return int((np.abs(tape.gradient(loss, vectors).numpy()) > 1e-4).any(axis=1).sum())

    assert touched(1.0) >= touched(1e-3)
