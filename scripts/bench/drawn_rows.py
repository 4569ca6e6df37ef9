"""A store of drawn samples in memory, for benchmarks of what a search costs without the database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from identity.core.ports import gather
from identity.core.types import Box, Labelled, Role, Sample


@dataclass(frozen=True)
class RowsInMemory:
    """The rows of the samples as a store gives them: what a search with its confirmation costs without the database."""

    held: Labelled  # by ascending id

    def samples(self, ids: list[int]) -> dict[int, Sample]:
        """Each with the name that `query_rows` gives its identity."""
        rows = self._rows
        return {id_: rows[id_] for id_ in ids}

    @cached_property
    def _rows(self) -> dict[int, Sample]:
        """All of them, made once: in a store it is the database that takes the time."""
        box, named = Box(0, 0, 1, 1), zip(self.held.ids.tolist(), self.held.identities.tolist(), strict=True)
        return {id_: Sample(id_, str(name), Role.GALLERY, "drawn", None, box, 1.0) for id_, name in named}

    def vectors(self, ids: list[int]) -> Labelled:
        """As they were drawn."""
        return gather(self.held, np.searchsorted(self.held.ids, ids))
