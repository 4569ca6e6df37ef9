"""The unnamed cluster that an unknown face would be put into."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LikeCluster:
    """An unnamed cluster, of which a core sample lies within the `eps` of its run, at `distance` from a probe."""

    id: int
    photographs: int
    eps: float
    distance: float = 0.0
