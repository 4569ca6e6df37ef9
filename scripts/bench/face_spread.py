"""Vectors that lie as those of real faces do, of any number and dimension: resampled from what is stored of LFW.

Of the stored 256-d vectors of 13,233 faces, the covariance within people (of those with two photographs or more) and
between people is taken, in the directions of their sum. To another dimension the logarithms of both spectra are
interpolated over the share of directions. A person is a draw of the second, a photograph the person plus a draw of the
first; all of it is turned by one random rotation, so that no number carries more than the others, and scaled to unit
length. Run as a program at 256 numbers, it shows the distances beside the real ones: the middle agrees, but some real
photographs of one person differ more from each other, and some less.

    python scripts/bench/face_spread.py
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from reporting import arguments

from identity.core.distance import unit_vectors

STORED = Path("faces") / "lfw" / "embeddings_face_reid_0095.npz"
BLOCK_ROWS = 65_536
QUANTILES = (0.001, 0.01, 0.5, 0.99)


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviations (dim,) within a person and between people, and the rotation (dim, dim) of all."""

    within: np.ndarray
    between: np.ndarray
    rotation: np.ndarray

    def people(self, count: int, *, seed: int) -> np.ndarray:
        """What people (count, dim) have in common over their photographs."""
        drawn = np.random.default_rng(seed).normal(size=(count, len(self.between))).astype(np.float32)
        return drawn * self.between.astype(np.float32)

    def photographs(self, people: np.ndarray, who: np.ndarray, *, seed: int) -> np.ndarray:
        """Unit vectors (n, dim), one of each of these people (n,)."""
        rng, made = np.random.default_rng(seed), np.empty((len(who), len(self.within)), np.float32)
        for low in range(0, len(who), BLOCK_ROWS):
            part = who[low : low + BLOCK_ROWS]
            noise = rng.standard_normal((len(part), len(self.within)), np.float32) * self.within.astype(np.float32)
            made[low : low + len(part)] = unit_vectors((people[part] + noise) @ self.rotation)
        return made


def stored_faces(data: Path) -> tuple[np.ndarray, np.ndarray]:
    """Vectors and people (n,) of LFW."""
    stored = np.load(data / STORED)
    _, who = np.unique([name.split("/")[0] for name in stored["files"].tolist()], return_inverse=True)
    return unit_vectors(stored["emb"].astype(np.float32)), who


def spread_of_faces(data: Path, dim: int) -> Spread:
    """As the stored faces have it, for another dimension."""
    vectors, who = stored_faces(data)
    counts = np.bincount(who)
    means = np.stack([np.bincount(who, column) for column in vectors.T], axis=1) / counts[:, None]
    again = counts[who] > 1
    free = int((counts[counts > 1] - 1).sum())
    noise = (vectors - means[who])[again].astype(np.float64)
    within = noise.T @ noise / free
    between = np.cov(means.T) - within * float((1 / counts).mean())
    _, directions = np.linalg.eigh(within + between)
    spectra = [np.maximum(np.diag(directions.T @ one @ directions)[::-1], 1e-9) for one in (within, between)]
    at, old = (np.arange(dim) + 0.5) / dim, (np.arange(len(directions)) + 0.5) / len(directions)
    resampled = [np.sqrt(np.exp(np.interp(at, old, np.log(one))) * len(directions) / dim) for one in spectra]
    rotation, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(dim, dim)))
    return Spread(resampled[0], resampled[1], rotation.astype(np.float32))


def quantiles(vectors: np.ndarray, who: np.ndarray) -> str:
    """Of distances of the same person, and of different ones."""
    chosen = np.random.default_rng(0).permutation(len(vectors))[:4000]
    distances, same = 1 - vectors[chosen] @ vectors[chosen].T, who[chosen, None] == who[chosen]
    pairs = np.triu(np.ones(distances.shape, bool), 1)
    of = [np.quantile(distances[pairs & kind], QUANTILES).round(3).tolist() for kind in (same, ~same)]
    return f"same {of[0]}, different {of[1]}"


def main() -> None:
    asked = arguments(__doc__).parse_args()
    vectors, who = stored_faces(asked.data)
    print(f"quantiles {QUANTILES} of distances")
    print("stored:   ", quantiles(vectors, who))
    spread = spread_of_faces(asked.data, vectors.shape[1])
    drawn = spread.photographs(spread.people(who.max() + 1, seed=1), who, seed=2)
    print("face-like:", quantiles(drawn, who))


if __name__ == "__main__":
    main()
