"""Hold what a search found against the table before it is said: an index is a cache, and a cache can be damaged.

A known verdict is confirmed sample by sample: the table has them, with these identities, and their stored vectors,
crc32 checked, lie where the index said. What is shown beside it has to be in the table under the same identity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from identity.core.distance import cosine_distance
from identity.core.ports import GalleryStore
from identity.core.types import NO_ID, Ids, Nearest, Sample, Vectors, Verdict
from identity.core.verdict import VERDICTS, Decisions

TOLERANCE = 1e-4  # of a cosine distance: a sum in float32 depends on its order
PORTION = 2048  # probes whose vectors are held at once


def known_verdicts_hold(probes: Vectors, found: Nearest, decisions: Decisions, store: GalleryStore) -> bool:
    """Whether every known verdict about probes (n, dim) stands on samples that the table has where the index has them.

    Raises `StoreError` where a vector is damaged in the table itself.
    """
    known = np.flatnonzero(decisions.codes == VERDICTS.index(Verdict.KNOWN))
    parts = np.split(known, range(PORTION, len(known), PORTION))
    return all(_hold(probes, part, found, decisions, store) for part in parts if len(part))


def _hold(
    probes: Vectors, known: NDArray[np.intp], found: Nearest, decisions: Decisions, store: GalleryStore
) -> bool:
    identities = decisions.identities[decisions.best[known]]
    columns, k = np.searchsorted(found.identities, identities), decisions.calibration.k
    ids, said = found.ids[known, columns, :k], found.distances[known, columns, :k]  # (m, k)
    table = store.vectors(np.unique(ids).tolist())
    if not np.isin(ids, table.ids).all():
        return False
    at = np.searchsorted(table.ids, ids)
    real = cosine_distance(np.einsum("md,mkd->mk", probes[known], table.vectors[at]))
    return bool((table.identities[at] == identities[:, None]).all() and (np.abs(real - said) <= TOLERANCE).all())


def shown_samples_hold(
    ids: Ids, identities: Ids, rows: Mapping[int, Sample], names: Mapping[int, str]
) -> bool:
    """Whether the table has every sample (n, k) that is shown, under the identity that the index has it under."""
    return all(
        sample == NO_ID or (sample in rows and rows[sample].identity == names.get(identity))
        for sample, identity in _pairs(ids, identities)
    )


def _pairs(ids: Ids, identities: Ids) -> Sequence[tuple[int, int]]:
    pairs = np.unique(np.stack([ids.ravel(), identities.ravel()], axis=1), axis=0)
    return [(int(sample), int(identity)) for sample, identity in pairs]
