"""Who is meant: a cluster by its number (`c12`, or 12 where nobody bears that name), or a person by a name.

A name stands for the named samples and for the clusters they lie in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from identity.core.clusters import NOISE, ClusterPlaces, LabelChanges
from identity.core.errors import NotFoundError
from identity.core.types import NO_ID, Ids
from identity.workflows.cluster.constraints import Rows


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who is meant: their rows, their identity (NO_ID where nobody named them), and what they were called."""

    rows: Rows
    identity: int
    called: str


@dataclass(frozen=True, slots=True)
class Gathering:
    """A gallery's state with its names, as decisions need them."""

    gallery: str
    state: ClusterPlaces
    names: Mapping[int, str]

    def find(self, who: str) -> Somebody:
        """The rows of a cluster or of a name. Raises `NotFoundError`."""
        by_name = {name: identity for identity, name in self.names.items()}
        if who in by_name:
            return self._find_by_name(by_name[who], who)
        number = re.fullmatch(r"c?(\d+)", who)
        rows = np.flatnonzero(self.state.labels == int(number[1])) if number else np.empty(0, np.intp)
        if not len(rows):
            raise NotFoundError(
                f"gallery '{self.gallery}' has no cluster and nobody called '{who}': "
                f"see 'identity people list -g {self.gallery}'"
            )
        told = self.state.identities[rows]
        identities, counts = np.unique(told[told != NO_ID], return_counts=True)
        return Somebody(rows, int(identities[np.argmax(counts)]) if len(identities) else NO_ID, who)

    def _find_by_name(self, identity: int, who: str) -> Somebody:
        own = self.state.identities == identity
        clusters = self.state.labels[own & (self.state.labels != NOISE)]
        told = self.state.identities
        rows = own | (np.isin(self.state.labels, clusters) & (told == NO_ID))
        return Somebody(np.flatnonzero(rows), identity, who)

    def rows_of(self, samples: Sequence[int], among: Somebody) -> Rows:
        """Rows of sample ids that must be of somebody. Raises `NotFoundError`."""
        ids = self.state.ids
        strange = sorted(set(samples) - set(ids[among.rows].tolist()))
        if strange:
            raise NotFoundError(
                f"sample {strange[0]} is not of '{among.called}': see 'identity people show {among.called} "
                f"-g {self.gallery}'"
            )
        return np.searchsorted(ids, np.unique(np.array(samples, np.int64)))

    def edit(self, rows: Rows, clusters: Ids | int) -> LabelChanges:
        """These rows lie in these clusters from now on."""
        labels = np.broadcast_to(np.asarray(clusters, np.int64), rows.shape)
        return LabelChanges(self.state.ids[rows], labels.copy(), self.state.core[rows])

    def ids(self, rows: Rows) -> Ids:
        """Sample ids of rows."""
        chosen: Ids = self.state.ids[rows]
        return chosen
