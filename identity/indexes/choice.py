"""Makes the index that a gallery's shape asks for."""

from __future__ import annotations

import numpy as np

from identity.core.search_engine import SearchEngine, engine_for
from identity.core.types import NO_ID, Ids, Labelled
from identity.indexes.certified import Certified
from identity.indexes.flat import Flat


def has_many(identities: Ids, bounds: Ids) -> bool:
    """Whether a gallery of this shape has so many small identities that looking for each of them costs too much."""
    named = identities != NO_ID
    samples, of_named = int(bounds[-1]), int(np.diff(bounds)[named].sum())
    engine = engine_for(samples=samples, named=of_named, identities=int(named.sum()))
    return engine is SearchEngine.CERTIFIED


def in_memory(labelled: Labelled) -> Flat | Certified:
    """An index over vectors in any order, of the kind that its shape asks for."""
    rows = Flat.over(labelled)
    return Certified.over(rows) if has_many(rows.slices, rows.bounds) else rows
