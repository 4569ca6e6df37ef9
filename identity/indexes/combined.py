"""Two indexes searched as one: the snapshot, and the few samples that came or changed after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from identity.core.types import NO_ID, Ids, Nearest, Vectors
from identity.indexes.flat import Flat


@dataclass(frozen=True)
class Combined:
    """Searches every part and keeps the k nearest per identity."""

    parts: Sequence[Flat]

    @property
    def identities(self) -> Ids:
        """Identity ids (c,) of all parts, ascending."""
        return np.unique(np.concatenate([part.identities for part in self.parts]))

    def search(self, probes: Vectors, *, k: int) -> Nearest:
        """The k nearest samples of every identity over all parts."""
        return merge([part.search(probes, k=k) for part in self.parts], k=k)


def merge(found: Sequence[Nearest], *, k: int) -> Nearest:
    """The k nearest per identity out of several searches of the same probes."""
    identities = np.unique(np.concatenate([one.identities for one in found]))
    shape = (len(found[0].distances), len(identities), k * len(found))
    distances, ids = np.full(shape, np.inf, np.float32), np.full(shape, NO_ID, np.int64)
    for part, one in enumerate(found):
        columns = np.searchsorted(identities, one.identities)
        distances[:, columns, part * k : (part + 1) * k] = one.distances
        ids[:, columns, part * k : (part + 1) * k] = one.ids
    order = np.argsort(distances, axis=2, kind="stable")[:, :, :k]
    return Nearest(identities, np.take_along_axis(distances, order, 2), np.take_along_axis(ids, order, 2))
