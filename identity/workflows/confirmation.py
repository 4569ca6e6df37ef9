"""Hold what a search found against the table before it is said: an index is a cache, and a cache can be damaged.

Every sample that is shown, and every one that a known verdict stands on, has to be in the table under the identity that
the index has it under, and its stored vector, crc32 checked, where the index said.
"""

from __future__ import annotations

import numpy as np

from identity.core.answers import Verdict
from identity.core.claims import Claims
from identity.core.distance import cosine_distance, products_at
from identity.core.nearest import Nearest
from identity.core.ports import GalleryStore
from identity.core.types import NO_ID, Vectors
from identity.core.verdict import VERDICTS, Decisions

TOLERANCE = 1e-4  # of a cosine distance: a sum of thousands of float32 depends on its order
PORTION = 2048  # probes whose vectors are held at once


def grounds(found: Nearest, decisions: Decisions) -> Claims:
    """What the verdicts about n probes stand on: the k nearest samples of the identity, for those that are known."""
    known = np.flatnonzero(decisions.codes == VERDICTS.index(Verdict.KNOWN))
    k, rows = decisions.calibration.k, decisions.best[known]
    named, claims = found.named(), Claims.none(len(decisions), k)
    claims.ids[known], claims.distances[known] = named.ids[rows, :k], named.distances[rows, :k]
    claims.identities[known] = decisions.identities[rows][:, None]
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
    distances = cosine_distance(products_at(probes, rows, table.vectors, at))
    near = np.abs(distances - claims.distances[real]) <= TOLERANCE
    return bool(near.all() and (table.identities[at] == claims.identities[real]).all())
