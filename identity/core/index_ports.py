"""What the workflows ask of a search: an index of one moment, and the files that it is opened from."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from identity.core.nearest import Nearest, Sought
from identity.core.search_state import SearchState, Snapshot
from identity.core.types import Distances, GalleryRecord, Ids, Labelled, Vectors


class Index(Protocol):
    """Searches one gallery's samples; disposable, the store is the truth. Never mutated after it was made."""

    @property
    def identities(self) -> Ids:
        """Identity ids (c,) of all that may be found, ascending."""
        ...

    def listed(self, sought: Sought) -> int:
        """How many identities a search lists for a probe, as a rule: what bounds the memory of many probes."""
        ...

    def search(self, probes: Vectors, *, sought: Sought) -> Nearest:
        """What is sought near each probe (n, dim), with exact float32 distances.

        Guaranteed: every identity c with s_c(x) <= `sought.reach` is listed, s_c being the distance to its k-th nearest
        sample, with its exact distance; and so are the identities and the samples that are sought as the nearest ones.
        Of any other identity only this is said: its k-th nearest sample is farther than `Nearest.horizon`.
        """
        ...

    def own(self, probes: Vectors, identities: Ids, *, k: int) -> Distances:
        """Distances (n, k) of each probe to the k nearest samples of the one identity given with it; inf: none."""
        ...


class Snapshots(Protocol):
    """Makes indexes out of what the store says, with a file per gallery as a cache."""

    def index(self, state: SearchState) -> Index:
        """The whole search set; raises `IndexFileError` where the snapshot's file does not fit."""
        ...

    def writing(self, gallery: GalleryRecord) -> AbstractContextManager[None]:
        """A block in which no other process writes or sweeps files of this gallery."""
        ...

    def write(self, gallery: GalleryRecord, labelled: Labelled) -> Snapshot:
        """A new snapshot file; it counts once the store has published it."""
        ...

    def sweep(self, gallery: GalleryRecord, *, keep: Snapshot | None) -> None:
        """Delete the gallery's other files; only inside `writing`."""
        ...
