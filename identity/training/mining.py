"""Triplet losses over a whole batch, after Schroff et al. 2015 (FaceNet) and Hermans et al. 2017 (batch-hard).

Distances are squared Euclidean between unit vectors, 0..4. Strangers are negatives of every anchor and anchors of none.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

FAR = 1e3


def batch_all(vectors: Any, labels: Any, strangers: Any, *, margin: float) -> Any:
    """Mean hinge over all triplets that still violate the margin: gentle enough to start from scratch."""
    positive, negative, to_strangers = _distances(vectors, labels, strangers)
    same, other = _same(labels)
    everyone = tf.concat([negative, to_strangers], axis=1)
    is_negative = tf.concat([other, tf.ones_like(to_strangers, tf.bool)], axis=1)
    hinge = tf.nn.relu(positive[:, :, None] - everyone[:, None, :] + margin)
    valid = tf.cast(same[:, :, None] & is_negative[:, None, :], tf.float32)
    violated = tf.cast(hinge > 0, tf.float32) * valid
    return tf.reduce_sum(hinge * valid) / tf.maximum(tf.reduce_sum(violated), 1.0)


def batch_hard(vectors: Any, labels: Any, strangers: Any, *, margin: float) -> Any:
    """Each anchor's farthest positive against its nearest other digit, and against its nearest stranger."""
    positive, negative, to_strangers = _distances(vectors, labels, strangers)
    same, other = _same(labels)
    farthest = tf.reduce_max(tf.where(same, positive, 0.0), axis=1)
    nearest = tf.reduce_min(tf.where(other, negative, FAR), axis=1)
    stranger = tf.reduce_min(to_strangers, axis=1)
    return tf.reduce_mean(tf.nn.relu(farthest - nearest + margin) + tf.nn.relu(farthest - stranger + margin))


def _distances(vectors: Any, labels: Any, strangers: Any) -> tuple[Any, Any, Any]:
    del labels
    among = 2.0 - 2.0 * tf.matmul(vectors, vectors, transpose_b=True)
    return among, among, 2.0 - 2.0 * tf.matmul(vectors, strangers, transpose_b=True)


def _same(labels: Any) -> tuple[Any, Any]:
    """Which pairs of the batch are (anchor, positive), an anchor not being its own, and which are other digits."""
    equal = labels[:, None] == labels[None, :]
    return equal & ~tf.eye(tf.shape(labels)[0], dtype=tf.bool), ~equal
