"""A store of drawn samples in memory, for benchmarks of what a search costs without the database."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from identity.core.ports import gather
from identity.core.types import Box, Labelled, Role, Sample


@dataclass(frozen=True)
class RowsInMemory:
    """The rows of the samples as a store gives them: what a search with its confirmation costs without the database."""

    held: Labelled  # by ascending id

    def samples(self, ids: list[int]) -> dict[int, Sample]:
        """Each with the name that `query_rows` gives its identity."""
        box, at = Box(0, 0, 1, 1), np.searchsorted(self.held.ids, ids)
        named = zip(ids, self.held.identities[at].tolist(), strict=True)
        return {id_: Sample(id_, str(name), Role.GALLERY, "drawn", None, box, 1.0) for id_, name in named}

    def vectors(self, ids: list[int]) -> Labelled:
        """As they were drawn."""
        return gather(self.held, np.searchsorted(self.held.ids, ids))
