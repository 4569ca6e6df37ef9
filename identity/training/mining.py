"""Triplet loss over a whole batch with smooth mining: from all triplets to the hardest ones as the temperature falls.

After Hermans, Beyer, Leibe 2017 ("In defense of the triplet loss": batch-hard) and Sun et al. 2020 ("Circle loss":
its smooth form). Batch-hard from the start collapses to one point, above all with strangers among the negatives;
a high temperature at first is the warm-up. Distances are squared Euclidean between unit vectors, 0..4.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

NEVER = 1e4


def hard_triplet_loss(vectors: Any, labels: Any, *, margin: float, temperature: Any) -> Any:
    """Mean over anchors of softplus(hardest positive - hardest negative + margin), in units of distance.

    `vectors` (n, dim) unit rows, `labels` (n,) int. A negative label is a loner: a negative of everybody,
    an anchor never. Hardest is a soft maximum (minimum) at `temperature`; as that goes to 0 this is batch-hard.
    """
    far = 2.0 - 2.0 * tf.matmul(vectors, vectors, transpose_b=True)
    positive, negative = pairs(labels)
    hardest_positive = soft_maximum(far, positive, temperature)
    hardest_negative = -soft_maximum(-far, negative, temperature)
    hinge = temperature * tf.nn.softplus((hardest_positive - hardest_negative + margin) / temperature)
    anchors = tf.cast(tf.reduce_any(positive, axis=1), tf.float32)
    return tf.reduce_sum(hinge * anchors) / tf.maximum(tf.reduce_sum(anchors), 1.0)


def pairs(labels: Any) -> tuple[Any, Any]:
    """Which pairs (n, n) are anchor and positive, nobody being its own, and which anchor and negative."""
    equal = labels[:, None] == labels[None, :]
    known = labels >= 0
    itself = tf.eye(tf.shape(labels)[0], dtype=tf.bool)
    return equal & known[:, None] & ~itself, known[:, None] & ~equal


def soft_maximum(values: Any, chosen: Any, temperature: Any) -> Any:
    """Row-wise temperature * log mean exp(value / temperature) over the chosen entries."""
    count = tf.reduce_sum(tf.cast(chosen, tf.float32), axis=1)
    total = tf.reduce_logsumexp(tf.where(chosen, values / temperature, -NEVER), axis=1)
    return temperature * (total - tf.math.log(tf.maximum(count, 1.0)))
