"""Vectors that lie as those of real faces do, of any number and dimension: drawn anew from what is stored of LFW.

Of the stored vectors of 13,233 faces (face-reid-0095, 256 numbers) come two covariances: within people, of the
differences from each person's mean over everybody with two photographs or more; and between people, that of the means
less what single photographs add to them. A person is a normal draw of the second, a photograph the person plus a draw
of the first, along the axes of their sum. For another dimension the logarithms of the variances along these axes are
interpolated over the axes' rank. All of it is turned by one random rotation, so that no number carries more than the
others, and scaled to unit length. `face_like` also lets people's numbers of photographs fall as 1/rank^0.8, and gives
each person a quality between 0.6 and 1.4 that widens or narrows the draws within. `isotropic` draws have no structure.

Run as a program it shows the distances drawn at 256 numbers beside the real ones: the middle agrees, but some real
photographs of one person differ more from each other, and some less.

    python scripts/bench/face_like.py
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from reporting import arguments

from identity.core.distance import unit_vectors

STORED = Path("faces") / "lfw" / "embeddings_face_reid_0095.npz"
BLOCK_ROWS = 65_536
LEAST_VARIANCE = 1e-9
QUALITY = (0.6, 1.4)
QUANTILES = (0.001, 0.01, 0.5, 0.99)


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviations (dim,) within a person and between people, and the rotation (dim, dim) of all."""

    within: np.ndarray
    between: np.ndarray
    rotation: np.ndarray

    def people(self, count: int, *, seed: int) -> np.ndarray:
        """What people (count, dim) have in common over their photographs."""
        drawn = np.random.default_rng(seed).normal(size=(count, len(self.between)))
        return drawn.astype(np.float32) * self.between

    def photographs(
        self, people: np.ndarray, who: np.ndarray, *, seed: int, quality: np.ndarray | None = None
    ) -> np.ndarray:
        """Unit vectors (n, dim) float32, one of each of these people (n,), who may differ in quality."""
        rng, made = np.random.default_rng(seed), np.empty((len(who), len(self.within)), np.float32)
        for low in range(0, len(who), BLOCK_ROWS):
            part = who[low : low + BLOCK_ROWS]
            noise = rng.standard_normal((len(part), len(self.within)), np.float32) * self.within
            noise *= 1 if quality is None else quality[part, None]
            made[low : low + len(part)] = unit_vectors((people[part] + noise) @ self.rotation)
        return made


def lfw(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The stored vectors (13233, 256) of unit length, and who they show (n,)."""
    with np.load(folder / STORED) as stored:
        _, who = np.unique([name.split("/")[0] for name in stored["files"].tolist()], return_inverse=True)
        return unit_vectors(stored["emb"].astype(np.float32)), who


def spread_of_faces(folder: Path, dim: int) -> Spread:
    """As the stored faces have it, for another dimension."""
    covariances = covariances_of(*lfw(folder))
    _, axes = np.linalg.eigh(sum(covariances))
    within, between = (_deviations(np.diag(axes.T @ one @ axes)[::-1], dim) for one in covariances)
    rotation, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(dim, dim)))
    return Spread(within, between, rotation.astype(np.float32))


def covariances_of(vectors: np.ndarray, who: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Within people and between them: (dim, dim) each."""
    counts = np.bincount(who)
    means = np.stack([np.bincount(who, column) for column in vectors.T], axis=1) / counts[:, None]
    again = counts[who] > 1
    noise = (vectors - means[who])[again].astype(np.float64)
    within = noise.T @ noise / int((counts[counts > 1] - 1).sum())
    return within, np.cov(means.T) - within * float((1 / counts).mean())


def _deviations(variances: np.ndarray, dim: int) -> np.ndarray:
    """Of as many axes as are wanted: the same share of the variance for the same share of the axes."""
    at, old = (np.arange(dim) + 0.5) / dim, (np.arange(len(variances)) + 0.5) / len(variances)
    logarithms = np.interp(at, old, np.log(np.maximum(variances, LEAST_VARIANCE)))
    return np.sqrt(np.exp(logarithms) * len(variances) / dim).astype(np.float32)


def face_like(n: int, dim: int, people: int, seed: int, *, folder: Path) -> np.ndarray:
    """Unit vectors (n, dim) float32 of so many people of uneven sizes and qualities, in random order."""
    rng, spread = np.random.default_rng(seed), spread_of_faces(folder, dim)
    weights = np.arange(1, people + 1) ** -0.8
    who = rng.choice(people, p=weights / weights.sum(), size=n)
    centres = rng.standard_normal((people, dim), np.float32) * spread.between
    quality = rng.uniform(*QUALITY, size=people).astype(np.float32)
    return spread.photographs(centres, who, seed=seed + 1, quality=quality)


def isotropic(n: int, dim: int, seed: int) -> np.ndarray:
    """Unit vectors (n, dim) float32 in any direction alike."""
    return unit_vectors(np.random.default_rng(seed).standard_normal((n, dim), np.float32))


def quantiles(vectors: np.ndarray, who: np.ndarray) -> str:
    """Of distances of the same person, and of different ones."""
    chosen = np.random.default_rng(0).permutation(len(vectors))[:4000]
    distances, same = 1 - vectors[chosen] @ vectors[chosen].T, who[chosen, None] == who[chosen]
    pairs = np.triu(np.ones(distances.shape, bool), 1)
    of = [np.quantile(distances[pairs & kind], QUANTILES).round(3).tolist() for kind in (same, ~same)]
    return f"same {of[0]}, different {of[1]}"


def main() -> None:
    asked = arguments(__doc__).parse_args()
    vectors, who = lfw(asked.data)
    print(f"quantiles {QUANTILES} of distances")
    print("stored:   ", quantiles(vectors, who))
    spread = spread_of_faces(asked.data, vectors.shape[1])
    people = spread.people(who.max() + 1, seed=1)
    print("face-like:", quantiles(spread.photographs(people, who, seed=2), who))


if __name__ == "__main__":
    main()
