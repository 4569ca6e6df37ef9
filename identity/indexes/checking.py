"""Compares a snapshot file with the table it was built from, number by number: opening it checks only its footer."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from identity.core.errors import IndexFileError
from identity.core.ports import gather
from identity.core.scan_bounds import quantise
from identity.core.search_state import SearchState
from identity.core.types import Labelled
from identity.indexes.certified import Certified
from identity.indexes.slices import by_identity
from identity.indexes.snapshot import open_snapshot


def difference(folder: Path, state: SearchState, table: Labelled) -> str | None:
    """In what the snapshot in force differs from the gallery samples in `table`; None where it does not."""
    if state.snapshot is None:
        return None
    try:
        stored = open_snapshot(folder, state.snapshot)
    except IndexFileError as error:
        return str(error)
    codes = stored.codes if isinstance(stored, Certified) else None
    stored = stored.rows if isinstance(stored, Certified) else stored
    if codes is not None and not np.array_equal(codes.integers, quantise(stored.vectors)[0]):
        return "its codes are not those of its vectors"
    alive = ~np.isin(stored.ids, state.superseded)
    expected, _, _ = by_identity(gather(table, ~np.isin(table.ids, state.later.ids)))
    named = np.repeat(stored.slices, np.diff(stored.bounds))[alive]
    if not np.array_equal(stored.ids[alive], expected.ids) or not np.array_equal(named, expected.identities):
        return "it holds other samples than the table"
    changed = (stored.vectors[alive] != expected.vectors).any(axis=1)
    return f"{int(changed.sum())} of its vectors are not those of the table" if changed.any() else None
