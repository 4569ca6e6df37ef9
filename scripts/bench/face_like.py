"""Vectors that lie as faces do, for benchmarks: the covariances of stored LFW vectors, drawn anew.

`face_like` takes the 13,233 stored LFW vectors of face-reid-0095 (256 numbers). The covariance within people is that
of the differences from each person's mean, over everybody with 2 or more photographs; that between people is the
covariance of one photograph of each person less the one within. Both are normal draws: a centre for each person, and
each photograph's own deviation, scaled by a factor between 0.6 and 1.4 of its person as the quality of photographs
varies. For another dimension, both keep the order and the shape of their spectrum: it is interpolated over the axes'
relative rank, in the basis of the whole set's axes, and scaled to its total. People's sizes fall as
1/rank^0.8. `isotropic` draws have no structure at all.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

STORED = Path("faces") / "lfw" / "embeddings_face_reid_0095.npz"
AT_ONCE = 1 << 14


def lfw(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The stored vectors (13233, 256) of unit length, and who they show (n,)."""
    with np.load(folder / STORED) as stored:
        vectors = stored["emb"].astype(np.float32)
        who = np.unique([str(name).rsplit("/", 1)[0] for name in stored["files"]], return_inverse=True)[1]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), who


@cache
def factors(folder: Path, dim: int) -> tuple[np.ndarray, np.ndarray]:
    """What standard normal draws (dim,) are multiplied with, within people and between them: (dim, dim) each."""
    vectors, who = lfw(folder)
    count = np.bincount(who)
    means = np.stack([np.bincount(who, weights=column) for column in vectors.T], axis=1) / count[:, None]
    several = count[who] > 1
    away = (vectors - means[who])[several]
    within = away.T @ away / (several.sum() - np.count_nonzero(count > 1))
    _, one_each = np.unique(who, return_index=True)
    between = np.cov(vectors[one_each].T) - within
    axes = np.linalg.eigh(np.cov(vectors.T))[1][:, ::-1]
    return tuple(_root(_resized(axes.T @ covariance @ axes, dim)) for covariance in (within, between))


def _resized(covariance: np.ndarray, dim: int) -> np.ndarray:
    """The same total over another number of axes; between axes of neighbouring rank as much as there was."""
    stored = len(covariance)
    if dim == stored:
        return covariance
    rank = (np.arange(dim) + 0.5) * stored / dim - 0.5
    variances = np.interp(rank, np.arange(stored), np.diag(covariance).clip(0))
    return np.diag(variances * np.trace(covariance) / variances.sum())


def _root(covariance: np.ndarray) -> np.ndarray:
    values, axes = np.linalg.eigh(covariance)
    return (np.sqrt(values.clip(0)) * axes).T.astype(np.float32)


def face_like(n: int, dim: int, people: int, seed: int, *, folder: Path) -> np.ndarray:
    """Unit vectors (n, dim) float32 of so many people, in random order."""
    rng = np.random.default_rng(seed)
    within, between = factors(folder, dim)
    weights = np.arange(1, people + 1) ** -0.8
    who = rng.choice(people, p=weights / weights.sum(), size=n)
    centres = rng.standard_normal((people, dim), np.float32) @ between
    quality = rng.uniform(0.6, 1.4, size=people).astype(np.float32)
    turn = np.linalg.qr(rng.standard_normal((dim, dim)))[0].astype(np.float32)  # no axis is given away
    vectors = np.empty((n, dim), np.float32)
    for at in range(0, n, AT_ONCE):
        part = who[at : at + AT_ONCE]
        drawn = centres[part] + quality[part, None] * (rng.standard_normal((len(part), dim), np.float32) @ within)
        vectors[at : at + AT_ONCE] = drawn @ turn
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def isotropic(n: int, dim: int, seed: int) -> np.ndarray:
    """Unit vectors (n, dim) float32 in any direction alike."""
    vectors = np.random.default_rng(seed).standard_normal((n, dim), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
