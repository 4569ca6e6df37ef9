"""Which engine searches a gallery: that follows from how many identities it has, and how large they are."""

from __future__ import annotations

import numpy as np

from identity.core.types import NO_ID, Ids, Labelled
from identity.indexes.certified import Certified
from identity.indexes.flat import Flat

MANY_SAMPLES, SMALL_IDENTITY = 4096, 256  # fewer samples, or larger identities on average: `Flat` is as fast


def has_many(identities: Ids, bounds: Ids) -> bool:
    """Whether a gallery of this shape has so many small identities that looking for each of them costs too much."""
    named = identities != NO_ID
    samples = int(np.diff(bounds)[named].sum())
    return len(bounds) > 1 and int(bounds[-1]) >= MANY_SAMPLES and samples < SMALL_IDENTITY * int(named.sum())


def in_memory(labelled: Labelled) -> Flat | Certified:
    """An index over vectors in any order, of the kind that its shape asks for."""
    rows = Flat.over(labelled)
    return Certified.over(rows) if has_many(rows.slices, rows.bounds) else rows
