"""Two indexes searched as one: the snapshot, and the few samples that came or changed after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from identity.core.index_ports import Index
from identity.core.nearest import Nearest, Sought, merge
from identity.core.types import Distances, Ids, Vectors


@dataclass(frozen=True)
class Combined:
    """Searches every part and keeps the nearest per identity: what no part has within its horizon, none has."""

    parts: Sequence[Index]

    @property
    def identities(self) -> Ids:
        """Identity ids (c,) of all parts, ascending."""
        return np.unique(np.concatenate([part.identities for part in self.parts]))

    def listed(self, sought: Sought) -> int:
        """As many as the parts list."""
        return sum(part.listed(sought) for part in self.parts)

    def search(self, probes: Vectors, *, sought: Sought) -> Nearest:
        """What is sought over all parts."""
        each, count = np.unique(np.concatenate([part.identities for part in self.parts]), return_counts=True)
        sought = replace(sought, elsewhere=each[count > 1])
        return merge([part.search(probes, sought=sought) for part in self.parts], k=sought.width)

    def own(self, probes: Vectors, identities: Ids, *, k: int) -> Distances:
        """Distances (n, k) of each probe to the k nearest samples of the one identity given with it."""
        found = np.concatenate([part.own(probes, identities, k=k) for part in self.parts], axis=1)
        nearest: Distances = np.sort(found, axis=1)[:, :k]
        return nearest
