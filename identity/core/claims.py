"""The samples that a search found nearest to each probe, whichever identity they have: what an answer shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from identity.core.nearest import Nearest, Rows, firsts
from identity.core.types import NO_ID, Distances, Ids


@dataclass(frozen=True, slots=True)
class Claims:
    """Samples (n, k) that the index found near n probes, with distance and identity id; NO_ID where there is none."""

    ids: Ids
    distances: Distances
    identities: Ids

    @classmethod
    def none(cls, n: int, k: int) -> Claims:
        """Nothing found, to be filled."""
        return cls(np.full((n, k), NO_ID), np.full((n, k), np.inf, np.float32), np.full((n, k), NO_ID))

    def of(self, probes: slice) -> Claims:
        """Those about some of the probes."""
        return Claims(self.ids[probes], self.distances[probes], self.identities[probes])

    def beside(self, others: Claims) -> Claims:
        """These and others about the same probes, to be looked up at once: of a sample that both have, once."""
        both = (others.ids[:, :, None] == self.ids[:, None, :]).any(axis=2)
        return Claims(
            np.concatenate([self.ids, np.where(both, NO_ID, others.ids)], axis=1),
            np.concatenate([self.distances, others.distances], axis=1),
            np.concatenate([self.identities, others.identities], axis=1),
        )


def nearest_samples(found: Nearest, *, k: int) -> Claims:
    """The k nearest samples of each probe over all identities, nearest first, the lower id first among equals."""
    claims, width = Claims.none(len(found), k), found.distances.shape[1]
    entries = _short_list(found, k)
    probes, rows = found.probes[entries // width], entries // width
    distances, ids = found.distances.ravel()[entries], found.ids.ravel()[entries]
    order = np.lexsort((ids, distances, probes))
    places, probe, rank = firsts(probes[order], n=len(found), k=k)
    chosen = order[places]
    claims.ids[probe, rank], claims.distances[probe, rank] = ids[chosen], distances[chosen]
    claims.identities[probe, rank] = found.identities[rows[chosen]]
    return claims


def _short_list(found: Nearest, k: int) -> Rows:
    """Entries of `distances` that may be among the k nearest of their probe: few of them need sorting."""
    counts, real = np.diff(found.offsets), np.isfinite(found.distances)
    if len(counts) and (counts == counts[0]).all() and (each := int(counts[0]) * real.shape[1]) > k:
        by_probe = found.distances.reshape(len(counts), each)
        farthest = np.partition(by_probe, k - 1, axis=1)[:, k - 1]
        real &= (by_probe <= farthest[:, None]).reshape(real.shape)
    return np.flatnonzero(real)
