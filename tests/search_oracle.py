"""What a search must find, by looking at every vector in float64; and vectors that are hard to tell apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from identity.core.claims import nearest_samples
from identity.core.distance import cosine_distance, unit_vectors
from identity.core.nearest import Nearest, Sought
from identity.core.types import NO_ID, Labelled, Vectors


@dataclass(frozen=True)
class Oracle:
    """All distances of all samples to all probes."""

    held: Labelled
    distances: np.ndarray  # (n, samples)

    @classmethod
    def of(cls, held: Labelled, probes: Vectors) -> Oracle:
        products = probes.astype(np.float64) @ held.vectors.astype(np.float64).T
        return cls(held, cosine_distance(products.astype(np.float32)))

    def kth(self, probe: int, identity: int, k: int) -> float:
        own = np.sort(self.distances[probe, self.held.identities == identity])
        return float(own[k - 1]) if len(own) >= k else np.inf

    def nearest(self, probe: int, k: int) -> tuple[list[int], list[float]]:
        order = np.lexsort((self.held.ids, self.distances[probe]))[:k]
        return self.held.ids[order].tolist(), self.distances[probe, order].tolist()


def check(found: Nearest, oracle: Oracle, sought: Sought) -> None:
    """Everything that is guaranteed, and nothing said that is not so."""
    identities = np.unique(oracle.held.identities)
    shown = nearest_samples(found, k=sought.samples)
    for probe in range(len(found)):
        rows = slice(found.offsets[probe], found.offsets[probe + 1])
        listed = dict(zip(found.identities[rows].tolist(), found.distances[rows, sought.k - 1].tolist(), strict=True))
        assert list(listed) == sorted(listed)
        own = {one: np.sort(oracle.distances[probe, oracle.held.identities == one]) for one in identities.tolist()}
        truth = {one: float(near[sought.k - 1]) if len(near) >= sought.k else np.inf for one, near in own.items()}
        reach = float(np.broadcast_to(sought.reach, len(found))[probe])
        for identity, distance in truth.items():
            if np.isinf(distance) or distance > max(reach, found.horizon[probe]):
                assert listed.get(identity, np.inf) >= distance
            else:
                assert listed[identity] == distance
        best = dict(zip(found.identities[rows].tolist(), found.distances[rows, 0].tolist(), strict=True))
        named = sorted((distance, float(own[one][0]), one) for one, distance in truth.items() if one != NO_ID)
        ours = sorted((distance, best[one], one) for one, distance in listed.items() if one != NO_ID)
        assert ours[: sought.identities] == named[: sought.identities]
        ids, distances = oracle.nearest(probe, sought.samples)
        assert shown.ids[probe, : len(ids)].tolist() == ids
        assert shown.distances[probe, : len(ids)].tolist() == distances
        _check_unlisted(found, oracle, probe, truth, sought.k)


def _check_unlisted(found: Nearest, oracle: Oracle, probe: int, truth: dict[int, float], k: int) -> None:
    """A sample that is not listed is beyond the horizon, or its identity's k-th is, or k that are nearer are listed."""
    rows = slice(found.offsets[probe], found.offsets[probe + 1])
    missing = ~np.isin(oracle.held.ids, found.ids[rows])
    full = found.identities[rows][np.isfinite(found.distances[rows, k - 1])].tolist()
    far = [one for one, distance in truth.items() if distance > found.horizon[probe]]
    free = missing & ~np.isin(oracle.held.identities, full + far)
    assert (oracle.distances[probe, free] > found.horizon[probe]).all()


def hard_vectors(kind: str, n: int, dim: int, rng: np.random.Generator) -> Vectors:
    """Unit vectors (n, dim) whose distances are equal, extreme or all in few directions."""
    drawn = rng.normal(size=(n, dim))
    first, some = drawn[:1].copy(), rng.integers(0, max(1, n // 8), n)
    signs = rng.choice([-1.0, 1.0], (n, 1))
    made = {
        "any": drawn,
        "equal": np.repeat(first, n, axis=0),
        "duplicates": drawn[some],
        "antipodes": signs * drawn[some],
        "flat": signs * np.eye(dim)[:1],
        "denormal": signs * np.eye(dim)[:1] + 1e-41 * drawn,
        "axes": signs * np.eye(dim)[rng.integers(0, dim, n)],
        "close": first + 1e-6 * drawn,
        "uneven": drawn * 10.0 ** -np.arange(dim),
    }
    return unit_vectors(made[kind])


KINDS = ["any", "equal", "duplicates", "antipodes", "flat", "denormal", "axes", "close", "uneven"]
