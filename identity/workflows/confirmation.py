"""Hold what a search found against the table before it is said: an index is a cache, and a cache can be damaged.

Every sample that is shown, and every one that a known verdict stands on, has to be in the table under the identity that
the index has it under, and its stored vector, crc32 checked, where the index said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.core.distance import cosine_distance
from identity.core.ports import GalleryStore
from identity.core.types import NO_ID, Distances, Ids, Nearest, Vectors, Verdict
from identity.core.verdict import VERDICTS, Decisions

TOLERANCE = 1e-4  # of a cosine distance: a sum of thousands of float32 depends on its order
PORTION = 2048  # probes whose vectors are held at once


@dataclass(frozen=True, slots=True)
class Claims:
    """Samples (n, k) that the index found near n probes, with distance and identity id; NO_ID where there is none."""

    ids: Ids
    distances: Distances
    identities: Ids

    def of(self, probes: slice) -> Claims:
        """Those about some of the probes."""
        return Claims(self.ids[probes], self.distances[probes], self.identities[probes])

    def beside(self, others: Claims) -> Claims:
        """These and others about the same probes, to be looked up at once."""
        return Claims(
            np.concatenate([self.ids, others.ids], axis=1),
            np.concatenate([self.distances, others.distances], axis=1),
            np.concatenate([self.identities, others.identities], axis=1),
        )


def grounds(found: Nearest, decisions: Decisions) -> Claims:
    """What the verdicts about n probes stand on: the k nearest samples of the identity, for those that are known."""
    known = np.flatnonzero(decisions.codes == VERDICTS.index(Verdict.KNOWN))
    n, k = len(decisions), decisions.calibration.k
    claims = Claims(np.full((n, k), NO_ID), np.full((n, k), np.inf, np.float32), np.full((n, k), NO_ID))
    identities = decisions.identities[decisions.best[known]] if len(known) else np.empty(0, np.int64)
    columns = np.searchsorted(found.identities, identities)
    claims.ids[known], claims.distances[known] = found.ids[known, columns, :k], found.distances[known, columns, :k]
    claims.identities[known] = identities[:, None]
    return claims


def hold(probes: Vectors, claims: Claims, store: GalleryStore) -> bool:
    """Whether the table has every sample claimed, where it is claimed to be, of probes (n, dim).

    Raises `StoreError` where a vector is damaged in the table itself.
    """
    parts = (slice(low, low + PORTION) for low in range(0, len(probes), PORTION))
    return all(_hold(probes[part], claims.of(part), store) for part in parts)


def _hold(probes: Vectors, claims: Claims, store: GalleryStore) -> bool:
    real = claims.ids != NO_ID
    if not real.any():
        return True
    table = store.vectors(np.unique(claims.ids[real]).tolist())
    if not np.isin(claims.ids[real], table.ids).all():
        return False
    at, rows = np.searchsorted(table.ids, claims.ids[real]), np.nonzero(real)[0]
    distances = cosine_distance(_row_products(probes[rows], table.vectors[at]))
    near = np.abs(distances - claims.distances[real]) <= TOLERANCE
    return bool(near.all() and (table.identities[at] == claims.identities[real]).all())


def _row_products(left: Vectors, right: Vectors) -> NDArray[np.float32]:
    """x.y of row after row."""
    return np.asarray(np.einsum("nd,nd->n", left, right), np.float32)
