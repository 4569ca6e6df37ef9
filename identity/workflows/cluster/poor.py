"""Faces too poor to found a cluster: they may join one, and hold no two together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from identity.core.clusters import ClusterState, Mask


def poor_rows(state: ClusterState, min_quality: float) -> Mask:
    """Which rows (n,) are of a lower quality; what was never measured is good."""
    poor = np.zeros(state.n, bool)
    poor[[row for row, quality in state.quality.items() if quality.value < min_quality]] = True
    return poor


def flaws(state: ClusterState, min_quality: float) -> Mapping[str, int]:
    """How many faces are of a lower quality, by what each lacks most, the most frequent first."""
    poor = (quality.flaw for quality in state.quality.values() if quality.value < min_quality)
    return {str(flaw): count for flaw, count in Counter(poor).most_common()}
