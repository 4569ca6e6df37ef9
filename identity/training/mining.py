"""The triplet loss of a whole batch, mined softly.

Every anchor is compared with its farthest positive and its nearest negative (batch-hard: Hermans, Beyer & Leibe 2017),
both taken as smooth maxima, so that at low sharpness all triplets of the batch pull, and at high sharpness the hardest
do. Started hard, the network collapses to a point; sharpness therefore rises while it warms up. Distances are squared
Euclidean between unit vectors, 0..4. Strangers are negatives of every anchor and anchors of none.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

NEVER = -1e9


def soft_batch_hard(vectors: Any, labels: Any, strangers: Any, *, margin: float, sharpness: Any) -> Any:
    """Mean over anchors and both kinds of negatives of softplus(farthest positive - nearest negative + margin).

    `vectors` (n, dim) and `strangers` (m, dim) are unit rows, `labels` (n,), `sharpness` > 0: the limit of a large one
    is the hinge of the hardest triplet.
    """
    among = 2.0 - 2.0 * tf.matmul(vectors, vectors, transpose_b=True)
    to_strangers = 2.0 - 2.0 * tf.matmul(vectors, strangers, transpose_b=True)
    equal = labels[:, None] == labels[None, :]
    positive = equal & ~tf.eye(tf.shape(labels)[0], dtype=tf.bool)
    farthest = tf.reduce_logsumexp(tf.where(positive, sharpness * among, NEVER), axis=1)
    nearest = tf.reduce_logsumexp(tf.where(equal, NEVER, -sharpness * among), axis=1)
    stranger = tf.reduce_logsumexp(-sharpness * to_strangers, axis=1)
    apart = tf.nn.softplus(farthest + nearest + sharpness * margin)
    away = tf.nn.softplus(farthest + stranger + sharpness * margin)
    return tf.reduce_mean(apart + away) / sharpness
